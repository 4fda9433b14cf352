package endpoint

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/report"
)

func newDebugLog(to io.Writer) *DebugLog { return &DebugLog{to: to, begun: time.Now()} }

// The events do not depend on how the reply is cut.
func TestDebugEvents(t *testing.T) {
	const reply = "data: one\n\n: comment\r\n\r\ndata: tw\ndata: o\n\n\ndata: [DONE]"
	const want = "event 1 of 11 bytes\nevent 2 of 13 bytes\nevent 3 of 18 bytes\nevent 4 of 13 bytes\nend of the reply: EOF\n"
	for name, cut := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader, "in halves": iotest.HalfReader,
	} {
		var log strings.Builder
		body := &debugBody{ReadCloser: io.NopCloser(cut(strings.NewReader(reply))), log: newDebugLog(&log), hasEvents: true}
		read, err := io.ReadAll(body)
		if err != nil || string(read) != reply {
			t.Errorf("%s: read %q, %v", name, read, err)
		}
		if got := withoutTimes(log.String()); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func withoutTimes(log string) string {
	return regexp.MustCompile(`(?m)^\+\S+ `).ReplaceAllString(log, "")
}

func TestDebugLimit(t *testing.T) {
	var to strings.Builder
	log := newDebugLog(&to)
	line := strings.Repeat("x", 1<<20)
	for range 20 {
		log.printf("%s", line)
	}
	if to.Len() > maxDebugLog || to.Len() < maxDebugLog-2<<20 || !strings.HasSuffix(to.String(), "\nthe log is full (10 MiB); what follows is not in it\n") {
		t.Errorf("%d bytes, ending in %q", to.Len(), to.String()[to.Len()-80:])
	}
}

func TestDebugHides(t *testing.T) {
	var to strings.Builder
	log := newDebugLog(&to)
	log.hide(openai.NewRedactor("sk-0123456789", "sk").Redact)
	log.printf("sk-0123456789 ask \x1b[2J\nnext \u202e \U000e0041")
	if got, want := withoutTimes(to.String()), `[key] ask \u001b[2J\nnext \u202e \udb40\udc41`+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	to.Reset()
	log.trace(Trace{FirstByte: time.Millisecond}) // the reply came before it was noted that all is sent
	if got := to.String(); !strings.Contains(got, "first byte of the reply after 1.0 ms\n") || strings.Contains(got, "sent") {
		t.Errorf("%q", got)
	}
	var none *DebugLog
	none.Ended(chat.Message{}, "", nil)
}

// The log has the whole course of a turn, and neither its text nor a secret.
func TestDebugLog(t *testing.T) {
	answer := demo.Stream(demo.Answer("answered")...)
	answer.Header.Set("X-Echo", "Bearer secret-of-the-lab")
	l := newLab(t, "profile = 'lab'\n[profiles.lab]\nbase_url = 'URL'\nmodel = 'm'\nkey = 'secret-of-the-lab'\nheaders = { X-Token = 'the-other-secret' }\n",
		demo.Reply(500, "text/plain", "asked?"), answer)
	log, err := OpenDebug("", l.options.Dirs, "test", l.options.Log)
	if err != nil {
		t.Fatal(err)
	}
	l.options.Debug = log
	retries := 0
	l.options.OnRetry = func(openai.Retry) { retries++ }
	stream, err := l.resolve().Client.Stream(t.Context(), request("asked"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = stream.Next(t.Context())
	}
	stream.Close()
	log.Ended(chat.Message{State: chat.Complete, FinishReason: "stop", Text: "answered"}, "k3f9q2ab", nil)
	log.Ended(chat.Message{}, "", &report.Error{Code: report.ExitRefused, Kind: "400"})
	path := l.options.Dirs.DebugLog()
	text, readErr := os.ReadFile(path)
	if !errors.Is(err, io.EOF) || readErr != nil || retries != 1 || l.printed() != "oax: debug log: "+path+"\n" {
		t.Fatal(err, readErr, retries, l.printed())
	}
	for _, part := range []string{
		"oax test ", "> POST " + l.url, "> Authorization: [key]\n", "> X-Token: [key]\n", "> body of ", "connected to 127.0.0.1:", "first byte of the reply after ",
		"< HTTP/1.1 500 Internal Server Error\n", "retry 1 of 2 in ", "bad status 500\n", "< HTTP/1.1 200 OK\n", "< X-Echo: Bearer [key]\n",
		"event 1 of ", "end of the reply: EOF\n", "answer: complete, finish reason stop, 8 bytes of text, 0 of reasoning\n", "saved: session k3f9q2ab\n",
		"exit 0, success\n", "answer: none, 0 bytes", "saved: nothing\n", "exit 8, 400\n",
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	for _, secret := range []string{"asked", "answered", "secret"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in\n%s", secret, text)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Error(info.Mode(), err)
	}
}

// Without a home directory the log and the cache are below the XDG directories, and not
// in the working directory.
func TestNoHome(t *testing.T) {
	home, work := t.TempDir(), t.TempDir()
	t.Chdir(work)
	dirs, err := config.FindDirs(func(name string) string {
		return map[string]string{"XDG_CONFIG_HOME": filepath.Join(home, "config"), "XDG_DATA_HOME": filepath.Join(home, "data")}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, "")
	if _, err := OpenDebug("", dirs, "test", l.options.Log); err != nil {
		t.Error(err)
	}
	remember(dirs, "http://localhost/v1", nil)
	if files, err := os.ReadDir(work); err != nil || len(files) > 0 {
		t.Error(files, err)
	}
	for _, path := range []string{dirs.DebugLog(), dirs.Models("http://localhost/v1")} {
		if _, err := os.Stat(path); err != nil || !strings.HasPrefix(path, home) {
			t.Error(path, err)
		}
	}
}

// A log that cannot be written, or is full, is an error before anything is sent.
func TestOpenDebugFails(t *testing.T) {
	l := newLab(t, "")
	full := filepath.Join(t.TempDir(), "full.log")
	if err := os.WriteFile(full, make([]byte, maxDebugLog), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, why := range map[string]string{full: "it is full (10 MiB)", t.TempDir(): "is a directory"} {
		_, err := OpenDebug(path, l.options.Dirs, "test", l.options.Log)
		r, ok := errors.AsType[*report.Error](err)
		if !ok || r.What != "cannot write "+path+": "+why || r.Hint != "--debug=FILE writes to another file" || r.Code != report.ExitDisk {
			t.Errorf("%s: %+v", path, r)
		}
	}
}
