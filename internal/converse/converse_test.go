package converse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/goleak"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/converse/lineedit"
	"oax/internal/demo"
	"oax/internal/endpoint"
	"oax/internal/manual"
	"oax/internal/openai"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/tools"
	"oax/internal/turn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// person is a reader that types one line after the other, and then Ctrl-D.
type person struct {
	lines   []any    // a string is typed, an error happens, and a func is called first
	starts  []string // what the messages began with
	focused bool     // they look at the window
}

func (p *person) Read(ctx context.Context, start string) (string, error) {
	for len(p.lines) > 0 {
		line := p.lines[0]
		p.lines = p.lines[1:]
		if do, ok := line.(func()); ok {
			do()
			continue
		}
		p.starts = append(p.starts, start)
		if err, ok := line.(error); ok {
			return start, err
		}
		return line.(string), nil
	}
	p.starts = append(p.starts, start)
	return "", io.EOF
}

func (p *person) Focused() bool  { return p.focused }
func (p *person) Collect()       {}
func (p *person) Lend(do func()) { do() }
func (p *person) Restore()       {}
func (p *person) Close()         {}

// room is a conversation with a scripted endpoint.
type room struct {
	t       *testing.T
	dir     string
	script  *demo.Scripted
	url     string // of the endpoint
	o       Options
	person  person
	profile string // of the command line
	out     *os.File
	errors  *os.File
}

// newRoom returns a conversation of which the endpoint answers so. The profile p is the
// default. The profile broken has these settings, and a model.
func newRoom(t *testing.T, broken string, exchanges ...demo.Exchange) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir(), script: demo.Script(exchanges...)}
	server, err := demo.Start(r.script)
	r.check(err)
	r.url = server.URL()
	t.Cleanup(server.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	home := func(name string) string {
		if name == "HOME" {
			return r.dir
		}
		return ""
	}
	dirs, err := config.FindDirs(home)
	r.check(err)
	r.write(dirs.ConfigFile(), fmt.Sprintf(`profile = "p"
[profiles.p]
base_url = %q
model = "m"
[profiles.broken]
base_url = "https://oax.invalid/v1"
model = "m"
%s
`, server.URL(), broken))
	file, _, err := config.Load(dirs.ConfigFile())
	r.check(err)
	store := session.New(session.Options{Dir: dirs.Sessions(), Rescue: r.dir, Now: time.Now})
	r.out, r.errors = r.file("out"), r.file("err")
	r.o = Options{
		Stdin: r.file("in"), Stdout: r.out, Stderr: r.errors,
		Getenv: home, Now: time.Now, Store: store, Interrupts: new(Interrupts),
		Draft: prompt.Draft{Path: dirs.Draft()}, Tools: tools.NewOffer(tools.Options{Config: file, Now: time.Now}, nil),
		Ready: func(s *session.Session) error {
			_, err := file.KnownEndpoint(config.Settings{Profile: r.profile, Environ: os.Environ(), Env: func(string) (string, bool) { return "", false }})
			return err
		},
		Resolve: func(ctx context.Context, log *report.Writer, profile, model string, s *session.Session) (*endpoint.Endpoint, error) {
			lastProfile, lastModel := s.LastAsked()
			profile, model = endpoint.ProfileAndModel(cmp.Or(profile, r.profile), model, lastProfile, lastModel)
			return endpoint.Resolve(ctx, endpoint.Options{
				File: file, Dirs: dirs, Log: log,
				Settings: config.Settings{Profile: profile, Model: model, Environ: os.Environ(), Env: func(string) (string, bool) { return "", false }},
			})
		},
		Turn: func(ctx context.Context, log *report.Writer, e *endpoint.Endpoint, request openai.Request, saver turn.Saver, _ *session.Session, _ func(func())) turn.Result {
			form := turn.NewText(turn.TextOptions{Color: "never", Getenv: r.o.Getenv})
			return turn.Run(ctx, turn.Options{Client: e.Client, Request: request, Saver: saver, Output: turn.NewPrinter(r.out, form)})
		},
		Suggest: func(kind, profile, begin string) []lineedit.Candidate {
			return []lineedit.Candidate{{Value: begin + "…", About: kind + " of " + profile}}
		},
		Cost: func(profile string, usage json.RawMessage, models ...string) (float64, bool) {
			return endpoint.Cost(file, profile, usage, models...)
		},
	}
	return r
}

func (r *room) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) write(path, text string) {
	r.t.Helper()
	r.check(os.MkdirAll(filepath.Dir(path), 0o700))
	r.check(os.WriteFile(path, []byte(text), 0o600))
}

func (r *room) file(name string) *os.File {
	r.t.Helper()
	f, err := os.Create(filepath.Join(r.dir, name))
	r.check(err)
	r.t.Cleanup(func() { f.Close() })
	return f
}

// converse holds a conversation in which these lines are typed, and returns its error.
func (r *room) converse(lines ...any) error {
	r.t.Helper()
	r.person = person{lines: lines}
	c := newConversation(r.o)
	c.reader = &r.person
	return c.run(r.t.Context())
}

func (r *room) stdout() string { return r.read("out") }
func (r *room) stderr() string { return r.read("err") }

func (r *room) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	r.check(err)
	return string(text)
}

// wantErr compares everything that was written to standard error.
func (r *room) wantErr(lines ...string) {
	r.t.Helper()
	got := strings.NewReplacer(r.dir, "~").Replace(r.stderr())
	if want := strings.Join(lines, "\n") + "\n"; got != want {
		r.t.Errorf("standard error:\n%swant:\n%s", got, want)
	}
}

func (r *room) wantStarts(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.person.starts, want) {
		r.t.Errorf("the messages began with %q, want %q", r.person.starts, want)
	}
}

func (r *room) wantDraft(want string) {
	r.t.Helper()
	if got := r.o.Draft.Load(); got != want {
		r.t.Errorf("the draft is %q, want %q", got, want)
	}
}

// wantSessions compares the sessions on disk, newest first: q for a prompt, a for an
// answer, s for a system message.
func (r *room) wantSessions(want ...string) {
	r.t.Helper()
	var got []string
	for entry, err := range r.o.Store.List(session.Filter{}) {
		r.check(err)
		s, err := r.o.Store.Load(entry)
		r.check(err)
		var texts []string
		for _, m := range s.Messages {
			sign := map[chat.Role]string{chat.System: "s ", chat.User: "q ", chat.Assistant: "a "}[m.Role]
			texts = append(texts, sign+m.Text)
		}
		got = append(got, strings.Join(texts, " | "))
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("the sessions are %q, want %q", got, want)
	}
}

func answer(text string) demo.Exchange { return demo.Stream(demo.Answer(text)...) }

const greeting = "oax: /help shows the commands, Ctrl-D leaves"

// TestUnsent: a message that cannot be sent is the text of the next prompt and a draft,
// and its files stay attached.
func TestUnsent(t *testing.T) {
	for _, test := range []struct{ name, config, want string }{
		{"no key", "key_env = \"NO_SUCH_KEY\"", "oax: no API key for https://oax.invalid/v1"},
		{"a dead key_command", "key_command = \"exit 3\"", "oax: key_command exited 3"},
		{"a key that is no key", "key_command = \"echo a; echo b\"", "oax: the API key holds a line break; check key_command"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRoom(t, test.config, answer("yes"))
			r.profile = "broken"
			r.write(filepath.Join(r.dir, "note.md"), "a note\n")
			draft := func() { r.wantDraft("質問\nof two lines") }
			err := r.converse("/attach "+filepath.Join(r.dir, "note.md"), "質問\nof two lines", draft, "/profile p", "質問\nof two lines")
			r.check(err)
			if !strings.Contains(r.stderr(), test.want) {
				t.Errorf("standard error:\n%swant %s", r.stderr(), test.want)
			}
			r.wantStarts("", "", "質問\nof two lines", "質問\nof two lines", "")
			r.wantDraft("")
			r.wantSessions("q 質問\nof two lines\n\n" + r.dir + "/note.md:\n```md\na note\n``` | a yes")
			if n := len(r.script.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestUnsentProfile: a switch to a profile that cannot be used changes nothing.
func TestUnsentProfile(t *testing.T) {
	r := newRoom(t, "", answer("yes"))
	r.check(r.converse("/profile nobody", "hello", "/model other"))
	if !strings.Contains(r.stderr(), "nobody") {
		t.Errorf("standard error:\n%s", r.stderr())
	}
	r.wantSessions("q hello | a yes")
}

// TestInterruptedKeyCommand: Ctrl-C while the key is fetched ends the turn, not the
// conversation.
func TestInterruptedKeyCommand(t *testing.T) {
	r := newRoom(t, "key_command = \"touch $STARTED; sleep 60\"", answer("yes"))
	r.profile = "broken"
	started := filepath.Join(r.dir, "started")
	t.Setenv("STARTED", started)
	interrupted := make(chan bool, 1)
	interrupt := func() {
		go func() {
			for {
				if _, err := os.Stat(started); err == nil {
					interrupted <- r.o.Interrupts.Take(os.Interrupt)
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
	}
	r.check(r.converse(interrupt, "hello", "/profile p", "hello"))
	if !<-interrupted {
		t.Error("the interrupt was not taken")
	}
	if !strings.HasPrefix(r.stderr(), greeting+"\noax: stopped\noax: m at http://127.0.0.1") {
		t.Errorf("standard error:\n%s", r.stderr())
	}
	r.wantStarts("", "hello", "hello", "")
	r.wantDraft("")
	r.wantSessions("q hello | a yes")
}

// TestUnsentFirst: a prompt from the command line comes back too, before a draft.
func TestUnsentFirst(t *testing.T) {
	r := newRoom(t, "key_env = \"NO_SUCH_KEY\"", answer("yes"))
	r.profile = "broken"
	r.check(r.o.Draft.Save("a draft"))
	r.o.First = prompt.Prompt{Text: "/first"}
	r.check(r.converse("//first\na draft", "/profile p", "//first\na draft"))
	r.wantStarts("//first\na draft", "//first\na draft", "//first\na draft", "")
	r.wantSessions("q /first\na draft | a yes")
}

// TestStopped: an answer that Ctrl-C ends is kept, and its prompt does not come back.
func TestStopped(t *testing.T) {
	r := newRoom(t, "", demo.Stream(demo.Send(demo.Chunk("half an")), demo.Hold()), answer("whole"))
	interrupt := func() {
		go func() {
			for !strings.Contains(r.stdout(), "half an") {
				time.Sleep(time.Millisecond)
			}
			r.o.Interrupts.Take(os.Interrupt)
		}()
	}
	r.check(r.converse(interrupt, "hi", "again"))
	r.wantErr(greeting, "oax: stopped; partial answer kept")
	r.wantStarts("", "", "")
	r.wantSessions("q hi | a half an | q again | a whole")
}

func TestAttach(t *testing.T) {
	r := newRoom(t, "", answer("yes"))
	one, two := filepath.Join(r.dir, "one.md"), filepath.Join(r.dir, "two.md")
	r.write(one, "first file\n")
	r.write(two, "second file\n")
	r.check(r.converse("/attach", "/attach "+filepath.Join(r.dir, "none.md"), "/attach "+one, "/attach "+two, "compare", "next"))
	r.wantErr(greeting,
		"oax: /attach needs a file", "hint: /attach notes.md",
		"oax: cannot read ~/none.md: no such file or directory",
		"oax: 1 file will go with the next message",
		"oax: 2 files will go with the next message")
	requests := r.script.Requests()
	for _, file := range []string{"first file", "second file"} {
		if !strings.Contains(string(requests[0].Body), file) || strings.Count(string(requests[1].Body), file) != 1 {
			t.Errorf("%s: sent %s, then %s", file, requests[0].Body, requests[1].Body)
		}
	}
}

// TestStats: the numbers of a usage are shown in words.
func TestStats(t *testing.T) {
	usage := `{"prompt_tokens":12,"completion_tokens":30,"completion_tokens_details":{"reasoning_tokens":5}}`
	steps := []demo.Step{demo.Send(demo.Chunk("yes")), demo.Send(demo.Finish("stop")), demo.Send([]byte(`data: {"choices":[],"usage":` + usage + "}\n\n")), demo.Send(demo.Done())}
	r := newRoom(t, "[profiles.p.prices]\nm = {input = 1000000, output = 0}\n", demo.Stream(steps...))
	r.check(r.converse("/stats", "hello", "/stats"))
	lines := strings.Split(strings.TrimSpace(r.stderr()), "\n")
	last := lines[len(lines)-1]
	if lines[1] != "oax: there is no answer yet" || !strings.HasPrefix(last, "oax: demo: 12 tokens in, 30 out (5 reasoning), ") || !strings.Contains(last, " s to the first") || !strings.HasSuffix(last, ", $12.0000") {
		t.Errorf("standard error:\n%s", r.stderr())
	}
}

func TestTitleAndSystem(t *testing.T) {
	r := newRoom(t, "", answer("yes"))
	r.o.First = prompt.Prompt{System: "from a template"}
	r.check(r.converse("/title early", "/system", "/system be kind", "/system", "hello", "/system", "/title 題名 of my own", "/retry"))
	r.wantErr(greeting,
		"oax: /title needs a text and a saved session", "hint: /title a few words",
		"oax: this system message goes with the next message",
		"oax: the title of this session is now: 題名 of my own")
	if want := "from a template\nbe kind\nyes\nbe kind\nyes\n"; r.stdout() != want {
		t.Errorf("standard output %q, want %q", r.stdout(), want)
	}
	r.wantSessions("s be kind | q hello | a yes | a yes")
	r = newRoom(t, "")
	r.check(r.converse("/system"))
	r.wantErr(greeting, "oax: there is no system message", "hint: /system You answer in one sentence.")
}

func TestFork(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"), answer("third"))
	r.check(r.converse("/fork", "one", "/fork 2", "/fork x", "two", "/fork 1", "other"))
	r.wantErr(greeting,
		"oax: nothing is saved yet that could be forked",
		"oax: /fork 2: this session has 1 turn", "hint: /fork 1",
		"oax: /fork x: this session has 1 turn", "hint: /fork 1",
		"oax: the next message begins a new session with 1 turn of "+r.id())
	r.wantSessions("q one | a first | q other | a third", "q one | a first | q two | a second")
}

// id returns the ID of the oldest session.
func (r *room) id() (id string) {
	for entry := range r.o.Store.List(session.Filter{}) {
		id = entry.ID
	}
	return id
}

// TestManual: the manual explains each command, and no others.
func TestManual(t *testing.T) {
	text := manual.Topic("conversation")
	for _, c := range commands() {
		if item := "- `" + strings.TrimSpace("/"+c.name+" "+c.args) + "`: "; !strings.Contains(text, item) {
			t.Errorf("the manual has no %q", item)
		}
	}
	if n := strings.Count(text, "- `/"); n != len(commands()) {
		t.Errorf("the manual explains %d commands, there are %d", n, len(commands()))
	}
}

// TestCommands: a command that does not exist does not stay in front of the next message,
// and // sends a slash.
func TestCommands(t *testing.T) {
	r := newRoom(t, "", answer("yes"))
	r.check(r.converse("/modle x", "/model other", "//usr is a directory", "/help", "/code", "/code 0", "/copy 2", "/nonsense", "/quit", "never read"))
	r.wantStarts("", "", "", "", "", "", "", "", "")
	r.wantSessions("q /usr is a directory | a yes")
	for _, want := range []string{
		"oax: no command /modle\nhint: did you mean /model? To send a message that begins with /, begin it with //\n",
		"oax: other at http://127.0.0.1", "  /model [NAME]       list the models, or ask another one\n",
		"oax: there is no code block\n", "oax: code blocks are numbered from 1, not 0\nhint: /code 2\n",
		"oax: no command /nonsense\nhint: /help; to send a message that begins with /, begin it with //\n",
	} {
		if !strings.Contains(r.stderr(), want) {
			t.Errorf("%q is missing in:\n%s", want, r.stderr())
		}
	}
	if body := string(r.script.Requests()[0].Body); !strings.Contains(body, `"model":"other"`) {
		t.Errorf("sent %s", body)
	}
}

// TestLeaving: what was typed is a draft if the terminal hangs up or Ctrl-C is pressed.
func TestLeaving(t *testing.T) {
	r := newRoom(t, "", answer("yes"))
	r.check(r.converse(lineedit.ErrInterrupted))
	r.wantErr(greeting, "oax: press Ctrl-D or type /quit to leave")
	r.o.First = prompt.Prompt{}
	r.check(r.o.Draft.Save("typed"))
	r.check(r.converse(lineedit.ErrHangup))
	r.wantStarts("typed")
	r.wantDraft("typed")
	r.check(r.converse("typed"))
	r.wantDraft("")
}

// TestRemoved: a session that is removed elsewhere begins again, whole.
func TestRemoved(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"))
	remove := func() {
		for entry, err := range r.o.Store.List(session.Filter{}) {
			r.check(err)
			r.check(os.Remove(entry.Path))
		}
	}
	id := ""
	r.check(r.converse("one", func() { id = r.id() }, remove, "two"))
	r.wantErr(greeting, "oax: session "+id+" was removed elsewhere; the chat goes on in a new one")
	r.wantSessions("q one | a first | q two | a second")
}

// TestGreeting: a session that goes on is shown by its title and its last turn.
func TestGreeting(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"))
	r.check(r.converse("one", "two"))
	for entry, err := range r.o.Store.List(session.Filter{}) {
		r.check(err)
		r.o.Session, err = r.o.Store.Load(entry)
		r.check(err)
	}
	r.out.Truncate(0)
	r.errors.Truncate(0)
	c := newConversation(r.o)
	r.check(c.greet())
	if got := strings.TrimLeft(r.stderr(), "\x00"); got != "one (2 turns)\n" {
		t.Errorf("standard error %q", got)
	}
	if got := r.stdout(); strings.Contains(got, "first") || !strings.Contains(got, "two\n") || !strings.Contains(got, "second\n") {
		t.Errorf("standard output %q", got)
	}
	if got := c.earlierPrompts(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("earlier prompts: %q", got)
	}
}

// TestNoSave: nothing is written, and the conversation still knows what was said.
func TestNoSave(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"))
	r.o.NoSave, r.o.Draft = true, prompt.Draft{}
	r.check(r.converse("one", "two"))
	r.wantSessions()
	if body := string(r.script.Requests()[1].Body); !strings.Contains(body, "first") {
		t.Errorf("sent %s", body)
	}
}

// TestNotSaving: a disk that fails does not end the conversation, and what could not be
// saved is saved later.
func TestNotSaving(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"), answer("third"))
	sessions := filepath.Join(r.dir, ".local/share/oax/sessions")
	breakDisk := func() { r.write(sessions, "not a directory") }
	mendDisk := func() {
		r.wantDraft("one")
		r.check(os.Remove(sessions))
	}
	r.check(r.converse(breakDisk, "one", mendDisk, "two"))
	if n := strings.Count(r.stderr(), "oax: NOT SAVING — "); n != 1 {
		t.Errorf("standard error:\n%s", r.stderr())
	}
	r.wantSessions("q one | a first | q two | a second")
	r.check(os.RemoveAll(sessions))
	err := r.converse(breakDisk, "three")
	if e := report.Of(err); e == nil || e.Code != report.ExitDisk || e.Hint != "" {
		t.Errorf("the end is %+v", e)
	}
}

// fullDisk is a session of which the result of a call cannot be saved.
type fullDisk struct {
	*session.Writer
	failed *int
}

func (d fullDisk) Record(m record.Message) (record.Message, error) {
	if m.Role == chat.Tool {
		*d.failed++
		return m, &session.SaveError{Stage: "result", Err: syscall.ENOSPC}
	}
	return d.Writer.Record(m)
}

// TestResultNotSaved: what was saved of a turn is not saved again when the disk fails between two
// of its answers.
func TestResultNotSaved(t *testing.T) {
	asks := demo.Stream(demo.Send(demo.CallChunk(0, "c0", "clock", "{}")), demo.Send(demo.Finish("tool_calls")), demo.Send(demo.Done()))
	r := newRoom(t, "", asks, answer("yes"))
	failed, print := 0, r.o.Turn
	r.o.Turn = func(ctx context.Context, log *report.Writer, e *endpoint.Endpoint, request openai.Request, saver turn.Saver, s *session.Session, lend func(func())) turn.Result {
		form := turn.NewText(turn.TextOptions{Color: "never", Getenv: r.o.Getenv})
		rounds := turn.Rounds{
			Tools: r.o.Tools.Set(), Allow: []string{"*"}, Session: s, Log: log, Waiting: func(string) {}, Now: time.Now,
			Output: func() *turn.Printer { return turn.NewPrinter(r.out, form) },
			Answer: func(ctx context.Context, request openai.Request, saver turn.Saver, round int) turn.Result {
				return turn.Run(ctx, turn.Options{Client: e.Client, Request: request, Saver: saver, Round: round})
			},
		}
		return rounds.Run(ctx, request, fullDisk{saver.(*session.Writer), &failed})
	}
	r.check(r.o.Tools.Change([]string{"clock"}))
	r.check(r.converse("one", func() { r.o.Turn = print }, "two"))
	if failed != 1 {
		t.Errorf("the disk failed %d times:\n%s", failed, r.stderr())
	}
	e, err := r.o.Store.Find("@")
	r.check(err)
	s, err := r.o.Store.Load(e)
	r.check(err)
	var roles []chat.Role
	for _, m := range s.Messages {
		roles = append(roles, m.Role)
	}
	if want := []chat.Role{chat.User, chat.Assistant, record.Called, chat.Tool, chat.User, chat.Assistant}; !slices.Equal(roles, want) {
		t.Errorf("the session has %q, want %q", roles, want)
	}
}

// TestTools: /tools switches only what there is, and what is not there spoils no message.
func TestTools(t *testing.T) {
	r := newRoom(t, "[tools.torn]\ncommand = [\"true\"]\nschema = \"none.json\"", answer("yes"))
	r.check(r.converse("/tools", "/tools clock.x", "/tools clok", "/tools torn", "hello", "/tools clock", "/tools clock"))
	r.wantErr(greeting, "  clock", "  torn",
		`oax: no tool "clock.x"`, "hint: did you mean clock?", `oax: no tool "clok"`, "hint: did you mean clock?",
		"oax: the schema of the tool torn cannot be read: ~/.config/oax/none.json: no such file or directory", "hint: see [tools.torn] in the configuration",
		"* clock", "  torn", "  clock", "  torn")
	r.wantSessions("q hello | a yes")
}

// TestCopy: the confirmation tells whether a tool has taken the text.
func TestCopy(t *testing.T) {
	r := newRoom(t, "", answer("two\nlines\n"))
	tools := filepath.Join(r.dir, "bin")
	r.write(filepath.Join(tools, "xclip"), "#!/bin/sh\ncat > "+filepath.Join(r.dir, "clipboard")+"\n")
	r.check(os.Chmod(filepath.Join(tools, "xclip"), 0o700))
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	getenv := r.o.Getenv
	r.o.Getenv = func(name string) string { return map[string]string{"DISPLAY": ":9"}[name] + getenv(name) }
	r.check(r.converse("/copy", "hello", "/copy", "/copy 1"))
	r.wantErr(greeting, "oax: there is no answer yet", "oax: copied 2 lines to the clipboard", "oax: there is no code block")
	if got := r.read("clipboard"); got != "two\nlines\n" {
		t.Errorf("copied %q", got)
	}
	r = newRoom(t, "", answer("yes"))
	r.check(r.converse("hello", "/copy"))
	r.wantErr(greeting, "oax: nothing copied: there is no clipboard here")
}

// TestCopyToTerminal: what was only written to the terminal is not said to be copied.
func TestCopyToTerminal(t *testing.T) {
	r := newRoom(t, "", answer("yes"))
	shown := r.onTerminal(80)
	getenv := r.o.Getenv
	r.o.Getenv = func(name string) string { return map[string]string{"TERM": "xterm"}[name] + getenv(name) }
	r.check(r.converse("hello", "/copy"))
	r.o.Getenv = getenv // a terminal that obeys no escapes
	r.check(r.converse("hello", "/copy"))
	seen := shown()
	for _, want := range []string{"\x1b]52;c;eWVz\aoax: sent 1 line to the terminal's clipboard\r\n", "leaves\r\n\r\noax: nothing copied: there is no clipboard here\r\n"} {
		if strings.Count(seen, want) != 1 {
			t.Errorf("the terminal got %q", seen)
		}
	}
}

// onTerminal makes standard error a terminal of so many columns. It returns a function that
// returns what has been shown there.
func (r *room) onTerminal(columns uint16) (shown func() string) {
	master, tty, err := pty.Open()
	r.check(err)
	r.t.Cleanup(func() { master.Close(); tty.Close() })
	r.check(pty.Setsize(tty, &pty.Winsize{Cols: columns, Rows: 24}))
	r.o.Stderr = tty
	return func() (seen string) {
		tty.WriteString("end")
		for buf := make([]byte, 4096); !strings.HasSuffix(seen, "end"); {
			n, err := master.Read(buf)
			r.check(err)
			seen += string(buf[:n])
		}
		return strings.TrimSuffix(seen, "end")
	}
}

// TestHelpFits: the list of commands is wrapped at words.
func TestHelpFits(t *testing.T) {
	for columns, want := range map[uint16]string{
		120: "  /models             list the models of the endpoint\r\n",
		80:  "  /undo               take the last turn back, and go on before it\r\n",
		40:  "  /undo\r\n      take the last turn back, and go on\r\n      before it\r\n",
	} {
		r := newRoom(t, "")
		shown := r.onTerminal(columns)
		r.check(r.converse("/help"))
		seen := shown()
		if !strings.Contains(seen, want) {
			t.Errorf("%d columns:\n%s", columns, seen)
		}
		for line := range strings.SplitSeq(seen, "\r\n") {
			if len(line) > int(columns) {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
	}
}

func TestInterrupts(t *testing.T) {
	var i Interrupts
	if i.Take(os.Interrupt) {
		t.Error("an interrupt was taken without a turn")
	}
	ctx, done := i.Turn(context.Background())
	if i.Take(os.Kill) || ctx.Err() != nil {
		t.Error("another signal ended the turn")
	}
	if !i.Take(os.Interrupt) || i.Take(os.Interrupt) {
		t.Error("a turn takes one interrupt")
	}
	if cause, ok := errors.AsType[report.Interrupted](context.Cause(ctx)); !ok || cause.Signal != os.Interrupt {
		t.Errorf("the cause is %v", context.Cause(ctx))
	}
	done()
	if i.Take(os.Interrupt) {
		t.Error("an interrupt was taken after the turn")
	}
}

// TestMeant: exit, quit and help are asked about before they are sent, and do not stay in
// front of the next message.
func TestMeant(t *testing.T) {
	r := newRoom(t, "", answer("yes"), answer("no"))
	r.check(r.converse("exit", "other", "", "help", "help", "help", "", " quit ", "", "never read"))
	r.wantStarts("", "", "", "", "", "", "", "", "")
	asked := func(does, word string) string {
		return "oax: press Enter to " + does + ", or type " + word + " again to send it to the model\n"
	}
	got := r.stderr()
	for _, want := range []string{greeting + "\n", asked("leave", "exit"), asked("see the commands", "help"), asked("see the commands", "help"), "  /help               show this\n"} {
		before, after, ok := strings.Cut(got, want)
		if !ok || before != "" {
			t.Fatalf("standard error:\n%swant at %q: %s", r.stderr(), got, want)
		}
		got = after
	}
	if !strings.HasSuffix(got, asked("leave", "quit")) {
		t.Errorf("standard error:\n%s", r.stderr())
	}
	r.wantSessions("q other | a yes | q help | a no")
}

// TestUndo: the last turn is taken back, and its prompt can be corrected. What was asked is
// still on disk.
func TestUndo(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"), answer("third"), answer("fourth"))
	r.check(r.converse("/undo", "one", "//two", "/undo", "//two, corrected", "/new", "other"))
	r.wantStarts("", "", "", "", "//two", "", "", "")
	r.wantSessions("q other | a fourth", "q one | a first | q /two, corrected | a third", "q one | a first | q /two | a second")
	if body := string(r.script.Requests()[2].Body); strings.Contains(body, "second") {
		t.Errorf("what was taken back is sent: %s", body)
	}
}

// TestUndoFirst: without the first turn, a new session begins.
func TestUndoFirst(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"))
	r.check(r.converse("one", "/undo", "two"))
	r.wantStarts("", "", "one", "")
	r.wantSessions("q two | a second", "q one | a first")
}

// TestEdit: an earlier prompt is changed, and what follows goes on in a branch.
func TestEdit(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"), answer("third"), answer("fourth"), answer("fifth"))
	r.check(r.converse("/edit 1", "one", "/two", "//two", "three", "/edit 2", "//two, corrected", "/edit 3", "/edit x", "/edit 0", "/edit 1", "anew"))
	r.wantStarts("", "", "", "", "", "", "//two", "", "", "", "", "one", "")
	for _, want := range []string{"oax: /edit 1: this session has 0 turns\n", "oax: /edit 3: this session has 2 turns\nhint: /edit 1\n", "oax: /edit x: ", "oax: /edit 0: "} {
		if !strings.Contains(r.stderr(), want) {
			t.Errorf("%q is missing in:\n%s", want, r.stderr())
		}
	}
	r.wantSessions("q anew | a fifth", "q one | a first | q /two, corrected | a fourth", "q one | a first | q /two | a second | q three | a third")
}

// TestEditUnsaved: without a file, what comes before the changed prompt is still sent.
func TestEditUnsaved(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"), answer("third"))
	r.o.NoSave, r.o.Draft = true, prompt.Draft{}
	r.check(r.converse("one", "two", "/edit 2", "other"))
	r.wantErr(greeting, "oax: the next message goes on after 1 turn")
	if body := string(r.script.Requests()[2].Body); !strings.Contains(body, "first") || strings.Contains(body, "two") {
		t.Errorf("sent %s", body)
	}
	r.wantSessions()
}

// TestSave: an answer or a code block is written to a new file, as it was seen.
func TestSave(t *testing.T) {
	r := newRoom(t, "", answer("So:\n\n```sh\necho \U000e0041one\n```\n"), answer("no newline"))
	file := func(name string) string { return filepath.Join(r.dir, name) }
	r.check(r.converse("/save x", "how", "/save", "/save ~/an answer.md", "/save "+file("code 1")+" 1", "/save "+file("c")+" 2",
		"/save "+file("code 1")+" 1", "again", "/save "+file("last"), "/save "+file("none/x")))
	r.wantErr(greeting, "oax: there is no answer yet",
		"oax: /save needs the name of a new file", "hint: /save answer.md, or /save script.sh 1",
		"oax: 1 hidden character removed; --raw keeps them", "oax: wrote 5 lines to ~/an answer.md",
		"oax: 1 hidden character removed; --raw keeps them", "oax: wrote 1 line to ~/code 1",
		"oax: there is no code block 2, only 1",
		"oax: ~/code 1 exists", "hint: /save with another name",
		"oax: wrote 1 line to ~/last",
		"oax: cannot write ~/none/x: no such file or directory")
	for name, want := range map[string]string{"an answer.md": "So:\n\n```sh\necho one\n```\n", "code 1": "echo one\n", "last": "no newline\n"} {
		if got := r.read(name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

// TestModels: the models are listed with a mark at the one that is asked.
func TestModels(t *testing.T) {
	list := demo.Reply(200, "application/json", `{"data":[{"id":"m"},{"id":"big\u001b[2J"}]}`)
	r := newRoom(t, "", list, list, demo.Reply(500, "application/json", `{"error":{"message":"no list"}}`))
	r.check(r.converse("/model", "/model other", "/models"))
	at := "m at " + r.url
	r.wantErr(greeting, "oax: "+at, "* m", "  big^[[2J", "oax: other"+at[1:], "oax: other"+at[1:], "* other", "  m", "  big^[[2J")
}

// TestComplete: Tab completes a command, and then what the command takes.
func TestComplete(t *testing.T) {
	r := newRoom(t, "", answer("yes"), answer("yes"))
	r.check(os.MkdirAll(filepath.Join(r.dir, "docs", "more"), 0o700))
	for _, name := range []string{"docs/メモ.md", "docs/.hidden", "docs/\x1b[2J"} {
		r.write(filepath.Join(r.dir, name), "")
	}
	r.check(r.converse("first\nprompt", "two"))
	c := newConversation(r.o)
	for entry, err := range r.o.Store.List(session.Filter{}) {
		r.check(err)
		c.session, err = r.o.Store.Load(entry)
		r.check(err)
	}
	c.target.profile = "p"
	for before, want := range map[string][]string{
		"":                   nil,
		"hello /mo":          nil,
		"/nonsense x":        nil,
		"/mode":              {"/model", "/models"},
		"/stats ":            nil,
		"/model gp":          {"/model gp… (model of p)"},
		"/profile ":          {"/profile … (profile of p)"},
		"/sessions  @":       {"/sessions  @… (session of p)"},
		"/edit ":             {"/edit 1 (first\nprompt)", "/edit 2 (two)"},
		"/fork 2":            {"/fork 2 (two)"},
		"/attach ~/do":       {"/attach ~/docs/"},
		"/attach ~/docs/":    {"/attach ~/docs/more/", "/attach ~/docs/メモ.md"},
		"/save ~/docs/.h":    {"/save ~/docs/.hidden"},
		"/attach ~/nowhere/": nil,
	} {
		from, all := c.complete(before)
		var got []string
		for _, candidate := range all {
			text := before[:from] + candidate.Value
			if candidate.About != "" && from > 0 {
				text += " (" + candidate.About + ")"
			}
			got = append(got, text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, want %q", before, got, want)
		}
	}
}

// TestNoKey: that there is no key is said before a message is written, and where it can
// come from. A key_command is not run for it.
func TestNoKey(t *testing.T) {
	r := newRoom(t, "key_env = \"NO_SUCH_KEY\"")
	r.profile = "broken"
	r.check(r.converse())
	r.wantErr(greeting, "oax: no API key for https://oax.invalid/v1",
		"hint: set NO_SUCH_KEY, or key_command in ~/.config/oax/config.toml; /profile demo needs no key")
	r = newRoom(t, "key_command = \"touch $STARTED\"")
	r.profile = "broken"
	t.Setenv("STARTED", filepath.Join(r.dir, "started"))
	r.check(r.converse())
	r.wantErr(greeting)
	if _, err := os.Stat(filepath.Join(r.dir, "started")); err == nil {
		t.Error("key_command was run")
	}
}

// TestNotify: the end of a turn is told to a person who does not look at the window.
func TestNotify(t *testing.T) {
	r := newRoom(t, "", answer("first"), answer("second"), answer("third"))
	var told []string
	r.o.Notify = func(result turn.Result) { told = append(told, result.Message.Text) }
	look := func(focused bool) func() { return func() { r.person.focused = focused } }
	r.check(r.converse("one"))
	r.o.Notifies = true
	r.check(r.converse("two", look(true), "three"))
	if !slices.Equal(told, []string{"second"}) {
		t.Errorf("told of %q", told)
	}
}
