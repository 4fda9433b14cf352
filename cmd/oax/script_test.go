package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"oax/internal/demo"
)

// TestScripts runs the transcripts of testdata/script. Besides the commands of
// testscript they have:
//
//	answers TEXT...   an endpoint that gives these answers in turn
//	requests FILE     the bodies it was sent, one a line
//	service           an endpoint that wants a key and knows its models
func TestScripts(t *testing.T) {
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
			"requests": requests,
			"service":  service,
		},
	})
}

// endpointKey finds the endpoint of a script.
type endpointKey struct{}

func answers(ts *testscript.TestScript, _ bool, texts []string) {
	var exchanges []demo.Exchange
	for _, text := range texts {
		exchanges = append(exchanges, demo.Stream(demo.Answer(text)...))
	}
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
