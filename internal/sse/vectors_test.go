package sse

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector is one case of the corpus: bytes in, events out.
type vector struct {
	Name        string
	Input       string
	InputB64    string `json:"input_b64"`
	InputParts  []part `json:"input_parts"`
	Expect      []expected
	FinalLastID *string `json:"final_last_event_id"`
}

type expected struct {
	Event     string
	Data      string
	DataParts []part `json:"data_parts"`
	ID        string
	Retry     *int64
}

// part is a [text, count] pair: the text repeated.
type part string

func (p *part) UnmarshalJSON(b []byte) error {
	var text string
	var count int
	if err := json.Unmarshal(b, &[]any{&text, &count}); err != nil {
		return err
	}
	*p = part(strings.Repeat(text, count))
	return nil
}

func join(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(string(p))
	}
	return b.String()
}

func (v vector) bytes(t *testing.T) string {
	if v.InputB64 != "" {
		b, err := base64.StdEncoding.DecodeString(v.InputB64)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return v.Input + join(v.InputParts)
}

func (v vector) events() []Event {
	var events []Event
	for _, e := range v.Expect {
		event := Event{Type: e.Event, Data: []byte(e.Data + join(e.DataParts)), ID: e.ID, Retry: -1}
		if e.Retry != nil {
			event.Retry = *e.Retry
		}
		events = append(events, event)
	}
	return events
}

// corpus returns the path of a file of the recorded corpus, which is not part of
// the project.
func corpus(t testing.TB, name string) string {
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	return filepath.Join(dir, name)
}

func readVectors(t *testing.T) []vector {
	b, err := os.ReadFile(corpus(t, "sse/vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// cutAt reads its input in pieces that end at the given offsets.
type cutAt struct {
	input string
	at    []int
	done  int
}

func (c *cutAt) Read(p []byte) (int, error) {
	for len(c.at) > 0 && c.at[0] <= c.done {
		c.at = c.at[1:]
	}
	piece := c.input[c.done:]
	if len(c.at) > 0 {
		piece = c.input[c.done:c.at[0]]
	}
	n, err := strings.NewReader(piece).Read(p)
	c.done += n
	return n, err
}

func TestVectors(t *testing.T) {
	vectors := readVectors(t)
	passed, runs := 0, 0
	for _, v := range vectors {
		ok := t.Run(v.Name, func(t *testing.T) {
			input, want := v.bytes(t), v.events()
			check := func(how string, cuts []int) {
				runs++
				got, r := readAll(&cutAt{input: input, at: cuts})
				if !reflect.DeepEqual(want, got) {
					t.Fatalf("%s %v: %s", how, cuts, cmp.Diff(want, got))
				}
				if v.FinalLastID != nil && r.LastEventID() != *v.FinalLastID {
					t.Errorf("%s: last event ID %q, want %q", how, r.LastEventID(), *v.FinalLastID)
				}
			}
			check("whole", nil)
			for _, size := range []int{1, 2, 3, 5, 7, 64} {
				check("pieces", every(size, len(input)))
			}
			if len(input) < 400 {
				for at := range len(input) {
					check("two pieces", []int{at})
				}
			}
			for range 5 {
				check("random", random(len(input)))
			}
		})
		if ok {
			passed++
		}
	}
	t.Logf("%d of %d vectors exact, in %d runs", passed, len(vectors), runs)
	if len(vectors) < 153 {
		t.Errorf("the corpus has %d vectors, want 153 at least", len(vectors))
	}
}

func every(size, length int) []int {
	var at []int
	for i := size; i < length; i += size {
		at = append(at, i)
	}
	return at
}

func random(length int) []int {
	var at []int
	source := rand.New(rand.NewPCG(1, uint64(length)))
	for i := source.IntN(40) + 1; i < length; i += source.IntN(40) + 1 {
		at = append(at, i)
	}
	return at
}

// readAll returns the events of a stream, copied.
func readAll(src interface{ Read([]byte) (int, error) }) ([]Event, *Reader) {
	r := NewReader(src)
	var events []Event
	for {
		if _, err := r.Fill(); err != nil {
			return events, r
		}
		for event := (Event{}); r.Next(&event); {
			event.Data = append([]byte{}, event.Data...)
			events = append(events, event)
		}
	}
}
