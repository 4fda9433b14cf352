package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"oax/internal/demo"
)

// TestScripts runs the transcripts of testdata/script. Besides the commands of
// testscript they have:
//
//	answers TEXT...   an endpoint that gives these answers in turn
//	streams FILE...   an endpoint that answers with the events in these files, or refuses with those in JSON
//	requests FILE     the bodies it was sent, one a line
//	service           an endpoint that wants a key and knows its models
//	oax ARGS...       exec oax, in this process if that makes no difference
func TestScripts(t *testing.T) {
	t.Parallel()
	names := scriptEnvironment(t)
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+env.Getenv("PATH"))
			for _, name := range []string{"DATA", "CONFIG", "CACHE"} {
				env.Setenv("XDG_"+name+"_HOME", filepath.Join(env.WorkDir, strings.ToLower(name)))
			}
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TZ", "UTC")
			env.Values[endpointKey{}] = &endpoint{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers":  answers,
			"streams":  streams,
			"requests": requests,
			"service":  service,
			"oax": func(ts *testscript.TestScript, fails bool, args []string) {
				h := &home{t: t, dir: ts.MkAbs("."), env: map[string]string{}}
				for _, name := range names {
					if value := ts.Getenv(name); value != "" {
						h.env[name] = value
					}
				}
				h.runInScript(ts, fails, args)
			},
		},
	})
}

// scriptEnvironment returns the names of the variables that oax has in a script.
func scriptEnvironment(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	names := strings.Fields("PATH HOME TMPDIR TZ XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME OPENAI_BASE_URL HOST")
	for _, path := range paths {
		for _, line := range regexp.MustCompile(`(?m)^env .*`).FindAllString(text(t, path), -1) {
			for _, set := range regexp.MustCompile(`\b([A-Z_]+)=`).FindAllStringSubmatch(line, -1) {
				names = append(names, set[1])
			}
		}
	}
	return names
}

// runInScript is the command oax of a script.
func (h *home) runInScript(ts *testscript.TestScript, fails bool, args []string) {
	failed := false
	if h.needsProcess(args) {
		failed = ts.Exec("oax", args...) != nil
	} else {
		r := h.runInProcess("", args)
		io.WriteString(ts.Stdout(), r.stdout)
		io.WriteString(ts.Stderr(), r.stderr)
		failed = r.code != 0
	}
	if failed != fails {
		ts.Fatalf("unexpected exit of oax")
	}
}

// endpointKey finds the endpoint of a script.
type endpointKey struct{}

func answers(ts *testscript.TestScript, _ bool, texts []string) {
	var exchanges []demo.Exchange
	for _, text := range texts {
		exchanges = append(exchanges, demo.Stream(demo.Answer(text)...))
	}
	plays(ts, exchanges)
}

func streams(ts *testscript.TestScript, _ bool, files []string) {
	var exchanges []demo.Exchange
	for _, file := range files {
		body := ts.ReadFile(file)
		if strings.HasSuffix(file, ".json") {
			exchanges = append(exchanges, demo.Reply(404, "application/json", body))
			continue
		}
		var events []demo.Step
		for event := range strings.Lines(strings.TrimRight(body, "\n")) {
			events = append(events, demo.Send([]byte("data: "+strings.TrimRight(event, "\n")+"\n\n")))
		}
		exchanges = append(exchanges, demo.Stream(events...))
	}
	plays(ts, exchanges)
}

// plays starts an endpoint of a script.
func plays(ts *testscript.TestScript, exchanges []demo.Exchange) {
	script := demo.Script(exchanges...)
	server, err := demo.Start(script)
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("OPENAI_BASE_URL", server.URL())
	ts.Setenv("HOST", strings.TrimSuffix(strings.TrimPrefix(server.URL(), "http://"), "/v1"))
	ts.Value(endpointKey{}).(*endpoint).script = script
}

type endpoint struct{ script *demo.Scripted }

func requests(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	for _, r := range ts.Value(endpointKey{}).(*endpoint).script.Requests() {
		fmt.Fprintf(&b, "%s\n", r.Body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// serviceKey is the one key that a service takes.
const serviceKey = "sk-first-0123456789-0123456789"

// service starts an endpoint as services are: it wants a key, has two models, and knows
// no others. HOST is its host and port.
func service(ts *testscript.TestScript, _ bool, _ []string) {
	answer := demo.Script(demo.Stream(demo.Answer("hello")...))
	server, err := demo.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Model string }
		switch {
		case r.Header.Get("Authorization") != "Bearer "+serviceKey:
			refuse(w, 401, "invalid_api_key", "Incorrect API key provided")
		case r.URL.Path == "/v1/models":
			w.Write([]byte(`{"object":"list","data":[{"id":"small"},{"id":"large"}]}`))
		case r.URL.Path != "/v1/chat/completions":
			refuse(w, 404, "not_found", "nothing here")
		case json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Model != "small" && asked.Model != "large":
			refuse(w, 404, "model_not_found", "The model `"+asked.Model+"` does not exist")
		default:
			answer.ServeHTTP(w, r)
		}
	}))
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("HOST", strings.TrimSuffix(strings.TrimPrefix(server.URL(), "http://"), "/v1"))
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"message": message, "code": code}})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}
