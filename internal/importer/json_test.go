package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// apart returns the values that a splitter takes from text, and what it says of the
// others.
func apart(r io.Reader) (values, problems []string) {
	v := newSplitter(r)
	for {
		raw, _, err := v.next()
		switch {
		case err == io.EOF:
			return values, problems
		case err != nil:
			problems = append(problems, err.Error())
		default:
			values = append(values, string(raw))
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		``:                                  ``,
		`[]`:                                ``,
		`{"a":1}`:                           `{"a":1}`,
		"\ufeff[{},{}]":                     `{}|{}`,
		"{\"a\":\"]}\"}\n[[1],{}]\n":        `{"a":"]}"}|[1]|{}`,
		`["\"", "\\", "{"]`:                 `"\""|"\\"|"{"`,
		`[{"a":[{"b":"\\\""}]} ,{}]`:        `{"a":[{"b":"\\\""}]}|{}`,
		`[1, true, {"a":1}, null]`:          `{"a":1}|is not a JSON object or array`,
		`[{"a":1},{"a":2`:                   `{"a":1}|is cut off`,
		`[{"a":1}`:                          `{"a":1}|is cut off`,
		"{\"a\":\"1\n{\"a\":\"2\"}\n":       `{"a":"2"}|is damaged`,
		"{\"a\":1,\n{\"a\":2}\n{\"a\":3}\n": `{"a":2}|{"a":3}|is cut off`,
		`[{"a":"1},{"a":"2"},{"a":"3"}]`:    `{"a":"2"}|{"a":"3"}|is cut off`,
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			values, problems := apart(r)
			if got := strings.Join(slices.Concat(values, slices.Compact(problems)), "|"); got != want {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
	}
}

// A value that is too large costs no memory, and only itself.
func TestSplitLarge(t *testing.T) {
	long := io.LimitReader(endless{}, maxValue)
	values, problems := apart(io.MultiReader(strings.NewReader(`[{"a":"`), long, strings.NewReader(`"},{"a":1}]`)))
	if !slices.Equal(values, []string{`{"a":1}`}) || !slices.Equal(problems, []string{errTooLarge.Error()}) {
		t.Errorf("%d values, %v", len(values), problems)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestSplitUnreadable(t *testing.T) {
	v := newSplitter(io.MultiReader(strings.NewReader(`[{},{`), iotest.ErrReader(errors.New("bad sector"))))
	for {
		if _, _, err := v.next(); err == io.EOF || err == errCut {
			break
		}
	}
	if err := v.failed; err == nil || err.Error() != "bad sector" {
		t.Error(err)
	}
}

// FuzzSplit holds the splitter against encoding/json where that can read the text.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`[{"a":1},{"b":"\"]"}]`, `{"a":[]}{"b":{}}`, "{\"a\":\"\n{\"a\":1}", "\ufeff[[],\"x\"]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		values, problems := apart(bytes.NewReader(data))
		var want []json.RawMessage
		if json.Unmarshal(data, &want) != nil {
			return
		}
		containers := want[:0]
		for _, raw := range want {
			if raw[0] == '{' || raw[0] == '[' || raw[0] == '"' {
				containers = append(containers, raw)
			}
		}
		if len(containers) != len(want) { // numbers and words are no chats
			return
		}
		for i, raw := range containers {
			if i >= len(values) || values[i] != string(raw) {
				t.Fatalf("%q, want %q", values, containers)
			}
		}
		if len(values) != len(containers) || len(problems) > 0 {
			t.Fatalf("%q and %q", values, problems)
		}
	})
}
