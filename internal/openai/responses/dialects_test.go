package responses_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"oax/internal/chat"
	"oax/internal/openai"
)

// streamEvent is the data of an event of a recorded stream.
type streamEvent map[string]any

func (e streamEvent) kind() string { kind, _ := e["type"].(string); return kind }

func (e streamEvent) ends() bool {
	switch e.kind() {
	case "response.completed", "response.incomplete", "response.failed":
		return true
	}
	return false
}

// eventsOf returns the events of a recorded stream, in the order that they came in.
func eventsOf(t *testing.T, data []byte) (events []streamEvent) {
	t.Helper()
	for line := range bytes.Lines(data) {
		payload, isData := bytes.CutPrefix(line, []byte("data:"))
		if payload = bytes.TrimSpace(payload); !isData || string(payload) == "[DONE]" {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(payload))
		decoder.UseNumber()
		var e streamEvent
		if err := decoder.Decode(&e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// streamOf returns a stream of events.
func streamOf(events []streamEvent) []byte {
	var b bytes.Buffer
	for _, e := range events {
		data, _ := json.Marshal(e) // it was JSON
		fmt.Fprintf(&b, "data: %s\n\n", data)
	}
	return b.Bytes()
}

// each returns the events with those that do not end the stream changed; nil leaves one out.
func each(events []streamEvent, change func(n int, e streamEvent) streamEvent) (changed []streamEvent) {
	for n, e := range events {
		if !e.ends() {
			e = change(n, maps.Clone(e))
		}
		if e != nil {
			changed = append(changed, e)
		}
	}
	return changed
}

// item returns the item of an event as one that can be changed.
func (e streamEvent) item() map[string]any {
	item, ok := e["item"].(map[string]any)
	if !ok {
		return map[string]any{}
	}
	item = maps.Clone(item)
	e["item"] = item
	return item
}

func without(events []streamEvent, part ...string) []streamEvent {
	return each(events, func(_ int, e streamEvent) streamEvent {
		if slices.ContainsFunc(part, func(p string) bool { return strings.Contains(e.kind(), p) }) {
			return nil
		}
		return e
	})
}

// dialects are ways in which a service may send the same answer. Those that need the
// output_index, or a terminal event with items, are used where there is one.
var dialects = map[string]struct {
	change              func([]streamEvent) []streamEvent
	needIndex, needItem bool
}{
	"indexes that begin elsewhere than those of the terminal event": {func(events []streamEvent) []streamEvent {
		return each(events, func(_ int, e streamEvent) streamEvent {
			if index, ok := e["output_index"].(json.Number); ok {
				n, _ := index.Int64()
				e["output_index"] = n*2 + 1
			}
			return e
		})
	}, true, false},
	"calls numbered anew in the terminal event, which has an item more": {func(events []streamEvent) (changed []streamEvent) {
		for _, e := range events {
			response, _ := e["response"].(map[string]any)
			if output, _ := response["output"].([]any); e.ends() && len(output) > 0 {
				response = maps.Clone(response)
				var calls, others []any
				for _, item := range output {
					if fields, _ := item.(map[string]any); fields["type"] == "function_call" {
						calls = append(calls, item)
					} else {
						others = append(others, item)
					}
				}
				if len(calls) == 0 || len(others) > 0 { // the order of all items would be another one
					return events
				}
				response["output"] = append([]any{map[string]any{"type": "hologram"}}, calls...)
				e = maps.Clone(e)
				e["response"] = response
			}
			changed = append(changed, e)
		}
		return changed
	}, true, true},
	"another ID in each event": {func(events []streamEvent) []streamEvent {
		return each(events, func(n int, e streamEvent) streamEvent {
			if e["item_id"] != nil {
				e["item_id"] = fmt.Sprint("id-", n)
			}
			if item := e.item(); item["id"] != nil {
				item["id"] = fmt.Sprint("id-", n)
			}
			return e
		})
	}, true, false},
	"no IDs": {func(events []streamEvent) []streamEvent {
		return each(events, func(_ int, e streamEvent) streamEvent {
			delete(e, "item_id")
			delete(e.item(), "id")
			return e
		})
	}, true, false},
	"one ID for all": {func(events []streamEvent) []streamEvent {
		return each(events, func(_ int, e streamEvent) streamEvent {
			if e["item_id"] != nil {
				e["item_id"] = "same"
			}
			if item := e.item(); item["id"] != nil {
				item["id"] = "same"
			}
			return e
		})
	}, true, false},
	"unknown events between": {func(events []streamEvent) (more []streamEvent) {
		for _, e := range events {
			more = append(more, e, streamEvent{"type": "response.hologram.delta", "output_index": 0, "delta": "x", "text": "y", "item": map[string]any{"type": "message", "content": "z"}})
		}
		return more
	}, false, false},
	"no events of parts": {func(events []streamEvent) []streamEvent { return without(events, "_part.") }, false, false},
	"no done events of text": {func(events []streamEvent) []streamEvent {
		return without(events, "text.done", "refusal.done", "arguments.done")
	}, false, false},
	"no deltas": {func(events []streamEvent) []streamEvent { return without(events, ".delta") }, false, false},
	"items that are done, and the end": {func(events []streamEvent) []streamEvent {
		return without(events, ".delta", "_part.", "text.done", "refusal.done", "arguments.done", "item.added")
	}, false, false},
	"the terminal event alone": {func(events []streamEvent) []streamEvent {
		return each(events, func(int, streamEvent) streamEvent { return nil })
	}, false, true},
	"items and the end twice": {func(events []streamEvent) (more []streamEvent) {
		for _, e := range events {
			if more = append(more, e); e.ends() || strings.Contains(e.kind(), "item.") {
				more = append(more, e)
			}
		}
		return more
	}, false, false},
}

// TestDialects: the same answer in the forms of other services is the same answer.
func TestDialects(t *testing.T) {
	var recordings []recording
	dir := corpus(t, "responses/INDEX.json", &recordings)
	changed, met := 0, map[string]int{}
	for _, r := range recordings {
		events := eventsOf(t, file(t, filepath.Join(dir, r.File)))
		original := streamOf(events)
		want := decode(original, io.EOF)
		hasIndex := slices.ContainsFunc(events, func(e streamEvent) bool { return e["output_index"] != nil })
		hasItems := slices.ContainsFunc(events, func(e streamEvent) bool {
			response, _ := e["response"].(map[string]any)
			output, _ := response["output"].([]any)
			return e.ends() && len(output) > 0
		})
		for name, d := range dialects {
			if d.needIndex && !hasIndex || d.needItem && !hasItems {
				continue
			}
			other := streamOf(d.change(events))
			if bytes.Equal(other, original) {
				continue
			}
			got := decode(other, io.EOF)
			got.Usage, want.Usage = nil, nil
			left, right := want.Message, got.Message
			if !hasItems { // there are only those of the events, which were changed
				left.Output, right.Output = nil, nil
			}
			for _, m := range []*chat.Message{&left, &right} {
				m.ToolCalls = slices.Clone(m.ToolCalls)
				for i := range m.ToolCalls {
					m.ToolCalls[i].Index = 0
				}
				if m.Model != left.Model {
					m.Model = left.Model // some name it only as they begin
				}
			}
			if !reflect.DeepEqual(left, right) || (got.err == nil) != (want.err == nil) {
				t.Errorf("%s, %s: %v %v %.1500s", r.File, name, want.err, got.err, gocmp.Diff(left, right))
			}
			met[name]++
			changed++
		}
		if !bytes.Equal(streamOf(events), original) {
			t.Fatalf("%s: a dialect changed the recording itself", r.File)
		}
	}
	for name := range dialects {
		if met[name] == 0 {
			t.Errorf("no recording has another form in the dialect %q", name)
		}
	}
	t.Logf("%d streams in %d other forms", len(recordings), changed)
}

// TestOtherEnds: an answer whose end is taken away or replaced is not whole, and keeps its text.
func TestOtherEnds(t *testing.T) {
	var recordings []recording
	dir := corpus(t, "responses/INDEX.json", &recordings)
	ended := 0
	for _, r := range recordings {
		events := eventsOf(t, file(t, filepath.Join(dir, r.File)))
		at := slices.IndexFunc(events, streamEvent.ends)
		if at < 0 || r.End.Kind == "failed" || r.End.Kind == "error" {
			continue
		}
		want := decode(streamOf(events), io.EOF)
		response, _ := events[at]["response"].(map[string]any)
		end := func(kind string, fields map[string]any) []streamEvent {
			changed := maps.Clone(response)
			delete(changed, "status")
			maps.Copy(changed, fields)
			return []streamEvent{{"type": kind, "response": changed}}
		}
		incomplete := func(reason any) map[string]any {
			return map[string]any{"status": "incomplete", "incomplete_details": map[string]any{"reason": reason}}
		}
		for name, other := range map[string][]streamEvent{
			"none":                          nil,
			"length":                        end("response.incomplete", incomplete("max_output_tokens")),
			"filter":                        end("response.incomplete", incomplete("content_filter")),
			"a new reason":                  end("response.incomplete", incomplete("moon_phase")),
			"a reason of another type":      end("response.incomplete", incomplete(7)),
			"no details":                    end("response.incomplete", map[string]any{"incomplete_details": nil}),
			"completed, but for its status": end("response.completed", map[string]any{"status": "incomplete"}),
			"failed without error":          end("response.failed", map[string]any{"status": "failed", "error": nil}),
			"failed":                        end("response.failed", map[string]any{"status": "failed", "error": map[string]any{"code": "server_error", "message": "no"}}),
			"failed without response":       {{"type": "response.failed"}},
			"cancelled":                     end("response.cancelled", map[string]any{"status": "cancelled"}),
			"error":                         {{"type": "error", "code": "server_error", "message": "no", "param": nil}},
			"error, nested":                 {{"type": "error", "error": map[string]any{"type": "server_error", "message": "no"}}},
			"error without words":           {{"type": "error"}},
			"error without type":            {{"error": map[string]any{"message": "no", "code": 500}}},
		} {
			got := decode(streamOf(append(slices.Clone(events[:at]), other...)), io.EOF)
			if got.State != chat.Incomplete || got.Why == "" || got.Text != want.Text || got.Refusal != want.Refusal || got.Reasoning != want.Reasoning {
				t.Errorf("%s, %s: %s %q %v %.300s", r.File, name, got.State, got.Why, got.err, gocmp.Diff(want.Text, got.Text))
			}
			if _, isOurs := got.err.(*openai.Error); got.err != nil && !isOurs {
				t.Errorf("%s, %s: %v", r.File, name, got.err)
			}
			ended++
		}
	}
	t.Logf("%d ends were replaced", ended)
}
