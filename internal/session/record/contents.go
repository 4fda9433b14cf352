package record

import (
	"bytes"
	"fmt"

	"oax/internal/session/disk"
)

// What the file of a session says as a whole.

// Contents is what the bytes of a session file say.
type Contents struct {
	Header  Record // the zero record if there is none
	Records []Record
	Damaged []int // the lines, from 1, that are not records
	Torn    int64 // where a write was cut: from here on nothing is a record; -1 if nowhere
	lines   int
	Size    int64
}

// Read reads any file. Each line that is a record counts, whatever is around it, and
// so does a last one that only lacks its line end.
func Read(path string) (Contents, error) {
	c := Contents{Torn: -1}
	f, err := disk.Open(path)
	if err != nil {
		return c, err
	}
	defer f.Close()
	whole, err := disk.Whole(f)
	if err == nil {
		err = EachWhole(whole, c.Add)
	}
	return c, err
}

// Parse is Read for the bytes of a file.
func Parse(data []byte) Contents {
	c := Contents{Torn: -1}
	_ = EachWhole(Section(data), c.Add) // memory can be read
	return c
}

// Add takes the next line, which is nil if it is too long to be read. It never fails.
func (c *Contents) Add(line []byte, size int64) error {
	at := c.Size
	c.Size += size
	c.lines++
	body, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended {
		body = bytes.TrimRight(line, "\x00") // power loss can leave these at the end
	}
	r, ok := Decode(body)
	r.Offset = at
	if ok && r.Kind == KindSession && c.Header.Kind == "" {
		c.Header = r
	} else if ok {
		c.Records = append(c.Records, r)
	}
	switch {
	case line == nil || !ok && ended && len(bytes.TrimSpace(body)) > 0:
		c.Damaged = append(c.Damaged, c.lines)
	case !ok && !ended:
		c.Torn = at
	case !ended && len(body) < len(line):
		c.Torn = at + int64(len(body))
	}
	return nil
}

// DamageNotes says which lines of a file, counted from 1, are not records.
func DamageNotes(lines []int) []string {
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("record %d is damaged (kept as is)", lines[0])}
	}
	return []string{fmt.Sprintf("%d records are damaged (kept as is), the first is record %d", len(lines), lines[0])}
}
