package record

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const sample = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12.5Z"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"system","text":"be brief"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"user","text":"one?","model":"m1"}
{"kind":"message","time":"2026-11-21T23:45:13Z","role":"assistant","text":"eins","model":"m1-2026","state":"complete"}
{"kind":"title","time":"2026-11-21T23:46:00Z","text":"zählen"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"user","text":"two?","model":"m1"}
{"kind":"error","time":"2026-11-21T23:46:13Z","why":"net","text":"no network"}
`

// saidIn returns what the records of a parse hold.
func saidIn(p Contents) []string {
	var all []string
	if p.Header.Kind != "" {
		all = append(all, "session "+p.Header.ID)
	}
	for _, r := range p.Records {
		all = append(all, fmt.Sprint(r.Kind, " ", r.Role, " ", r.Text))
	}
	return all
}

func TestParse(t *testing.T) {
	lines := strings.SplitAfter(sample, "\n")
	whole := saidIn(Parse([]byte(sample)))
	if len(whole) != 7 {
		t.Fatalf("the sample has %d records", len(whole))
	}
	for name, c := range map[string]struct {
		data    string
		torn    int
		damaged []int
	}{
		"whole":               {sample, -1, nil},
		"last newline gone":   {strings.TrimSuffix(sample, "\n"), -1, nil},
		"CRLF":                {strings.ReplaceAll(sample, "\n", "\r\n"), -1, nil},
		"blank lines":         {strings.ReplaceAll(sample, "\n", "\n\n \n"), -1, nil},
		"half a record":       {sample + lines[3][:50], len(sample), nil},
		"NUL tail":            {sample + strings.Repeat("\x00", 4096), len(sample), nil},
		"NULs for a newline":  {strings.TrimSuffix(sample, "\n") + "\x00\x00", len(sample) - 1, nil},
		"half and NULs":       {sample + lines[3][:50] + strings.Repeat("\x00", 99), len(sample), nil},
		"a number at the end": {sample + "12", len(sample), nil},
		"garbage":             {lines[0] + "garbage\n" + strings.Join(lines[1:], ""), -1, []int{2}},
		"other JSON":          {lines[0] + "[]\n12\n{}\n" + strings.Join(lines[1:], ""), -1, []int{2, 3, 4}},
		"NULs in the middle":  {lines[0] + "\x00\x00\x00\n" + strings.Join(lines[1:], ""), -1, []int{2}},
	} {
		p := Parse([]byte(c.data))
		if p.Torn != int64(c.torn) || !slices.Equal(p.Damaged, c.damaged) || !slices.Equal(saidIn(p), whole) {
			t.Errorf("%s: torn at %d, damaged %v, %q", name, p.Torn, p.Damaged, saidIn(p))
		}
	}
}

func TestUnknownKindsAndFields(t *testing.T) {
	more := strings.ReplaceAll(sample, `"role":`, `"mood":{"deep":[1,2]},"role":`) + `{"kind":"new thing","text":5,"time":"noon"}` + "\n" + `{"kind":"message","text":5}` + "\n"
	p := Parse([]byte(more))
	if len(p.Records) != 7 || !slices.Equal(p.Damaged, []int{9}) || p.Torn != -1 {
		t.Errorf("%d records, damaged %v", len(p.Records), p.Damaged)
	}
}

func TestParseDamageIsSaid(t *testing.T) {
	one := Parse([]byte("x\n" + sample))
	two := Parse([]byte("x\n" + sample + "y\n"))
	if got := DamageNotes(one.Damaged); len(got) != 1 || got[0] != "record 1 is damaged (kept as is)" {
		t.Errorf("%q", got)
	}
	if got := DamageNotes(two.Damaged); len(got) != 1 || got[0] != "2 records are damaged (kept as is), the first is record 1" {
		t.Errorf("%q", got)
	}
}

// Each byte flipped costs no record but the one it is in, and those that a
// new or lost line end cuts or joins.
func TestParseFlippedBytes(t *testing.T) {
	whole := Parse([]byte(sample))
	ends := []int64{0}
	for _, r := range whole.Records {
		ends = append(ends, r.Offset)
	}
	for i := range len(sample) {
		for _, bit := range []int{0, 1, 5, 7} {
			data := []byte(sample)
			data[i] ^= 1 << bit
			got := saidIn(Parse(data))
			hit, _ := slices.BinarySearch(ends, int64(i)+1)
			for j, want := range saidIn(whole) {
				near := j == hit-1 || j == hit && sample[i] == '\n'
				if !near && !slices.Contains(got, want) {
					t.Fatalf("bit %d of byte %d flipped: lost %q", bit, i, want)
				}
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample), uint8(3))
	f.Add([]byte("\x00\x00"), uint8(0))
	f.Add([]byte(`{"kind":"session","version":2}`), uint8(1))
	f.Add([]byte("{\"kind\":\"message\"\n}\n\r\n"), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, where uint8) {
		before := bytes.Clone(data)
		p := Parse(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the bytes were changed")
		}
		if p.Torn > int64(len(data)) || p.Torn >= 0 && Parse(data[:p.Torn]).Torn >= 0 {
			t.Fatalf("torn at %d of %d, and still once mended", p.Torn, len(data))
		}
		survive(t, data, int(where))
	})
}

// survive puts whatever bytes between the records of a session: none is lost.
func survive(t *testing.T, garbage []byte, where int) {
	lines := bytes.SplitAfter([]byte(sample), []byte("\n"))
	where %= len(lines)
	data := bytes.Join(lines[:where], nil)
	data = append(append(data, garbage...), '\n')
	data = append(data, bytes.Join(lines[where:], nil)...)
	got := Parse(data)
	if got.Header.Kind == "" {
		t.Fatal("lost the header")
	}
	i := 0
	for _, want := range saidIn(Parse([]byte(sample)))[1:] {
		all := saidIn(got)[1:]
		for i < len(all) && all[i] != want {
			i++
		}
		if i == len(all) {
			t.Fatalf("lost %q", want)
		}
		i++
	}
}
