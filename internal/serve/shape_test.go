package serve

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// The fields of the API, each with its types: what a page or another client relies on. A
// field that may be left out has a ? before its types. Elements of arrays are named with [].
const (
	sessionShape = `
		id string
		title string
		created string
		used string
		turns number
		model string|null
		profile string|null
		by string
		state string
		helper bool
		branch_of object|null
		branch_of.session string
		branch_of.turn string|null`
	turnShape = `
		turn string
		retry_of string|null
		by string
		client string|null
		time string
		profile string|null
		model string|null
		messages array
		messages[].role string
		messages[].content string|array|null
		messages[].content[].type string
		messages[].content[].text ?string
		messages[].content[].image_url ?object
		messages[].content[].image_url.url ?string
		messages[].name ?string
		messages[].tool_call_id ?string
		messages[].tool_calls ?array
		messages[].tool_calls[].id string
		messages[].tool_calls[].type string
		messages[].tool_calls[].function object
		messages[].tool_calls[].function.name string
		messages[].tool_calls[].function.arguments string`
	endShape = `
		state string
		why string|null
		finish_reason string|null
		usage object|null
		usage.total_tokens ?number
		tool_calls array|null
		tool_calls[].id string
		tool_calls[].type string
		tool_calls[].function object
		tool_calls[].function.name string
		tool_calls[].function.arguments string`
	answerShape = endShape + `
		text string
		reasoning string
		refusal string
		position string
		html ?array`
	askedShape = `
		session string
		turn string
		position string`
	errorShape = `
		message string
		type string
		param string|null
		code string`
)

// under returns a shape whose fields are those of a field.
func under(field, shape string) string {
	var b strings.Builder
	for line := range strings.Lines(shape) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString("\n" + field + "." + line)
		}
	}
	return b.String()
}

// fits compares a value with its shape.
func fits(t *testing.T, what string, value any, shape string) {
	t.Helper()
	wanted := map[string]string{}
	for line := range strings.Lines(shape) {
		if name, types, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			wanted[name] = types
		}
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		kind := "null"
		switch v := v.(type) {
		case map[string]any:
			kind = "object"
			prefix := path
			if path != "" {
				prefix += "."
			}
			for name := range wanted { // the fields of this object
				field, isField := strings.CutPrefix(name, prefix)
				if _, there := v[field]; isField && !strings.ContainsAny(field, ".[") && !there && !strings.HasPrefix(wanted[name], "?") {
					t.Errorf("%s lacks %s", what, name)
				}
			}
			for field, inner := range v {
				walk(prefix+field, inner)
			}
		case []any:
			kind = "array"
			for _, inner := range v {
				if _, isObject := inner.(map[string]any); isObject {
					walk(path+"[]", inner)
				}
			}
		case string:
			kind = "string"
		case float64:
			kind = "number"
		case bool:
			kind = "bool"
		}
		if path == "" || strings.HasSuffix(path, "[]") {
			return
		}
		types, known := wanted[path]
		if !known {
			t.Errorf("%s has an unknown field %s", what, path)
		} else if !slices.Contains(strings.Split(strings.TrimPrefix(types, "?"), "|"), kind) {
			t.Errorf("%s: %s is %s, want %s", what, path, kind, types)
		}
	}
	walk("", value)
}

// TestShapes: every reply and every event has the fields of the interface, with their types,
// and no others.
func TestShapes(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		switch {
		case strings.HasSuffix(r.URL.Path, "/models"):
			io.WriteString(w, `{"object":"list","data":[{"id":"m"}]}`)
		case strings.Contains(string(data), "refuse"):
			w.WriteHeader(400)
			io.WriteString(w, `{"error":{"message":"no"}}`)
		case strings.Contains(string(data), "wait"):
			w.Header().Set("Content-Type", "text/event-stream")
			<-gate
			io.WriteString(w, "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"reasoning_content\":\"r\",\"content\":\"Hello\"}}]}\n\n")
			w.(http.Flusher).Flush()
			<-gate
			io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"total_tokens\":3}}\n\ndata: [DONE]\n\n")
		default:
			io.WriteString(w, `{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}`)
		}
	}))
	ask := func(method, path, body string, status int, shape string, header ...string) (value map[string]any) {
		t.Helper()
		var v any
		call(t, s, method, path, body, status, &v, header...)
		fits(t, method+" "+path, v, shape)
		value, _ = v.(map[string]any)
		return value
	}
	full := sessionShape + "\nposition string\nitems array\nearlier string|null" + under("items[]", turnShape+"\nanswer object|null"+under("answer", answerShape))
	list := "sessions array\nnext string|null" + under("sessions[]", sessionShape+"\nsnippet ?string|null")
	failure := "error object" + under("error", errorShape)

	ask("GET", "/healthz", "", 200, "status string")
	a := ask("POST", "/api/sessions", `{"content":[{"type":"text","text":"wait"},{"type":"image_url","image_url":{"url":"data:,x"}}]}`, 202, askedShape)
	path := fmt.Sprint("/api/sessions/", a["session"])
	events := send(t, s, "GET", path+"/events?html=1&after=0", "", "Authorization", "Bearer "+webToken(s))
	if items := ask("GET", path, "", 200, full)["items"].([]any); items[0].(map[string]any)["answer"] != nil {
		t.Errorf("before the first byte there is %v", items)
	}
	gate <- true
	event := shapedEvents(t, events.Body)
	for event("delta") == nil {
	}
	ask("GET", path+"?html=1", "", 200, full)
	ask("POST", path+"/turns", `{"content":"x"}`, 409, failure)
	gate <- true
	for event("end") == nil {
	}
	ask("PATCH", path, `{"title":"another"}`, 200, sessionShape)
	for event("title") == nil {
	}
	b := ask("POST", path+"/turns", `{"content":"else","after":"0"}`, 202, askedShape)
	ask("POST", path+"/turns", `{"content":"refuse"}`, 202, askedShape)
	for e := event("end"); e == nil || e["state"] != "failed"; e = event("end") {
	}
	relayed(t, s, `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"y"}]}`)
	ask("GET", "/api/sessions", "", 200, list)
	ask("GET", "/api/sessions?q=refuse", "", 200, list)
	for _, v := range sessions(t, s, "?helpers=1") {
		ask("GET", "/api/sessions/"+v.ID+"?html=1", "", 200, full)
	}
	branch := fmt.Sprint("/api/sessions/", b["session"])
	if of := ask("GET", branch, "", 200, full)["branch_of"]; of == nil {
		t.Error("a branch is none")
	}
	ask("GET", "/api/models", "", 200, "models array\nmodels[].id string\nmodels[].profile string\nmodels[].default bool\nfailed array")
	ask("GET", "/v1/models", "", 200, "object string\ndata array\ndata[].id string")
	for method, path := range map[string]string{"GET": "/api/sessions/none", "PUT": "/api/sessions", "DELETE": "/api/sessions/none/turns/x"} {
		ask(method, path, "", map[string]int{"GET": 404, "PUT": 405, "DELETE": 404}[method], failure)
	}

	conn, _, err := websocket.Dial(t.Context(), s.URL()+"api/live", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + webToken(s)}}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for _, text := range []string{
		fmt.Sprintf(`{"op":"sub","session":%q,"after":"beyond","html":true}`, a["session"]), `{"op":"stop","ref":"r","session":"none","turn":"x"}`,
		fmt.Sprintf(`{"op":"say","ref":"k","session":%q,"content":"again"}`, b["session"]), fmt.Sprintf(`{"op":"stop","ref":"s","session":%q,"turn":%q}`, a["session"], a["turn"]),
	} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for missing := map[string]bool{"reset": true, "turn": true, "end": true, "presence": true, "ok k": true, "ok s": true, "error r": true}; len(missing) > 0; {
		_, data, err := conn.Read(t.Context())
		if err != nil {
			t.Fatalf("%v; %v did not come", err, missing)
		}
		var frame map[string]any
		if err := json.Unmarshal(data, &frame); err != nil {
			t.Fatal(err)
		}
		name, inner := fmt.Sprint(frame["event"]), frame["data"]
		switch delete(frame, "data"); name {
		case "ok", "error":
			fits(t, name, frame, "event string\nref string|null")
			shape := askedShape
			if name == "error" {
				shape = errorShape + "\nstatus number"
			} else if frame["ref"] == "s" {
				shape = ""
			}
			name = fmt.Sprint(name, " ", frame["ref"])
			fits(t, name, inner, shape)
		default:
			fits(t, name, frame, "event string\nsession string\nid string|null")
			fits(t, name, inner, eventShapes[name])
		}
		delete(missing, name)
	}
	call(t, s, "DELETE", path, "", 204, nil)
	for event("gone") == nil {
	}
	ask("POST", path+"/restore", "{}", 200, sessionShape)
}

// eventShapes are the data of the events.
var eventShapes = map[string]string{
	"turn":     turnShape,
	"delta":    "turn string\ntext ?string\nreasoning ?string\nrefusal ?string\nhtml ?object\nhtml.from number\nhtml.blocks array",
	"end":      "turn string\n" + endShape,
	"reset":    "turn string",
	"title":    "title string",
	"presence": "viewers number\ntyping number",
	"gone":     "",
}

// shapedEvents returns a function that reads the next server-sent event, checks it, and
// returns its data if it has a name.
func shapedEvents(t *testing.T, body io.Reader) func(name string) map[string]any {
	in := bufio.NewReader(body)
	return func(name string) map[string]any {
		t.Helper()
		event, data := "", ""
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatalf("%s does not come: %v", name, err)
			}
			field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch {
			case field == "event":
				event = value
			case field == "data":
				data = value
			case line == "\n" && event != "":
				shape, known := eventShapes[event]
				if !known {
					t.Fatalf("an unknown event %s", event)
				}
				var v map[string]any
				if err := json.Unmarshal([]byte(data), &v); err != nil {
					t.Fatal(err)
				}
				fits(t, "the event "+event, v, shape)
				if event == name {
					return v
				}
				event = ""
			}
		}
	}
}
