package responses_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/openai/responses"

	gocmp "github.com/google/go-cmp/cmp"
)

// corpus decodes a JSON file of the recorded corpus, which is not part of the project, and
// returns its folder.
func corpus(t testing.TB, name string, into any) string {
	t.Helper()
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	path := filepath.Join(dir, name)
	if err := json.Unmarshal(file(t, path), into); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(path)
}

func file(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// recording is a recorded stream, with what is in it.
type recording struct {
	File      string
	Text      string     `json:"expect_text"`
	Refusal   string     `json:"expect_refusal"`
	Summary   [][]string `json:"expect_reasoning_summary"`
	Reasoning string     `json:"expect_reasoning_text"`
	Calls     []struct {
		Type, ID, Name, Arguments, Input string
		CallID                           string `json:"call_id"`
		ValidJSON                        bool   `json:"valid_json"`
	} `json:"expect_calls"`
	ServerItems []struct{ Type string } `json:"server_items"`
	End         struct {
		Kind, Reason string
		Error        struct{ Code, Message string }
		Events       []struct{ Message string } `json:"error_events"`
	}
	Usage           any
	Model, Provider string
	OutputFile      string `json:"output_file"`
}

// answer is an answer, and the error that ended its stream.
type answer struct {
	chat.Message
	err error
}

// decode takes a body in pieces that end at the cuts; end is how the body itself ended.
func decode(body []byte, end error, cuts ...int) answer {
	client := openai.New(openai.Config{API: responses.API{}, BaseURL: "http://127.0.0.1"})
	listener := client.Listen(responses.API{})
	var turn chat.Turn
	add := func(d *chat.Delta) { turn.Add(d) }
	from := 0
	for _, to := range append(cuts, len(body)) {
		_ = listener.Write(body[from:to], add) // End has the error, too
		from = to
	}
	err := listener.End(end, add)
	if failure, ok := err.(*openai.Error); ok {
		return answer{turn.End(failure.Why()), err}
	}
	return answer{turn.End(""), nil}
}

func TestRecordings(t *testing.T) {
	var recordings []recording
	dir := corpus(t, "responses/INDEX.json", &recordings)
	counts := map[string]int{}
	for _, r := range recordings {
		t.Run(r.File, func(t *testing.T) {
			data := file(t, filepath.Join(dir, r.File))
			source := rand.New(rand.NewPCG(1, uint64(len(data))))
			for n := range 8 {
				var cuts []int
				for range n * 20 {
					cuts = append(cuts, source.IntN(len(data)+1))
				}
				slices.Sort(cuts)
				compare(t, r, decode(data, io.EOF, cuts...), dir)
			}
			counts[r.End.Kind]++
			counts["calls"] += len(r.Calls)
			counts["items of the server"] += len(r.ServerItems)
		})
	}
	t.Logf("%d streams decoded: %v", len(recordings), counts)
	if len(recordings) < 86 {
		t.Errorf("the corpus has %d streams, want 86 at least", len(recordings))
	}
}

func compare(t *testing.T, r recording, a answer, dir string) {
	t.Helper()
	var summaries []string
	for _, parts := range r.Summary {
		summaries = append(summaries, parts...)
	}
	reasoning := strings.Join(summaries, "\n\n") + r.Reasoning
	got, want := []string{a.Text, a.Refusal, a.Reasoning}, []string{r.Text, r.Refusal, reasoning}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A request that failed has no answer, and so no model. The index has the model that
	// ollama runs, not the name under which it was asked.
	if a.Model != r.Model && r.Provider != "ollama" && a.err == nil {
		t.Errorf("model %q, want %q", a.Model, r.Model)
	}
	compareEnd(t, r, a)
	compareCalls(t, r, a)
	var usage any
	if json.Unmarshal(a.Usage, &usage); gocmp.Diff(r.Usage, usage) != "" {
		t.Errorf("usage: %s", gocmp.Diff(r.Usage, usage))
	}
	var output, items []any
	if r.OutputFile != "" {
		if err := json.Unmarshal(file(t, filepath.Join(dir, r.OutputFile)), &output); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range a.Output {
		var item any
		if err := json.Unmarshal(raw, &item); err != nil {
			t.Errorf("%v in %s", err, raw)
		}
		items = append(items, item)
	}
	if diff := gocmp.Diff(output, items); diff != "" {
		t.Errorf("output: %s", diff)
	}
}

func compareEnd(t *testing.T, r recording, a answer) {
	t.Helper()
	failure, failed := a.err.(*openai.Error)
	switch r.End.Kind {
	case "completed":
		if a.err != nil || a.FinishReason != "stop" && a.FinishReason != "tool_calls" {
			t.Errorf("%s, %v", a.FinishReason, a.err)
		}
	case "incomplete":
		if a.err != nil || a.Why != chat.Length || r.End.Reason != "max_output_tokens" {
			t.Errorf("%s, %v", a.Why, a.err)
		}
	case "failed", "error":
		message := r.End.Error.Message
		if len(r.End.Events) > 0 {
			message = r.End.Events[0].Message
		}
		if !failed || failure.Kind != openai.ServiceError || failure.Message != message || a.State != chat.Incomplete {
			t.Errorf("%s, %#v, want %q", a.State, a.err, message)
		}
	default:
		t.Errorf("an end of the kind %q", r.End.Kind)
	}
}

// compareCalls compares the calls of functions. What else a client may have to run, which is
// nothing that is ever offered, is among the items.
func compareCalls(t *testing.T, r recording, a answer) {
	t.Helper()
	var calls []chat.ToolCall
	var server []string
	for _, c := range r.Calls {
		if c.Type == "function_call" {
			calls = append(calls, chat.ToolCall{ID: c.CallID, Name: c.Name, Arguments: c.Arguments})
		} else {
			server = append(server, c.Type)
		}
	}
	for i := range a.ToolCalls {
		if _, valid := a.ToolCalls[i].Input(); valid != json.Valid([]byte(a.ToolCalls[i].Arguments)) {
			t.Errorf("%q is valid: %v", a.ToolCalls[i].Arguments, valid)
		}
		a.ToolCalls[i].Index = 0
	}
	if diff := gocmp.Diff(calls, a.ToolCalls); diff != "" {
		t.Errorf("calls: %s", diff)
	}
	for _, item := range r.ServerItems {
		server = append(server, item.Type)
	}
	var got []string
	for _, item := range a.ServerItems() {
		got = append(got, item.Type)
	}
	slices.Sort(server)
	slices.Sort(got)
	if diff := gocmp.Diff(server, got); diff != "" {
		t.Errorf("items of the server: %s", diff)
	}
}

// TestCuts: a stream that is cut anywhere never tells more than it brought, and never passes
// for whole before its terminal event.
func TestCuts(t *testing.T) {
	var recordings []recording
	dir := corpus(t, "responses/INDEX.json", &recordings)
	cut, mutated := 0, 0
	for _, r := range recordings {
		data := file(t, filepath.Join(dir, r.File))
		whole := decode(data, io.EOF)
		last := terminal(data)
		source := rand.New(rand.NewPCG(2, uint64(len(data))))
		for range 60 {
			at := source.IntN(len(data) + 1)
			a := decode(data[:at], []error{io.EOF, io.ErrUnexpectedEOF}[source.IntN(2)])
			if at < last && a.State == chat.Complete {
				t.Errorf("%s cut at %d, before the terminal event at %d: %s", r.File, at, last, a.State)
			}
			if !strings.HasPrefix(whole.Text, a.Text) || !strings.HasPrefix(whole.Reasoning, a.Reasoning) || !strings.HasPrefix(whole.Refusal, a.Refusal) {
				t.Errorf("%s cut at %d: %q is not how %q begins", r.File, at, a.Text, whole.Text)
			}
			cut++
		}
		for range 20 {
			mutant := bytes.Clone(data)
			for range source.IntN(8) + 1 {
				mutant[source.IntN(len(mutant))] = byte(source.IntN(256))
			}
			decode(mutant, io.EOF)
			mutated++
		}
	}
	t.Logf("%d streams cut at %d places, and %d mutated", len(recordings), cut, mutated)
}

// terminal returns where the data of the event that ends a stream ends, but for its line
// end.
func terminal(data []byte) int {
	for _, name := range []string{"completed", "incomplete", "failed"} {
		for _, field := range []string{`"type":"response.`, `"type": "response.`} {
			if at := bytes.LastIndex(data, []byte(field+name+`"`)); at >= 0 {
				return at + bytes.IndexByte(data[at:], '\n')
			}
		}
	}
	return len(data)
}
