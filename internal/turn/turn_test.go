package turn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

// client returns a client of an endpoint that answers with a body.
func client(t *testing.T, body ...demo.Step) *openai.Client { return clientOf(t, demo.Stream(body...)) }

func clientOf(t *testing.T, replies ...demo.Exchange) *openai.Client {
	t.Helper()
	server, err := demo.Start(demo.Script(replies...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return openai.New(openai.Config{API: completions.API{}, BaseURL: server.URL(), Limits: openai.DefaultLimits(), Local: true})
}

func text(s string) demo.Step { return demo.Send(demo.Chunk(s)) }

var stop = demo.Send(demo.Finish("stop"))

var request = openai.Request{Model: "m", Messages: []chat.Message{{Role: chat.User, Text: "hi"}}}

func newStore(t *testing.T) *session.Store {
	t.Helper()
	return session.New(session.Options{Dir: filepath.Join(t.TempDir(), "sessions")})
}

// begin begins a session with a prompt.
func begin(t *testing.T, store *session.Store) Saver {
	t.Helper()
	s, err := Begin(store, nil, discard(t), Records("", request.Messages[0], "m", "p", 0)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func discard(t *testing.T) *report.Writer {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	return report.NewWriter(null, false)
}

// saved returns the last message of a session.
func saved(t *testing.T, store *session.Store, id string) record.Message {
	t.Helper()
	entry, err := store.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Load(entry)
	if err != nil {
		t.Fatal(err)
	}
	return s.Messages[len(s.Messages)-1]
}

func plain(w io.Writer) *Printer { return NewPrinter(w, NewText(TextOptions{Color: "never"})) }

// writer is a standard output that is a function.
type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestRun(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	var out bytes.Buffer
	r := Run(t.Context(), Options{Client: client(t, text("Hello, "), text("world"), stop, demo.Send(demo.Usage(3, 2))), Request: request, Saver: s, Output: plain(&out)})
	if r.Err != nil || r.SaveErr != nil || !r.Answered || r.Message.State != chat.Complete || out.String() != "Hello, world\n" {
		t.Fatalf("%+v, printed %q", r, out.String())
	}
	if m := saved(t, store, s.ID()); m.Text != "Hello, world" || m.State != chat.Complete || m.Profile != "p" {
		t.Errorf("saved %+v", m)
	}
	if r.Times.First.Before(r.Times.Sent) || r.Times.Last.Before(r.Times.First) || r.Times.Sent.IsZero() {
		t.Errorf("%+v", r.Times)
	}
	if open := store.Open(); len(open) != 0 {
		t.Errorf("left open: %v", open)
	}
}

// TestRunWithoutOutput: a batch or a server need not print.
func TestRunWithoutOutput(t *testing.T) {
	r := Run(t.Context(), Options{Client: client(t, text("x"), stop), Request: request, Saver: Unsaved{}})
	if r.Err != nil || r.Message.Text != "x" {
		t.Errorf("%+v", r)
	}
}

// steps takes down what happens in a turn, as a saver, a sink, a form and an output.
type logbook struct {
	Unsaved
	mu      sync.Mutex
	entries []string
	hold    chan struct{} // Sync waits for it
}

func (l *logbook) note(format string, a ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, fmt.Sprintf(format, a...))
}

func (l *logbook) Sync(context.Context) error {
	<-l.hold
	l.note("sync")
	return nil
}
func (l *logbook) Journal(d *chat.Delta) error        { l.note("journal %s", d.Text); return nil }
func (l *logbook) Finish(m chat.Message) error        { l.note("finish %s", m.Text); return nil }
func (l *logbook) Close() error                       { l.note("close"); return nil }
func (l *logbook) Delta(d *chat.Delta)                { l.note("sink %s", d.Text) }
func (l *logbook) End(e End)                          { l.note("end %s", e.Message.State) }
func (l *logbook) Write(b []byte) (int, error)        { l.note("print %q", b); return len(b), nil }
func (l *logbook) check(m chat.Message) *report.Error { l.note("check %s", m.Text); return nil }

// TestRunKeepsTheOrder: the prompt is synced while the request travels and before the first
// byte is printed; the journal comes before the sinks, and all is saved before the end.
func TestRunKeepsTheOrder(t *testing.T) {
	l := &logbook{hold: make(chan struct{})}
	server, err := demo.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.note("request")
		close(l.hold)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Write(append(demo.Chunk("a"), demo.Finish("stop")...))
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c := openai.New(openai.Config{API: completions.API{}, BaseURL: server.URL(), Limits: openai.DefaultLimits()})
	Run(t.Context(), Options{Client: c, Request: request, Saver: l, Sinks: []Sink{l}, Output: plain(l), Check: l.check})
	steps := strings.Join(l.entries, ", ")
	steps = strings.Replace(steps, `print "a", `, "", 1) // somewhere after the sink
	if want := `request, sync, journal a, sink a, finish a, check a, end complete, print "\n", close`; steps != want {
		t.Errorf("got  %s\nwant %s", steps, want)
	}
	if slices.Index(l.entries, `print "a"`) < slices.Index(l.entries, "sink a") {
		t.Errorf("printed before it was journaled: %s", l.entries)
	}
}

func TestRunCutAnswer(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	var out bytes.Buffer
	r := Run(t.Context(), Options{Client: client(t, text("half"), demo.FIN()), Request: request, Saver: s, Output: plain(&out)})
	if r.Err == nil || r.Err.Code != report.ExitIncomplete || r.Err.Saved != "session "+s.ID()+" (partial)" || out.String() != "half\n" {
		t.Errorf("%+v, printed %q", r.Err, out.String())
	}
	if m := saved(t, store, s.ID()); m.Text != "half" || m.State != chat.Incomplete {
		t.Errorf("saved %+v", m)
	}
}

func TestRunRefusedRequest(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	var out bytes.Buffer
	c := clientOf(t, demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
	r := Run(t.Context(), Options{Client: c, Request: request, Saver: s, Output: NewPrinter(&out, NewJSON(false))})
	if r.Err == nil || r.Err.Code != report.ExitKey || r.Answered {
		t.Errorf("%+v", r)
	}
	if !strings.HasPrefix(out.String(), `{"type":"end","status":"failed","chat":"`+s.ID()+`","error":{"kind":"401",`) {
		t.Errorf("printed %s", out.String())
	}
	if m := saved(t, store, s.ID()); m.Role != record.Error || m.Why != "401" {
		t.Errorf("saved %+v", m)
	}
}

func TestRunCheck(t *testing.T) {
	check := func(m chat.Message) *report.Error {
		return report.Failed("schema", "the answer does not fit "+m.Text, "")
	}
	r := Run(t.Context(), Options{Client: client(t, text("x"), stop), Request: request, Saver: Unsaved{}, Check: check})
	if r.Err == nil || r.Err.What != "the answer does not fit x" {
		t.Errorf("%#v", r.Err)
	}
	r = Run(t.Context(), Options{Client: client(t, text("x"), demo.FIN()), Request: request, Saver: Unsaved{}, Check: check})
	if r.Err == nil || r.Err.Kind == "schema" {
		t.Errorf("an answer that is not whole was checked: %+v", r.Err)
	}
}

// TestRunOutputUnread: output that nobody reads ends the turn at once, also when the
// endpoint sends nothing more, and what came is saved.
func TestRunOutputUnread(t *testing.T) {
	for err, want := range map[error]struct {
		signal os.Signal
		why    chat.Why
	}{
		&os.PathError{Op: "write", Err: syscall.EPIPE}: {syscall.SIGPIPE, chat.Pipe},
		&os.PathError{Op: "write", Err: syscall.EIO}:   {syscall.SIGHUP, chat.Stopped},
	} {
		store := newStore(t)
		s := begin(t, store)
		out := writer(func([]byte) (int, error) { return 0, err })
		r := Run(t.Context(), Options{Client: client(t, text("x"), demo.Hold()), Request: request, Saver: s, Output: plain(out)})
		if r.Err == nil || r.Err.Signal != want.signal || r.Err.What != "" {
			t.Errorf("%v: %+v", err, r.Err)
		}
		if m := saved(t, store, s.ID()); m.Text != "x" || m.Why != want.why {
			t.Errorf("%v: saved %+v", err, m)
		}
	}
}

// TestRunOutputFull: a full disk behind standard output does not end the answer.
func TestRunOutputFull(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	full := writer(func([]byte) (int, error) { return 0, &os.PathError{Op: "write", Err: syscall.ENOSPC} })
	r := Run(t.Context(), Options{Client: client(t, text("a"), text("b"), stop), Request: request, Saver: s, Output: plain(full)})
	if r.Err == nil || r.Err.What != "cannot write output: no space left" || r.Err.Code != report.ExitDisk || r.Err.Saved != "session "+s.ID() {
		t.Errorf("%#v", r.Err)
	}
	if m := saved(t, store, s.ID()); m.Text != "ab" || m.State != chat.Complete {
		t.Errorf("saved %+v", m)
	}
}

// fullDisk is a saver that can save nothing of the answer.
type fullDisk struct{ Unsaved }

func (fullDisk) ID() string { return "k3f9q2ab" }
func (fullDisk) Journal(*chat.Delta) error {
	return &session.SaveError{Stage: "answer", Err: syscall.ENOSPC}
}
func (fullDisk) Finish(chat.Message) error {
	return &session.SaveError{Stage: "answer", Err: syscall.ENOSPC, Rescued: "/tmp/copy.txt"}
}

// TestRunBothFull: neither the disk nor standard output has room. Both are told, the disk
// first, and so is where the copy of the answer is.
func TestRunBothFull(t *testing.T) {
	full := writer(func([]byte) (int, error) { return 0, syscall.ENOSPC })
	r := Run(t.Context(), Options{Client: client(t, text("a"), stop), Request: request, Saver: fullDisk{}, Output: plain(full)})
	want := report.Error{
		What:  "disk full: the rest of this answer is not saved; cannot write output: no space left",
		Saved: "a copy of the answer in /tmp/copy.txt", Code: report.ExitDisk, Kind: "disk",
	}
	if r.Err == nil || *r.Err != want || r.SaveErr == nil {
		t.Errorf("%+v, %v", r.Err, r.SaveErr)
	}
	r = Run(t.Context(), Options{Client: client(t, text("a"), stop), Request: request, Saver: fullDisk{}})
	if r.Err == nil || r.Err.What != "disk full: the rest of this answer is not saved" {
		t.Errorf("%#v", r.Err)
	}
}

// TestRunInterrupted: Ctrl-C ends the turn at once, also while a pager does not read, and
// what came is saved.
func TestRunInterrupted(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	ctx, cancel := context.WithCancelCause(t.Context())
	open := make(chan struct{})
	var out bytes.Buffer
	stuck := writer(func(b []byte) (int, error) {
		cancel(report.Interrupted{Signal: os.Interrupt})
		<-open
		return out.Write(b)
	})
	p := plain(stuck)
	r := Run(ctx, Options{Client: client(t, text("x"), demo.Hold()), Request: request, Saver: s, Output: p})
	if r.Err == nil || r.Err.Signal != os.Interrupt || r.Err.Saved != "session "+s.ID()+" (partial)" {
		t.Errorf("%#v", r.Err)
	}
	if m := saved(t, store, s.ID()); m.Text != "x" || m.Why != chat.Stopped {
		t.Errorf("saved %+v", m)
	}
	close(open)
	<-p.done
	if out.String() != "x" {
		t.Errorf("printed %q after the turn was left", out.String())
	}
}

// TestRunInterruptedWhilePrinting: a whole answer of which not all could be printed is no
// success.
func TestRunInterruptedWhilePrinting(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	ctx, cancel := context.WithCancelCause(t.Context())
	open := make(chan struct{})
	stuck := writer(func(b []byte) (int, error) {
		<-open
		return len(b), nil
	})
	p := plain(stuck)
	atEnd := endSink(func(End) { cancel(report.Interrupted{Signal: os.Interrupt}) })
	r := Run(ctx, Options{Client: client(t, text("x"), stop), Request: request, Saver: s, Output: p, Sinks: []Sink{atEnd}})
	if r.Err == nil || r.Err.Signal != os.Interrupt || r.Message.State != chat.Complete {
		t.Errorf("%#v", r.Err)
	}
	close(open)
	<-p.done
}

// endSink is a sink that hears only of the end.
type endSink func(End)

func (f endSink) Delta(*chat.Delta) {}
func (f endSink) End(e End)         { f(e) }

// hangs is a saver on a disk that does not answer.
type hangs struct {
	Unsaved
	until chan struct{}
}

func (h *hangs) ID() string                { return "k3f9q2ab" }
func (h *hangs) Finish(chat.Message) error { <-h.until; return nil }

func (h *hangs) Sync(ctx context.Context) error {
	select {
	case <-h.until:
		return nil
	case <-ctx.Done():
		return &session.SaveError{Stage: "sync", ID: h.ID(), Err: context.Cause(ctx)}
	}
}

func (h *hangs) Close() error { panic("closed while it is in use") }

// TestDiskThatHangs: a signal waits for the disk, but not for ever.
func TestDiskThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := &hangs{until: make(chan struct{})}
		turn := newTurn(Options{Saver: h})
		began := time.Now()
		time.AfterFunc(time.Minute, cancel)
		err := turn.save(ctx, chat.Message{}, true, nil)
		if save, ok := errors.AsType[*session.SaveError](err); !ok || save.ID != h.ID() || save.Stage != "sync" {
			t.Errorf("%v", err)
		}
		if took := time.Since(began); took != time.Minute+savePatience {
			t.Errorf("waited for %v", took)
		}
		turn.close()
		// The same goes for the prompt, and nothing more is asked of the disk then.
		turn = newTurn(Options{Saver: h})
		began = time.Now()
		turn.syncErr = turn.sync(ctx)
		if took := time.Since(began); took != savePatience {
			t.Errorf("waited for %v", took)
		}
		if err := turn.save(ctx, chat.Message{}, true, nil); err == nil || err != turn.syncErr {
			t.Errorf("%v", err)
		}
		turn.close()
		close(h.until)
		synctest.Wait()
	})
}

// brokenForm is a form with a fault.
type brokenForm struct{ Form }

func (brokenForm) Append([]byte, *chat.Delta) []byte { panic("fault") }

// TestRunPanics: what came of an answer is saved if the program has a fault, be it in the
// goroutine that prints.
func TestRunPanics(t *testing.T) {
	for name, o := range map[string]Options{
		"in a form":  {Output: NewPrinter(io.Discard, brokenForm{})},
		"in a sink":  {Sinks: []Sink{endSink(nil)}},
		"in a check": {Check: func(chat.Message) *report.Error { panic("fault") }},
	} {
		store := newStore(t)
		o.Client, o.Request, o.Saver = client(t, text("x"), stop), request, begin(t, store)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			Run(t.Context(), o)
		}()
		if m := saved(t, store, o.Saver.ID()); m.Text != "x" {
			t.Errorf("%s: saved %+v", name, m)
		}
		if len(store.Open()) != 0 {
			t.Errorf("%s: the session is left open", name)
		}
	}
}

func TestRefuse(t *testing.T) {
	store := newStore(t)
	s := begin(t, store)
	why := &report.Error{What: "no API key", Hint: "set one", Code: report.ExitKey, Kind: "no-key"}
	var out bytes.Buffer
	if got := Refuse(t.Context(), Options{Saver: s, Output: NewPrinter(&out, NewJSON(false))}, why); got != why {
		t.Errorf("%+v", got)
	}
	if want := `{"type":"end","status":"failed","chat":"` + s.ID() + `","error":{"kind":"no-key","message":"no API key"}}` + "\n"; out.String() != want {
		t.Errorf("printed %s", out.String())
	}
	if m := saved(t, store, s.ID()); m.Role != record.Error || m.Why != "no-key" || m.Text != "no API key" {
		t.Errorf("saved %+v", m)
	}
	out.Reset()
	Refuse(t.Context(), Options{Saver: begin(t, store), Output: plain(&out)}, why)
	if out.Len() > 0 || len(store.Open()) > 0 {
		t.Errorf("printed %q, open %v", out.String(), store.Open())
	}
}
