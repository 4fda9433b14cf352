package demo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/openai/responses"
)

var bothAPIs = map[string]openai.API{"completions": completions.API{}, "responses": responses.API{}}

// TestGuideByBothAPIs: the same is answered by either API, as this program reads it.
func TestGuideByBothAPIs(t *testing.T) {
	server, err := demo.Start(demo.Guide(0, demo.System{}))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	clock := []chat.ToolDefinition{{Name: "clock", Parameters: json.RawMessage(`{"type":"object"}`)}}
	user := func(text string) chat.Message { return chat.Message{Role: chat.User, Text: text} }
	for name, api := range bothAPIs {
		client := openai.New(openai.Config{API: api, BaseURL: server.URL(), Limits: openai.DefaultLimits(), Local: true})
		ask := func(req openai.Request) chat.Message {
			t.Helper()
			req.Model = "demo"
			stream, err := client.Stream(t.Context(), req)
			if err != nil {
				t.Fatal(name, err)
			}
			defer stream.Close()
			var turn chat.Turn
			for {
				delta, err := stream.Next(t.Context())
				if delta != nil {
					turn.Add(delta)
				}
				if errors.Is(err, io.EOF) {
					return turn.End("")
				}
				if err != nil {
					t.Fatal(name, err)
				}
			}
		}
		if m := ask(openai.Request{Messages: []chat.Message{user("show a table and reasoning")}}); !strings.HasPrefix(m.Text, "| planet |") || m.State != chat.Complete || !strings.Contains(m.Reasoning, "what reasoning looks like") || m.Usage == nil {
			t.Errorf("%s: %+v", name, m)
		}
		if m := ask(openai.Request{Messages: []chat.Message{user("日本語で")}}); !strings.HasPrefix(m.Text, "こんにちは") || m.Reasoning != "" {
			t.Errorf("%s: %+v", name, m)
		}
		if m := ask(openai.Request{Messages: []chat.Message{user("hi")}, Params: map[string]any{"max_tokens": 3}}); m.Text != "You asked:\n\n" || m.State == chat.Complete {
			t.Errorf("%s: %+v", name, m)
		}
		if m := ask(openai.Request{Messages: []chat.Message{user("what time is it")}}); len(m.ToolCalls) > 0 {
			t.Errorf("%s: a call of what is not offered: %+v", name, m)
		}
		asked := user("what time is it in Asia/Tokyo and Europe/Oslo")
		m := ask(openai.Request{Messages: []chat.Message{asked}, Tools: clock})
		if len(m.ToolCalls) != 2 || m.ToolCalls[0].Name != "clock" || m.ToolCalls[0].Arguments != `{"zone":"Asia/Tokyo"}` || m.ToolCalls[1].Arguments != `{"zone":"Europe/Oslo"}` || m.ToolCalls[0].ID == m.ToolCalls[1].ID || m.Text != "" || m.State != chat.Complete {
			t.Fatalf("%s: %+v", name, m)
		}
		history := []chat.Message{asked, m}
		for i, text := range []string{"it is noon", "it is four"} {
			history = append(history, chat.Message{Role: chat.Tool, ToolCallID: m.ToolCalls[i].ID, Name: "clock", Text: text})
		}
		if m = ask(openai.Request{Messages: history, Tools: clock}); !strings.Contains(m.Text, "> it is noon\n\n> it is four\n") || len(m.ToolCalls) > 0 {
			t.Errorf("%s: %+v", name, m)
		}
		history = append(history, m, user("and what time is it now"))
		if m = ask(openai.Request{Messages: history, Tools: clock}); len(m.ToolCalls) != 1 || m.ToolCalls[0].Arguments != "{}" {
			t.Errorf("%s: %+v", name, m)
		}
		client.Close()
	}
}

// TestGuideWholeByBothAPIs: what is not streamed decodes to the same.
func TestGuideWholeByBothAPIs(t *testing.T) {
	server, err := demo.Start(demo.Guide(0, demo.System{}))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for name, api := range bothAPIs {
		body, err := api.Body(openai.Request{Messages: []chat.Message{{Role: chat.User, Text: "a list and the time"}}, Params: map[string]any{"stream": false},
			Tools: []chat.ToolDefinition{{Name: "other", Parameters: json.RawMessage(`{}`)}}})
		if err != nil {
			t.Fatal(err)
		}
		reply, err := http.Post(server.URL()+api.Path(), "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reply.Body)
		reply.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var d chat.Delta
		var turn chat.Turn
		if err := api.Decoder().Decode(&d, "", data); err != nil {
			t.Fatal(name, err)
		}
		turn.Add(&d)
		if m := turn.End(""); !strings.HasPrefix(m.Text, "Three ways") || len(m.ToolCalls) > 0 {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// TestEventsOfAResponse: clients that put a response together from its events, such as those of
// the service's own libraries, need the beginning and the end of each part.
func TestEventsOfAResponse(t *testing.T) {
	server, err := demo.Start(demo.Guide(0, demo.System{}))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	reply, err := http.Post(server.URL()+"/responses", "application/json", strings.NewReader(`{"model": "demo", "input": "reasoning", "stream": true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	data, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for line := range strings.Lines(string(data)) {
		name, is := strings.CutPrefix(line, "event: response.")
		if name = strings.TrimSpace(name); is && (len(events) == 0 || events[len(events)-1] != name) {
			events = append(events, name)
		}
	}
	want := "created in_progress" +
		" output_item.added reasoning_summary_part.added reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done output_item.done" +
		" output_item.added content_part.added output_text.delta output_text.done content_part.done output_item.done completed"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
