package cli

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/openai"
)

// debugFile is the value of --debug or --debug=FILE.
type debugFile struct {
	asked bool
	path  string // empty: in the state directory
}

// Decode takes what is behind = and leaves the next argument alone.
func (d *debugFile) Decode(ctx *kong.DecodeContext) error {
	*d = debugFile{asked: true}
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		d.path = ctx.Scan.Pop().String()
	}
	return nil
}

// IsBool tells kong that the flag needs no value.
func (d *debugFile) IsBool() bool { return true }

// longestDebug is the largest log, in bytes.
const longestDebug = 10 << 20

// debugLog is a file that says what goes over the wire, in lines with the seconds since
// the run began. Nothing in it can be used to ask in the person's name; what was asked and
// answered is in it only with --debug-text. A nil log takes everything and keeps nothing.
type debugLog struct {
	mu      sync.Mutex
	to      io.Writer
	size    int64
	begun   time.Time
	withAll bool
	secrets []string
}

// watch opens the log, if one is asked for, and lets it see what the client does.
func (env *Env) watch(p *place) error {
	asked := env.flags.Debug
	if !asked.asked && !env.flags.DebugText || env.flags.DryRun {
		return nil
	}
	if env.flags.log == nil {
		log, path, err := openDebug(asked.path)
		if err != nil {
			return &report{what: fmt.Sprintf("cannot write %s: %s", path, plainError(err)), hint: "--debug=FILE takes another", code: exitDisk, kind: "disk"}
		}
		env.said.note("debug log: " + path)
		log.withAll = env.flags.DebugText
		env.flags.log = log
		log.say("oax %s %s/%s, %s", env.Version, runtime.GOOS, runtime.GOARCH, env.Now().UTC().Format(time.RFC3339))
	}
	env.flags.log.hide(p.Endpoint)
	p.client.Observe(env.flags.log.around)
	notice := p.client.OnRetry
	p.client.OnRetry = func(r openai.Retry) {
		env.flags.log.say("retry %d of %d in %s: %s %d", r.Try, r.Most, seconds(r.Wait), r.Cause.Kind, r.Cause.Status)
		notice(r)
	}
	return nil
}

// openDebug opens the file to add to it. Only its owner may read it then.
func openDebug(path string) (*debugLog, string, error) {
	if path == "" {
		path = filepath.Join(stateHome(), "oax", "debug.log")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, path, err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, path, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = f.Chmod(0o600)
	}
	if err == nil && info.Size() >= longestDebug {
		err = errors.New("it is full (10 MiB)")
	}
	if err != nil {
		f.Close()
		return nil, path, err
	}
	return &debugLog{to: f, size: info.Size(), begun: time.Now()}, path, nil
}

// hide keeps the secrets of an endpoint out of the log from now on.
func (l *debugLog) hide(e config.Endpoint) {
	l.keep(e.Key.Reveal())
	for name, value := range e.Headers {
		if config.SecretHeader(name) {
			l.keep(value.Reveal())
		}
	}
	if proxy, err := url.Parse(e.Proxy.Reveal()); err == nil && proxy.User != nil {
		password, _ := proxy.User.Password()
		l.keep(password)
	}
}

// keep keeps a secret out of the log. A short one may be part of a word.
func (l *debugLog) keep(secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(secret) >= 8 {
		l.secrets = append(l.secrets, secret)
	}
}

// say adds a line.
func (l *debugLog) say(format string, args ...any) {
	if l != nil {
		l.write(fmt.Sprintf("%+.3f ", time.Since(l.begun).Seconds()) + debugLine(fmt.Sprintf(format, args...)))
	}
}

// text adds what was asked or answered below the line before, if it is to be there at all.
func (l *debugLog) text(text string) {
	if l != nil && l.withAll {
		l.write("    " + strings.ReplaceAll(escapedJSON(strings.TrimRight(text, "\r\n")), "\n", "\n    "))
	}
}

// debugLine is text in one line, with what a terminal would obey escaped.
func debugLine(text string) string { return strings.ReplaceAll(escapedJSON(text), "\n", `\n`) }

func (l *debugLog) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, secret := range l.secrets {
		line = strings.ReplaceAll(line, secret, "[key]")
	}
	line += "\n"
	const last = "the log is full (10 MiB); what follows is not in it\n"
	switch room := longestDebug - l.size - int64(len(last)); {
	case room < 0:
		return
	case int64(len(line)) > room:
		line = last
		l.size = longestDebug
	}
	n, _ := io.WriteString(l.to, line) // a log that cannot be written is no reason to stop
	l.size += int64(n)
}

// ended says how a turn ended and where it is.
func (l *debugLog) ended(m chat.Message, id string, r *report) {
	if l == nil {
		return
	}
	how := string(m.State)
	switch {
	case m.FinishReason == "" && len(m.Shown())+len(m.Reasoning) == 0:
		how = "none"
	case m.Why != "":
		how += " (" + string(m.Why) + ")"
	}
	if m.FinishReason != "" {
		how += ", finish reason " + m.FinishReason
	}
	if m.Usage != nil {
		how += ", usage " + string(m.Usage)
	}
	l.say("answer: %s, %d bytes of text, %d of reasoning", how, len(m.Shown()), len(m.Reasoning))
	if id == "" {
		l.say("saved: nothing")
	} else {
		l.say("saved: session %s", id)
	}
	if r == nil {
		r = &report{kind: "all is well"}
	}
	l.say("exit %d, %s", r.code, r.kind)
	if r.what != "" {
		l.text(r.what)
	}
}
