package report

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/session"
)

var (
	whole     = chat.Message{Role: chat.Assistant, Text: "yes", State: chat.Complete}
	diskFault = &session.SaveError{Stage: "answer", Dir: "/s", ID: "k3f", Rescued: "/tmp/copy.txt", Err: syscall.ENOSPC}
	full      = &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
)

func partial(why chat.Why) chat.Message {
	return chat.Message{Role: chat.Assistant, Text: "ye", State: chat.Incomplete, Why: why}
}

func TestAnswer(t *testing.T) {
	const saved, half = "session k3f", "session k3f (partial)"
	reset := &openai.Error{Kind: openai.ResetLate, Host: "h"}
	refused := &openai.Error{Kind: openai.BadStatus, Host: "h", Status: 401}
	broken := &openai.Error{Kind: openai.ServiceError, Host: "h", Message: "late"}
	finished := partial(chat.Length)
	finished.FinishReason = "length"
	gaveUp := partial(chat.Failed)
	gaveUp.FinishReason = "abort"
	tool := partial(chat.NoTool)
	tool.ToolCalls = []chat.ToolCall{{Name: "x"}}
	for name, c := range map[string]struct {
		ending Ending
		want   Error
	}{
		"cut": {Ending{Message: partial(chat.Cut)},
			Error{What: "the answer stopped early (connection closed)", Hint: goOn, Saved: half, Code: 3, Kind: "cut"}},
		"cut before anything came": {Ending{Message: partial(chat.Cut), Nothing: true},
			Error{What: "the answer stopped early (connection closed)", Hint: goOn, Code: 3, Kind: "cut"}},
		"reset":                   {Ending{Message: partial(chat.Reset), Cause: reset}, Error{What: "the connection was reset", Hint: goOn, Saved: half, Code: 3, Kind: "reset", Cause: reset}},
		"reset after its end":     {Ending{Message: whole, Cause: reset}, Error{}},
		"reset after a short end": {Ending{Message: finished, Cause: reset}, Error{What: "the answer hit the length limit", Hint: `oax -c "go on"`, Code: 3, Kind: "length"}},
		"an error after its end":  {Ending{Message: whole, Cause: broken}, Error{What: "h reported an error: late (after the answer)", Kind: "error"}},
		"given up, with the reason": {Ending{Message: gaveUp, Cause: broken},
			Error{What: `the service gave up on the answer ("abort"): late`, Hint: goOn, Code: 3, Kind: "error"}},
		"length, as wanted": {Ending{Message: finished, LengthSet: true}, Error{What: "the answer hit the length limit", Hint: `oax -c "go on"`, Kind: "length"}},
		"given up":          {Ending{Message: gaveUp}, Error{What: `the service gave up on the answer ("abort")`, Hint: goOn, Code: 3, Kind: "error"}},
		"filtered":          {Ending{Message: partial(chat.Filter)}, Error{What: "the service filtered the rest of the answer", Code: 3, Kind: "filter"}},
		"a tool":            {Ending{Message: tool}, Error{What: `the model asked for a tool ("x"); not supported`, Code: 3, Kind: "tool"}},
		"empty":             {Ending{Message: partial(chat.Empty)}, Error{What: "the model sent an empty answer", Code: 3, Kind: "empty"}},
		"refused": {Ending{Message: partial(chat.Protocol), Nothing: true, Cause: refused},
			Error{What: "h does not accept the API key (401)", Code: 4, Kind: "401", Cause: refused}},
		"an error of ours": {Ending{Message: partial(chat.Stopped), Nothing: true, Cause: errors.New("odd")}, Error{What: "odd", Code: 1, Kind: "other"}},

		"Ctrl-C": {Ending{Message: partial(chat.Stopped), Cause: Interrupted{os.Interrupt}}, Error{Saved: half, Code: 1, Kind: "stopped", Signal: os.Interrupt}},
		"Ctrl-C before anything came": {Ending{Message: partial(chat.Stopped), Nothing: true, Cause: Interrupted{os.Interrupt}},
			Error{What: "stopped", NewLine: true, Code: 1, Kind: "stopped", Signal: os.Interrupt}},
		"Ctrl-C after the end": {Ending{Message: whole, Cause: Interrupted{os.Interrupt}}, Error{Code: 1, Kind: "stopped", Signal: os.Interrupt}},
		"head -1":              {Ending{Message: partial(chat.Pipe), Cause: syscall.EPIPE}, Error{Code: 1, Kind: "pipe", Signal: syscall.SIGPIPE}},
		"a closed terminal":    {Ending{Message: partial(chat.Stopped), Cause: syscall.EIO}, Error{Code: 1, Kind: "stopped", Signal: syscall.SIGHUP}},

		"output full":              {Ending{Message: whole, OutputErr: full}, Error{What: "cannot write output: no space left", Saved: saved, Code: 7, Kind: "output"}},
		"output full, answer cut":  {Ending{Message: partial(chat.Cut), OutputErr: full}, Error{What: "cannot write output: no space left", Saved: half, Code: 7, Kind: "output"}},
		"disk full":                {Ending{Message: whole, SaveErr: diskFault}, Error{What: "disk full: the rest of this answer is not saved", Saved: "a copy of the answer in /tmp/copy.txt", Code: 7, Kind: "disk"}},
		"disk full, answer cut":    {Ending{Message: partial(chat.Cut), SaveErr: diskFault}, Error{What: "disk full: the rest of this answer is not saved", Saved: "a copy of the answer in /tmp/copy.txt", Code: 7, Kind: "disk"}},
		"disk full, then Ctrl-C":   {Ending{Message: partial(chat.Stopped), Cause: Interrupted{os.Interrupt}, SaveErr: diskFault}, Error{What: "disk full: the rest of this answer is not saved", Saved: "a copy of the answer in /tmp/copy.txt", Code: 7, Kind: "disk", Signal: os.Interrupt}},
		"output full, then Ctrl-C": {Ending{Message: partial(chat.Stopped), Cause: Interrupted{os.Interrupt}, OutputErr: full}, Error{Saved: half, Code: 1, Kind: "stopped", Signal: os.Interrupt}},
		"all is well":              {Ending{Message: whole}, Error{}},
	} {
		c.ending.Session = "k3f"
		r := Answer(c.ending)
		if r == nil {
			r = &Error{}
		}
		if *r != c.want {
			t.Errorf("%s: %+v, want %+v", name, *r, c.want)
		}
		if !strings.HasPrefix(name, "output full") {
			continue
		}
		c.ending.Session = "" // --no-save
		if r := Answer(c.ending); r.Saved != "" {
			t.Errorf("%s: nothing is saved: %+v", name, *r)
		}
	}
}

// A full disk that holds the store and standard output: both are told, the disk first, and
// nothing is called saved but the copy.
func TestBothDiskAndOutputFull(t *testing.T) {
	for _, rescued := range []string{"/tmp/copy.txt", ""} {
		save := *diskFault
		save.Rescued = rescued
		r := Answer(Ending{Message: whole, Session: "k3f", SaveErr: &save, OutputErr: full})
		if r.What != "disk full: the rest of this answer is not saved; cannot write output: no space left" || r.Code != ExitDisk || r.Kind != "disk" {
			t.Errorf("%+v", *r)
		}
		want := ""
		if rescued != "" {
			want = "a copy of the answer in " + rescued
		}
		if r.Saved != want {
			t.Errorf("saved: %s, want %q", r.Saved, want)
		}
	}
}
