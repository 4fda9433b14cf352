package sse

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// eventsIn returns the events of a stream.
func eventsIn(stream []byte) (events []Event) {
	r := NewReader(bytes.NewReader(stream))
	for {
		if _, err := r.Fill(); err != nil {
			return events
		}
		for e := (Event{}); r.Next(&e); {
			e.Data = bytes.Clone(e.Data)
			events = append(events, e)
		}
	}
}

func FuzzAppendEvent(f *testing.F) {
	f.Add("delta", "t:1.0.0", []byte("{}"))
	f.Add("", "", []byte(""))
	f.Add("message", "a\nb", []byte(" a\r\nb\rc\n\nd\n"))
	f.Add("x\ry", "a\x00b", []byte("data: x\n\ndata: y"))
	f.Fuzz(func(t *testing.T, typ, id string, data []byte) {
		if !utf8.ValidString(typ) || !utf8.ValidString(id) || !utf8.Valid(data) || len(data) > 1<<20 {
			return
		}
		stream := AppendComment(AppendEvent(nil, Event{Type: typ, ID: id, Data: data, Retry: 5}), "alive")
		got := eventsIn(AppendEvent(stream, Event{Data: []byte("next")}))
		if len(got) != 2 || string(got[1].Data) != "next" {
			t.Fatalf("%q is read as %d events", stream, len(got))
		}
		wantType := upTo(typ, "\r\n")
		if wantType == "" {
			wantType = "message"
		}
		lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
		if e := got[0]; e.Type != wantType || e.ID != upTo(id, "\r\n\x00") || string(e.Data) != lines || e.Retry != 5 {
			t.Errorf("%q is read as %+v", stream, e)
		}
	})
}

// TestVectorsWritten: what the standard's reader gets out of each vector is written and read
// again: the same events, however the stream is cut. An event without an ID has the one
// before it, since an ID that is empty is not written.
func TestVectorsWritten(t *testing.T) {
	vectors, events := readVectors(t), 0
	for _, v := range vectors {
		var stream []byte
		want, last := v.events(), ""
		for i := range want {
			stream = AppendComment(AppendEvent(stream, want[i]), "alive")
			if want[i].ID == "" {
				want[i].ID = last
			}
			if last = want[i].ID; want[i].Retry == 0 {
				want[i].Retry = -1
			}
		}
		for _, cuts := range [][]int{nil, every(1, min(len(stream), 4000)), random(len(stream))} {
			if got, _ := readAll(&cutAt{input: string(stream), at: cuts}); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s", v.Name, cmp.Diff(want, got))
			}
		}
		events += len(want)
	}
	t.Logf("%d events of %d vectors written and read", events, len(vectors))
}
