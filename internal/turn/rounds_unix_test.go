//go:build unix

package turn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/tools"
)

// roundsTest is what a test of rounds has: a store, an endpoint that takes only requests in which
// each call has one result, and tools that are shell scripts.
type roundsTest struct {
	*testing.T
	dir    string
	script *demo.Scripted
	client *openai.Client
	store  *session.Store
	rounds Rounds
	out    bytes.Buffer
	stderr string // path
}

// newRounds returns a roundsTest whose endpoint sends replies in order, and whose tools run scripts.
func newRounds(t *testing.T, scripts map[string]string, replies ...demo.Exchange) *roundsTest {
	t.Helper()
	rt := &roundsTest{T: t, dir: t.TempDir(), script: demo.Script(replies...)}
	server, err := demo.Start(demo.Strict(rt.script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	rt.client = openai.New(openai.Config{API: completions.API{}, BaseURL: server.URL(), Limits: openai.DefaultLimits(), Local: true})
	rt.store = session.New(session.Options{Dir: filepath.Join(rt.dir, "sessions")})
	text, names := "", []string{}
	for name, script := range scripts {
		approve, script, found := strings.Cut(script, "@")
		if !found {
			approve, script = "ask", approve
		}
		text += fmt.Sprintf("[tools.%s]\ncommand = ['sh', '-c', '''%s''']\nschema = 'any.json'\napprove = '%s'\n", name, script, approve)
		names = append(names, name)
	}
	rt.write("any.json", `{"description":"d","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}`)
	rt.write("config.toml", text)
	file, _, err := config.Load(filepath.Join(rt.dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	offer := tools.NewOffer(tools.Options{Config: file, Environ: append(os.Environ(), "DIR="+rt.dir), Dir: rt.store.Outputs(), Now: time.Now}, names)
	t.Cleanup(offer.Close)
	if _, err := offer.Definitions(t.Context()); err != nil {
		t.Fatal(err)
	}
	rt.stderr = filepath.Join(rt.dir, "stderr")
	stderr, err := os.Create(rt.stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stderr.Close() })
	rt.rounds = Rounds{
		Tools: offer.Set(), Allow: []string{"*"}, Now: time.Now, Asked: chat.Endpoint{Profile: "p", Model: "m"},
		Log: report.NewWriter(stderr, false), Waiting: func(string) {}, Output: func() *Printer { return NewPrinter(&rt.out, NewJSON(false)) },
		Events: CallObjects(&rt.out, false),
		Answer: func(ctx context.Context, r openai.Request, s Saver, round int) Result {
			return Run(ctx, Options{Client: rt.client, Request: r, Saver: s, Round: round, Output: NewPrinter(&rt.out, NewJSON(false))})
		},
	}
	return rt
}

func (rt *roundsTest) write(name, text string) {
	rt.Helper()
	if err := os.WriteFile(filepath.Join(rt.dir, name), []byte(text), 0o600); err != nil {
		rt.Fatal(err)
	}
}

func (rt *roundsTest) read(name string) string {
	data, _ := os.ReadFile(filepath.Join(rt.dir, name))
	return string(data)
}

// run runs a turn in a new session.
func (rt *roundsTest) run(ctx context.Context) (Result, *session.Session) {
	rt.Helper()
	saver := begin(rt.T, rt.store)
	r := rt.rounds.Run(ctx, request, saver)
	return r, rt.load(saver.ID())
}

func (rt *roundsTest) load(id string) *session.Session {
	rt.Helper()
	e, err := rt.store.Find(id)
	if err != nil {
		rt.Fatal(err)
	}
	s, err := rt.store.Load(e)
	if err != nil {
		rt.Fatal(err)
	}
	if open := rt.store.Open(); len(open) > 0 {
		rt.Errorf("left open: %v", open)
	}
	return s
}

// resultsIn returns the ID, the status and the text of each result, in the order of the IDs
// where they are of one answer.
func resultsIn(s *session.Session) (all []string) {
	from := 0
	for _, m := range s.Messages {
		switch m.Role {
		case chat.Assistant:
			from = len(all)
		case chat.Tool:
			all = append(all, fmt.Sprintf("%s %s: %s", m.ToolCallID, m.Result.Status, m.Text))
			slices.Sort(all[from:])
		}
	}
	return all
}

func (rt *roundsTest) want(got []string, want ...string) {
	rt.Helper()
	if !slices.Equal(got, want) {
		rt.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// callsFor is an answer that asks for calls, each of a name and arguments.
func callsFor(calls ...string) demo.Exchange {
	var steps []demo.Step
	for i, c := range calls {
		name, arguments, _ := strings.Cut(c, " ")
		steps = append(steps, demo.Send(demo.CallChunk(i, fmt.Sprint("c", i), name, arguments)))
	}
	return demo.Stream(append(steps, demo.Send(demo.Finish("tool_calls")), demo.Send(demo.Done()))...)
}

var said = demo.Stream(demo.Answer("it is so")...)

func TestRounds(t *testing.T) {
	rt := newRounds(t, map[string]string{"a": `cat; echo "$OAX_CALL_ID" >> "$DIR/ran"`, "b": "echo out; echo err >&2; exit 3"},
		callsFor(`a {"n":1}`, "b"), callsFor(`a {"n":2}`), said)
	r, s := rt.run(t.Context())
	if r.Err != nil || r.Message.Text != "it is so" || len(rt.script.Requests()) != 3 {
		t.Fatalf("%+v %+v after %d requests; %s", r, r.Err, len(rt.script.Requests()), rt.read("stderr"))
	}
	rt.want(resultsIn(s), `c0 ran: {"n":1}`, "c1 failed: out\n\nstandard error:\nerr\n\nexit status 3", `c0 ran: {"n":2}`)
	if ran := rt.read("ran"); ran != "c0\nc0\n" {
		t.Errorf("ran %q", ran)
	}
	var sent struct{ Messages []json.RawMessage }
	if err := json.Unmarshal(rt.script.Requests()[2].Body, &sent); err != nil || len(sent.Messages) != 6 {
		t.Errorf("sent %s, %v", rt.script.Requests()[2].Body, err)
	}
	if len(r.Before) != 8 || r.Turn == "" { // two answers, three calls and three results
		t.Errorf("before the last answer there are %d messages", len(r.Before))
	}
	said := s.Messages[len(s.Messages)-1]
	if len(s.Messages) != 10 || said.Turn != r.Turn || said.Turn != s.Messages[8].Turn {
		t.Errorf("%d messages, the last of the turn %s", len(s.Messages), said.Turn)
	}
	for i, m := range r.Before { // what a conversation has in memory is what is in the file
		if kept := s.Messages[i+1]; kept.Role != m.Role || kept.Turn != m.Turn || kept.Text != m.Text || kept.Profile != m.Profile || kept.Model != m.Model && m.Role == chat.Tool || !kept.Time.Equal(m.Time) && m.Role != chat.Assistant {
			t.Errorf("message %d: in memory %+v, in the file %+v", i, m, kept)
		}
	}
	var types []string
	for line := range strings.Lines(rt.out.String()) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Error(err)
		}
		types = append(types, fmt.Sprint(o["type"]))
	}
	slices.Sort(types)
	rt.want(slices.Compact(types), "call", "end", "result", "text")
	if n := strings.Count(rt.out.String(), `"type":"end"`); n != 1 {
		t.Errorf("%d ends in %s", n, rt.out.String())
	}
	for _, line := range []string{`oax: a {"n":1} · ran \d+\.\d\d s\n`, `oax: b · failed \d+\.\d\d s, exit status 3\n`} {
		if told := rt.read("stderr"); !regexp.MustCompile(line).MatchString(told) {
			t.Errorf("told %q, want %s", told, line)
		}
	}
}

// TestWhatDoesNotRun: each such call has a result that says why, and nothing of it runs.
func TestWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	const script = `echo "$OAX_CALL_ID" >> "$DIR/ran"`
	huge := `a {"n":"` + strings.Repeat("x", 1<<20) + `"}`
	rt := newRounds(t, map[string]string{"a": script, "no": "never@" + script, "yes": "always@" + script},
		callsFor(`a {"n":`, `a {"n":"text"}`, "other {}", "no {}", "yes {}", huge, `a [1]`, "a {}", "\x1b[2J\u202e {}"), said)
	rt.rounds.Allow = []string{"no", "b*"}
	r, s := rt.run(t.Context())
	if r.Err != nil {
		t.Fatalf("%+v", r.Err)
	}
	var status []string
	for _, line := range resultsIn(s) {
		status = append(status, strings.Fields(line)[1])
	}
	rt.want(status, "refused:", "refused:", "refused:", "refused:", "ran:", "refused:", "refused:", "refused:", "refused:")
	if ran := rt.read("ran"); ran != "c4\n" {
		t.Errorf("ran %q", ran)
	}
	if lines := rt.read("stderr"); strings.ContainsAny(lines, "\x1b\u202e") || !strings.Contains(lines, "hint: --allow a lets it run\n") || strings.Count(lines, "hint") != 1 {
		t.Errorf("told %q", lines)
	}
	if n := len(s.Starts()); n != 1 {
		t.Errorf("%d calls are recorded", n)
	}
}

// TestNamesOfLines: no name that a model sends makes a line of its own.
func TestNamesOfLines(t *testing.T) {
	t.Parallel()
	fake := "note\noax: note {} · ran 0.00 s\nhint: all is well\n"
	call := demo.Stream(demo.Send(demo.CallChunk(0, "c0", fake, `{"a":"`+"\n"+`"}`)), demo.Send(demo.Finish("tool_calls")), demo.Send(demo.Done()))
	rt := newRounds(t, map[string]string{"a": "echo x"}, call, said)
	if r, s := rt.run(t.Context()); r.Err != nil || len(s.Starts()) != 0 {
		t.Errorf("%+v", r.Err)
	}
	if told := rt.read("stderr"); strings.Count(told, "\n") != 1 || !strings.HasPrefix(told, "oax: note oax: note {} · ran 0.00 s hint: all is well {") {
		t.Errorf("told %q", told)
	}
}

// TestCutAnswers: the calls of an answer that is not whole never run.
func TestCutAnswers(t *testing.T) {
	call := demo.Send(demo.CallChunk(0, "c0", "a", "{}"))
	for name, reply := range map[string]demo.Exchange{
		"length":  demo.Stream(call, demo.Send(demo.Finish("length")), demo.Send(demo.Done())),
		"limit":   demo.Stream(call, demo.Send(demo.Finish("tool_calls")), demo.Send(demo.Usage(3, 7)), demo.Send(demo.Done())),
		"no end":  demo.Stream(call, demo.FIN()),
		"filter":  demo.Stream(call, demo.Send(demo.Finish("content_filter"))),
		"refused": demo.Reply(400, "application/json", `{"error":{"message":"no"}}`),
	} {
		rt := newRounds(t, map[string]string{"a": `echo x > "$DIR/ran"`}, reply)
		limited := request
		limited.Params = map[string]any{"max_tokens": 7}
		saver := begin(t, rt.store)
		r := rt.rounds.Run(t.Context(), limited, saver)
		if s := rt.load(saver.ID()); r.Err == nil || rt.read("ran") != "" || len(s.Starts()) > 0 || len(rt.script.Requests()) != 1 {
			t.Errorf("%s: %+v, %d calls, %d requests", name, r.Err, len(s.Starts()), len(rt.script.Requests()))
		}
	}
}

// TestParallel: four calls run at once, if all are allowed; else one after the other.
func TestParallel(t *testing.T) {
	t.Parallel()
	const meet = `touch "$DIR/$OAX_CALL_ID"; n=0; while [ $(ls "$DIR" | grep -c '^c[0-9]$') -lt 4 ] && [ $n -lt 3000 ]; do n=$((n+1)); sleep 0.01; done; ls "$DIR" | grep -c '^c[0-9]$'`
	rt := newRounds(t, map[string]string{"a": meet}, callsFor("a", "a", "a", "a"), said)
	if r, s := rt.run(t.Context()); r.Err != nil || len(resultsIn(s)) != 4 || !strings.HasSuffix(resultsIn(s)[0], "ran: 4\n") {
		t.Errorf("%+v: %q", r.Err, resultsIn(s))
	}
	const alone = `mkdir "$DIR/busy" && sleep 0.02 && rmdir "$DIR/busy"`
	rt = newRounds(t, map[string]string{"a": alone}, callsFor("a", "a", "b", "a"), said)
	r, s := rt.run(t.Context())
	if got := resultsIn(s); r.Err != nil || !strings.HasPrefix(got[0], "c0 ran") || !strings.HasPrefix(got[3], "c3 ran") || !strings.HasPrefix(got[1], "c1 ran") {
		t.Errorf("%+v: %q", r.Err, got)
	}
}

// TestMaxRounds: a model that asks for tools for ever is stopped.
func TestMaxRounds(t *testing.T) {
	rt := newRounds(t, map[string]string{"a": "echo x >> $DIR/ran"}, callsFor("a"))
	r, s := rt.run(t.Context())
	if r.Err == nil || r.Err.Code != report.ExitIncomplete || r.Err.What != "the model asked for tools 10 times in a row; the last calls were not run" {
		t.Errorf("%+v", r.Err)
	}
	if n := len(rt.script.Requests()); n != MaxRounds || rt.read("ran") != strings.Repeat("x\n", MaxRounds-1) || len(resultsIn(s)) != MaxRounds-1 {
		t.Errorf("%d requests, ran %q, results %q", n, rt.read("ran"), resultsIn(s))
	}
	if _, _, ok := s.OpenCalls(); !ok || !strings.Contains(rt.out.String(), `{"type":"end","status":"incomplete"`) {
		t.Errorf("printed %s", rt.out.String())
	}
}

// TestStopped: Ctrl-C ends the tools that run and records that; the session goes on.
func TestStopped(t *testing.T) {
	t.Parallel()
	rt := newRounds(t, map[string]string{"a": `echo some; echo $$ > "$DIR/pid"; sleep 1000`, "b": `echo x > "$DIR/ran"`, "c": "echo yes"},
		callsFor("c", "a", "nothing", "b"), said)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		for rt.read("pid") == "" {
			time.Sleep(time.Millisecond)
		}
		cancel(report.Interrupted{Signal: os.Interrupt})
	}()
	r, s := rt.run(ctx)
	if r.Err == nil || r.Err.Signal != os.Interrupt || r.Err.What != "stopped" || r.Answered {
		t.Errorf("%+v", r.Err)
	}
	got := resultsIn(s)
	if len(got) != 4 || got[0] != "c0 ran: yes\n" || !strings.HasPrefix(got[1], "c1 stopped: some\n") || !strings.HasPrefix(got[2], "c2 refused") || got[3] != "c3 not run: This call was not run: stopped." {
		t.Errorf("results %q", got)
	}
	var pid int
	fmt.Sscan(rt.read("pid"), &pid)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the tool is still there: %v", err)
	}
	if rt.read("ran") != "" || !strings.Contains(rt.out.String(), `{"type":"end","status":"failed"`) {
		t.Errorf("printed %s", rt.out.String())
	}
	again := request
	again.Messages = append(s.History(), chat.Message{Role: chat.User, Text: "go on"})
	w, err := Begin(rt.store, s, rt.rounds.Log, Records("", again.Messages[len(again.Messages)-1], "m", "p", 0)...)
	if err != nil {
		t.Fatal(err)
	}
	if r := rt.rounds.Run(t.Context(), again, w); r.Err != nil || r.Message.Text != "it is so" {
		t.Errorf("%+v", r.Err)
	}
}

// deadDisk is a session whose disk fails at the nth record.
type deadDisk struct {
	*session.Writer
	n       int
	records []record.Message
}

func (d *deadDisk) Record(m record.Message) (record.Message, error) {
	if d.n--; d.n < 0 {
		return m, &session.SaveError{Stage: "call", Err: syscall.ENOSPC}
	}
	d.records = append(d.records, m)
	return d.Writer.Record(m)
}

// TestDiskFails: no call runs whose record could not be written, and nothing is sent whose
// results could not.
func TestDiskFails(t *testing.T) {
	for n := range 4 {
		rt := newRounds(t, map[string]string{"a": `echo "$OAX_CALL_ID" >> "$DIR/ran"`}, callsFor("a", "a"), said)
		rt.rounds.Allow = []string{"*"}
		w := begin(t, rt.store).(*session.Writer)
		disk := &deadDisk{Writer: w, n: n}
		r := rt.rounds.Run(t.Context(), request, disk)
		if r.Err == nil || r.Err.Code != report.ExitDisk || r.SaveErr == nil || len(rt.script.Requests()) != 1 {
			t.Errorf("%d: %+v, %d requests", n, r.Err, len(rt.script.Requests()))
		}
		s := rt.load(w.ID())
		for _, id := range strings.Fields(rt.read("ran")) {
			if !slices.ContainsFunc(disk.records, func(m record.Message) bool { return m.Role == record.Called && m.ToolCallID == id }) {
				t.Errorf("%d: call %s ran without a record", n, id)
			}
		}
		if len(s.Starts()) != len(strings.Fields(rt.read("ran"))) {
			t.Errorf("%d: %d calls recorded, ran %q", n, len(s.Starts()), rt.read("ran"))
		}
	}
}

// hungDisk is a session whose disk does not answer from the nth record on. Nothing else may be
// asked of it then.
type hungDisk struct {
	*session.Writer
	n       int
	hangs   func()        // is called when it begins to hang
	until   chan struct{} // it answers again
	done    chan struct{} // it has answered
	stopped bool
}

func (d *hungDisk) Record(m record.Message) (record.Message, error) {
	if d.n--; d.n >= 0 {
		return d.Writer.Record(m)
	}
	d.stopped = true
	d.hangs()
	<-d.until
	defer close(d.done)
	return d.Writer.Record(m)
}

func (d *hungDisk) Close() error {
	if d.stopped {
		panic("closed while it is in use")
	}
	return d.Writer.Close()
}

func (d *hungDisk) Notes() []string {
	if d.stopped {
		panic("asked for notes while it is in use")
	}
	return d.Writer.Notes()
}

// TestDiskHangsInRounds: Ctrl-C waits for the record of a call or of a result, but not for ever.
func TestDiskHangsInRounds(t *testing.T) {
	t.Parallel()
	for n, ran := range []string{"", "x\n"} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			rt := newRounds(t, map[string]string{"a": `echo x >> "$DIR/ran"`}, callsFor("a"), said)
			ctx, cancel := context.WithCancelCause(t.Context())
			w := begin(t, rt.store).(*session.Writer)
			disk := &hungDisk{Writer: w, n: n, until: make(chan struct{}), done: make(chan struct{})}
			disk.hangs = func() { cancel(report.Interrupted{Signal: os.Interrupt}) }
			r := rt.rounds.Run(ctx, request, disk)
			save, ok := errors.AsType[*session.SaveError](r.SaveErr)
			if !ok || !disk.stopped || save.Stage != "sync" || save.ID != w.ID() || !errors.Is(save, errHung) || r.Err == nil || r.Err.Signal != os.Interrupt {
				t.Errorf("%+v, %v", r.Err, r.SaveErr)
			}
			if got := len(r.Before); got != 1+n || rt.read("ran") != ran || len(rt.script.Requests()) != 1 {
				t.Errorf("%d messages, ran %q, %d requests", got, rt.read("ran"), len(rt.script.Requests()))
			}
			close(disk.until)
			<-disk.done
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRetry: a call that was recorded does not run again unasked.
func TestRetry(t *testing.T) {
	for _, tt := range []struct {
		retry Retry
		want  string
		ran   int
	}{
		{Retry{}, "c0 not run: This call was not run: the same call ran before.", 1},
		{Retry{Replay: true}, "c0 replayed: out\n", 1},
		{Retry{Rerun: true}, "c0 ran: out\n", 2},
	} {
		rt := newRounds(t, map[string]string{"a": `echo x >> "$DIR/ran"; echo out`}, callsFor(`a {"n":1}`), said, callsFor(`a { "n": 1 }`), said)
		_, s := rt.run(t.Context())
		rt.rounds.Retry, rt.rounds.Session = tt.retry, s
		rt.rounds.Retry.Earlier = s.Recorded()
		w, err := Begin(rt.store, s, rt.rounds.Log)
		if err != nil {
			t.Fatal(err)
		}
		r := rt.rounds.Run(t.Context(), request, w)
		s = rt.load(s.ID)
		if got := resultsIn(s); r.Err != nil || len(got) != 2 || got[1] != tt.want || strings.Count(rt.read("ran"), "x") != tt.ran {
			t.Errorf("%+v: %+v, results %q, ran %q", tt.retry, r.Err, got, rt.read("ran"))
		}
		if h := s.History(); len(h) != 4 || h[2].Text != strings.SplitN(tt.want, ": ", 2)[1] {
			t.Errorf("%+v: %d messages go on", tt.retry, len(h))
		}
	}
}

// TestReplay: each call that was recorded before is replayed, as often as it comes, and no other.
func TestReplay(t *testing.T) {
	const one, large, other = `a {"n":1}`, `a {"n":9007199254740993}`, `a {"n":9007199254740992}`
	for _, tt := range []struct {
		before, again []string
		want          string // the status of each call that was asked for again
	}{
		{[]string{one, "b"}, []string{one, one}, "replayed replayed"},
		{[]string{one, one}, []string{one, one, one}, "replayed replayed replayed"},
		{[]string{large}, []string{other, large}, "ran replayed"},
	} {
		rt := newRounds(t, map[string]string{"a": "cat", "b": "echo out"}, callsFor(tt.before...), said, callsFor(tt.again...), said)
		_, s := rt.run(t.Context())
		rt.rounds.Retry = Retry{Earlier: s.Recorded(), Replay: true}
		w, err := Begin(rt.store, s, rt.rounds.Log)
		if err != nil {
			t.Fatal(err)
		}
		if r := rt.rounds.Run(t.Context(), request, w); r.Err != nil {
			t.Error(r.Err)
		}
		var status []string
		for _, line := range resultsIn(rt.load(s.ID))[len(tt.before):] {
			status = append(status, strings.Trim(strings.Fields(line)[1], ":"))
		}
		if got := strings.Join(status, " "); got != tt.want {
			t.Errorf("%q, then %q: %s, want %s", tt.before, tt.again, got, tt.want)
		}
	}
}

// TestLongOutput: the whole of a long output is beside the session.
func TestLongOutput(t *testing.T) {
	rt := newRounds(t, map[string]string{"a": "head -c 100000 /dev/zero | tr '\\0' x"}, callsFor("a"), said)
	r, s := rt.run(t.Context())
	m := s.Messages[3]
	data, err := os.ReadFile(m.Result.File)
	if r.Err != nil || err != nil || len(data) != 100000 || !m.Result.Truncated || m.Result.Bytes != 100000 || filepath.Dir(filepath.Dir(m.Result.File)) != filepath.Dir(s.Path) || len(m.Text) > 64<<10 {
		t.Fatalf("%+v, %v: %+v, %d bytes", r.Err, err, m.Result, len(data))
	}
	trash := rt.store.Trash()
	if err := trash.Take(s.Entry()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(m.Result.File)); err == nil {
		t.Error("the output stays when the session is removed")
	}
	removed, err := trash.All()
	if err != nil || len(removed) != 1 {
		t.Fatal(removed, err)
	}
	if _, err := trash.Restore(removed[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(m.Result.File); err != nil {
		t.Error(err)
	}
	if err := trash.Purge(s.Entry()); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(s.Path), "*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// TestUnsavedRounds: what cannot be recorded does not run.
func TestUnsavedRounds(t *testing.T) {
	rt := newRounds(t, map[string]string{"a": `touch "$DIR/ran"`}, callsFor("a"))
	r := rt.rounds.Run(t.Context(), request, Unsaved{})
	if _, err := os.Stat(filepath.Join(rt.dir, "ran")); r.Err == nil || r.Message.Why != chat.NoTool || err == nil {
		t.Errorf("%+v", r.Err)
	}
}
