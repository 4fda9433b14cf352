package openai_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"oax/internal/jsontext"
	. "oax/internal/openai"
	"oax/internal/openai/completions"
)

func TestMain(m *testing.M) {
	flag.Set("test.parallel", "8") // those that wait take no processor
	goleak.VerifyTestMain(m)
}

// corpus decodes a JSON file of the recorded corpus, which is not part of the
// project, and returns its folder.
func corpus(t *testing.T, name string, into any) string {
	t.Helper()
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(path)
}

func TestPayloads(t *testing.T) {
	var payloads []struct {
		Name, Data string
		Expect     struct {
			Content, Reasoning, Refusal, Finish, Error string
			UsageTotal                                 int `json:"usage_total"`
			Malformed, Done                            bool
			Tool                                       *struct {
				Index               int
				ID, Name, Arguments string
			}
		}
	}
	corpus(t, "sse/payloads.json", &payloads)
	passed := 0
	for _, p := range payloads {
		ok := t.Run(p.Name, func(t *testing.T) {
			d, err := decodeOne(p.Data)
			reported, failed := err.(*Reported)
			if !failed {
				reported = new(Reported)
			}
			if p.Name == "comment-as-data" { // it is skipped, as what it is
				p.Expect.Malformed = false
			}
			if p.Expect.Malformed != (err == ErrBroken) || (p.Expect.Error != "") != failed || reported.Message != p.Expect.Error {
				t.Errorf("error %#v, want %q, malformed %v", err, p.Expect.Error, p.Expect.Malformed)
			}
			got := []string{string(d.Text), string(d.Reasoning), string(d.Refusal), d.FinishReason}
			want := []string{p.Expect.Content, p.Expect.Reasoning, p.Expect.Refusal, p.Expect.Finish}
			if !slices.Equal(got, want) || d.Done != p.Expect.Done {
				t.Errorf("got %q, done %v; want %q, done %v", got, d.Done, want, p.Expect.Done)
			}
			var usage struct {
				Total int `json:"total_tokens"`
			}
			json.Unmarshal(d.Usage, &usage)
			if usage.Total != p.Expect.UsageTotal {
				t.Errorf("usage %s, want a total of %d", d.Usage, p.Expect.UsageTotal)
			}
			var turn chat.Turn
			turn.Add(d)
			if calls, tool := turn.End("").ToolCalls, p.Expect.Tool; tool != nil {
				want := []chat.ToolCall{{Index: tool.Index, ID: cmp.Or(tool.ID, "call_0"), Name: tool.Name, Arguments: tool.Arguments}}
				if diff := gocmp.Diff(want, calls); diff != "" {
					t.Errorf("tool calls %s", diff)
				}
			}
		})
		if ok {
			passed++
		}
	}
	t.Logf("%d of %d payloads as expected", passed, len(payloads))
	if len(payloads) < 44 {
		t.Errorf("the corpus has %d payloads, want 44 at least", len(payloads))
	}
}

// decodeOne decodes data as the only event of a stream.
func decodeOne(data string) (*chat.Delta, error) {
	var d chat.Delta
	err := Decode(completions.API{}.Decoder(), &d, "message", []byte(data))
	d.Text = new(jsontext.Repair).Piece(d.Text, true)
	d.Reasoning = new(jsontext.Repair).Piece(d.Reasoning, true)
	return &d, err
}

// recording is one recorded stream or error.
type recording struct {
	File         string
	HTTPStatus   int    `json:"http_status"`
	Text         string `json:"expect_text"`
	Reasoning    string `json:"expect_reasoning"`
	Refusal      string `json:"expect_refusal"`
	FinishReason string `json:"finish_reason"`
	NativeFinish string `json:"native_finish_reason"`
	Usage        any
	HasDone      bool   `json:"has_done"`
	StreamError  any    `json:"stream_error"`
	ErrorMessage string `json:"expect_error_message"`
	ToolCalls    []struct {
		Index, Choice       int
		ID, Name, Arguments string
	} `json:"expect_tool_calls"`
	FunctionCall *struct{ Name, Arguments string } `json:"expect_function_call"`
	Opaque       []struct {
		Where string
		Value any
	}
	tools bool // it is one of shared/tools, whose index has Opaque
}

func TestRecordings(t *testing.T) {
	var recordings []recording
	dir := corpus(t, "streams/INDEX.json", &recordings)
	streams, replies := 0, 0
	for _, r := range recordings {
		t.Run(r.File, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, r.File))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(r.File, ".sse") {
				checkStream(t, r, data)
				streams++
			} else {
				checkReply(t, r, data)
				replies++
			}
		})
	}
	t.Logf("%d streams and %d errors of %d recordings decoded", streams, replies, len(recordings))
	if len(recordings) < 139 {
		t.Errorf("the corpus has %d recordings, want 139 at least", len(recordings))
	}
}

// TestToolCallRecordings holds the rules of chat.Turn.Add against the streams of 29
// endpoints that carry tool calls.
func TestToolCallRecordings(t *testing.T) {
	var recordings []recording
	dir := corpus(t, "tools/INDEX.json", &recordings)
	for _, r := range recordings {
		r.tools = true
		t.Run(r.File, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, r.File))
			if err != nil {
				t.Fatal(err)
			}
			checkStream(t, r, data)
		})
	}
	t.Logf("%d streams with tool calls decoded", len(recordings))
	if len(recordings) < 89 {
		t.Errorf("the corpus has %d streams with tool calls, want 89 at least", len(recordings))
	}
}

// TestLoops holds whole loops of tools against what is decoded, and against what is sent
// back: what the recorded client returned, all of which was accepted.
func TestLoops(t *testing.T) {
	var loops []struct {
		Loop  string
		Steps []struct {
			recording
			Reply, Request string
			SentBack       *struct {
				AssistantKeys []string `json:"assistant_keys"`
				Arguments     []string
				Results       []string
			} `json:"sent_back"`
		}
	}
	dir := corpus(t, "tools/loops/INDEX.json", &loops)
	steps := 0
	for _, l := range loops {
		t.Run(l.Loop, func(t *testing.T) {
			for _, step := range l.Steps {
				data, err := os.ReadFile(filepath.Join(dir, l.Loop, step.Reply))
				if err != nil {
					t.Fatal(err)
				}
				step.tools = true
				checkStream(t, step.recording, data)
				steps++
			}
		})
	}
	t.Logf("%d loops of %d replies decoded", len(loops), steps)
	if len(loops) < 31 {
		t.Errorf("the corpus has %d loops, want 31 at least", len(loops))
	}
}

func checkStream(t *testing.T, r recording, data []byte) {
	source := rand.New(rand.NewPCG(1, uint64(len(data))))
	for range 3 {
		var steps []demo.Step
		for rest := data; len(rest) > 0; {
			n := min(source.IntN(len(data)/100+20)+1, len(rest))
			steps = append(steps, demo.Send(rest[:n]))
			rest = rest[n:]
		}
		m, err := ask(t, serve(t, demo.Script(demo.Stream(steps...))))
		compare(t, r, m, err)
	}
}

// decidedOtherwise are the recordings from which more is read than the corpus
// expects: reasoning that comes in reasoning_details alone.
var decidedOtherwise = map[string]string{"snowflake-claude-sonnet-4-6-thinking.sse": "15 * 27 = 405"}

func compare(t *testing.T, r recording, m chat.Message, err error) {
	t.Helper()
	if reasoning, ok := decidedOtherwise[r.File]; ok {
		r.Reasoning = reasoning
	}
	failed := r.StreamError != nil || strings.Contains(r.File, "error-field")
	if _, isError := err.(*Error); isError != failed {
		t.Errorf("error %v, want one: %v", err, failed)
	}
	finish := r.FinishReason
	if r.NativeFinish == "max_output_tokens" { // which is said nowhere else
		finish = "length"
	}
	got := []string{m.Text, m.Reasoning, m.Refusal, m.FinishReason}
	want := []string{r.Text, r.Reasoning, r.Refusal, finish}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var usage any
	// Groq says it twice, and the corpus has it from the one place only.
	onlyInGroq := r.Usage == nil && strings.HasPrefix(r.File, "groq-")
	if json.Unmarshal(m.Usage, &usage); !onlyInGroq && gocmp.Diff(r.Usage, usage) != "" {
		t.Errorf("usage: %s", gocmp.Diff(r.Usage, usage))
	}
	if whole := r.FinishReason != "" || r.HasDone; whole == (m.Why == chat.Cut || m.Why == chat.Failed) {
		t.Errorf("the answer is %s %s", m.State, m.Why)
	}
	var calls []chat.ToolCall
	for i, c := range r.ToolCalls {
		if c.Choice == 0 {
			calls = append(calls, chat.ToolCall{Index: c.Index, ID: cmp.Or(c.ID, fmt.Sprintf("call_%d", i)), Name: c.Name, Arguments: c.Arguments})
		}
	}
	if f := r.FunctionCall; f != nil {
		calls = append(calls, chat.ToolCall{ID: "call_0", Name: f.Name, Arguments: f.Arguments})
	}
	if diff := gocmp.Diff(calls, m.ToolCalls); diff != "" {
		t.Errorf("tool calls: %s", diff)
	}
	compareOpaque(t, r, m)
}

// compareOpaque compares what the service wants back. The index of shared/streams does not
// have it.
func compareOpaque(t *testing.T, r recording, m chat.Message) {
	t.Helper()
	want := map[string]any{}
	for _, o := range r.Opaque {
		want[o.Where] = o.Value
	}
	var got map[string]any
	if err := json.Unmarshal(m.Opaque, &got); err != nil && m.Opaque != nil {
		t.Errorf("%v in %s", err, m.Opaque)
	}
	if want["reasoning_content"] != nil && len(m.ToolCalls) > 0 && m.ReasoningField != "reasoning_content" {
		t.Errorf("the reasoning came in %q", m.ReasoningField)
	}
	delete(want, "reasoning_content")
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" && r.tools {
		t.Errorf("opaque fields: %s", diff)
	}
}

func checkReply(t *testing.T, r recording, data []byte) {
	reply := demo.Recorded(r.HTTPStatus, data)
	reply.Header.Set("Retry-After", "1e9") // no waiting here
	reply.Header.Del("Retry-After-Ms")
	_, err := ask(t, serve(t, demo.Script(reply)))
	failure, ok := err.(*Error)
	if !ok || failure.Status != r.HTTPStatus || failure.Message != r.ErrorMessage {
		t.Errorf("got %#v, want status %d, message %q", err, r.HTTPStatus, r.ErrorMessage)
	}
}

// serve starts a scripted endpoint and returns a client of it.
func serve(t *testing.T, h http.Handler) *Client {
	t.Helper()
	server, err := demo.Start(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return newClient(Config{BaseURL: server.URL(), Limits: DefaultLimits()})
}

// ask runs one turn to its end.
func ask(t *testing.T, c *Client) (chat.Message, error) {
	t.Helper()
	return askFor(t.Context(), c, "hi")
}
