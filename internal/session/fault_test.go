package session

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// childFreed meets a full disk in the middle of an answer, which then has room again.
func childFreed(st *Store) error {
	w, err := st.Create(user("q"))
	if err != nil {
		return err
	}
	must := func(d string) error { return w.Journal(&chat.Delta{Text: []byte(d)}) }
	if err := must("begun "); err != nil {
		return err
	}
	if err := limitFiles(200); err != nil {
		return err
	}
	first, second := must(long(200, "x")), must("y")
	if !errors.Is(first, syscall.EFBIG) || !errors.Is(second, syscall.EFBIG) {
		return fmt.Errorf("no error: %v, %v", first, second)
	}
	if err := limitFiles(1 << 20); err != nil {
		return err
	}
	return w.Finish(answer("begun " + long(200, "x") + "y"))
}

func TestRoomAgain(t *testing.T) {
	st := newStore(t, Options{})
	run(t, "freed", st.dir, "")
	e, err := st.Find("@")
	must(t, err)
	if got := ends(load(t, st, e)); got != "assistant begun "+long(200, "x")+"y complete " || len(journals(t, st)) > 0 {
		t.Errorf("%q, left %v", got, journals(t, st))
	}
}

// A file that may not grow takes what fits; nothing that fits is lost, and nothing
// is torn. The limit tears the write that crosses it at that byte. With a short
// prompt it is the journal that meets it, with a long one the session.
func TestNoRoom(t *testing.T) {
	stages := map[string]int{}
	for work, to := range map[string]int{"turn": 2400, "long": 4400} {
		for limit := 0; limit < to; limit += every(70) {
			stage := noRoom(t, work, limit)
			stages[work+" "+stage]++
		}
	}
	if len(stages) != 6 {
		t.Errorf("the limits did not meet every stage: %v", stages)
	}
}

func noRoom(t *testing.T, work string, limit int) (stage string) {
	dir := filepath.Join(t.TempDir(), "s")
	t.Setenv("SESSION_TEST_RESCUE", t.TempDir())
	out := strings.Split(run(t, work, dir, fmt.Sprint("fsize=", limit)), "\n")
	st := newStore(t, Options{Dir: dir})
	switch out[0] {
	case "prompt":
		if ids := newest(t, st); ids != nil || out[1] != "true" || len(journals(t, st)) > 0 {
			t.Errorf("limit %d: %v, %q, %v", limit, ids, out, journals(t, st))
		}
	case "answer":
		noRoomForTheAnswer(t, st, limit, out)
		if work == "long" { // its journal took all
			checkWords(t, st, limit, chat.Complete, work)
		}
	case "":
		recovered(t, st)
		checkWords(t, st, limit, chat.Complete, work)
	default:
		t.Errorf("limit %d: %q", limit, out)
	}
	return out[0]
}

func noRoomForTheAnswer(t *testing.T, st *Store, limit int, out []string) {
	t.Helper()
	if out[1] != "true" {
		t.Errorf("limit %d: %q", limit, out)
	}
	if out[2] != "" && !strings.HasPrefix(read(t, out[2]), "word0 ") {
		t.Errorf("limit %d: the copy is %q", limit, read(t, out[2]))
	}
	checkWords(t, st, limit, "", "overlaid")
	recovered(t, st)
	checkWords(t, st, limit, "", "recovered")
}

// checkWords checks that the answer is words in order without a gap.
func checkWords(t *testing.T, st *Store, limit int, state chat.State, how string) {
	t.Helper()
	e, err := st.Find("@")
	must(t, err)
	s := load(t, st, e)
	last := s.Messages[len(s.Messages)-1]
	words := strings.Fields(last.Text)
	if last.Role == record.Error || last.Role == chat.User {
		words = nil
	}
	for i, word := range words {
		if word != fmt.Sprint("word", i) {
			t.Errorf("limit %d, %s: %q", limit, how, last.Text)
			break
		}
	}
	if len(s.Notes) > 0 || state != "" && (last.State != state || len(words) != 50) {
		t.Errorf("limit %d, %s: %v %v", limit, how, last.State, s.Notes)
	}
	if len(words) < 50 && last.State == chat.Complete {
		t.Errorf("limit %d, %s: %d words called complete", limit, how, len(words))
	}
}

// traced runs a child with a fault in its system calls and returns its output and
// whether it ended well.
func traced(t *testing.T, work, dir, fault string) (out string, ok bool) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil && os.Getenv("OAX_CI") == "" {
		t.Skip("needs strace")
	}
	call, _, _ := strings.Cut(fault, ":")
	log := filepath.Join(t.TempDir(), "log")
	cmd := command(work, dir)
	cmd.Path = strace
	cmd.Args = []string{"strace", "-f", "-qq", "-o", log, "-e", "trace=" + call, "-e", "inject=" + fault, os.Args[0]}
	printed, err := cmd.CombinedOutput()
	if strings.Contains(fault, "error=") && !strings.Contains(read(t, log), "(INJECTED)") {
		t.Fatalf("%s was not met: %s", fault, printed)
	}
	return string(printed), err == nil
}

// Where flock is not known sessions are saved all the same.
func TestNoLocks(t *testing.T) {
	st := newStore(t, Options{})
	for _, errno := range []string{"ENOLCK", "EOPNOTSUPP", "ENOSYS"} {
		if out, ok := traced(t, "turn", st.dir, "flock:error="+errno); !ok {
			t.Fatalf("%s: %s", errno, out)
		}
		checkWords(t, st, 0, chat.Complete, errno)
	}
	if ids := newest(t, st); len(slices.Compact(ids)) != 3 {
		t.Error(ids)
	}
}

// An fsync that failed is not tried again, and the answer is elsewhere too.
func TestFsyncFails(t *testing.T) {
	st := newStore(t, Options{})
	t.Setenv("SESSION_TEST_RESCUE", t.TempDir())
	if out, ok := traced(t, "turn", st.dir, "fsync:error=EIO:when=1"); !ok || !strings.HasPrefix(out, "sync\n") {
		t.Fatalf("the first: %s", out)
	}
	w, err := st.Create(user("q"))
	must(t, err)
	w.syncErr = &SaveError{Stage: "sync", ID: w.ID(), Err: syscall.EIO}
	err = w.Finish(answer("words"))
	save, ok := errors.AsType[*SaveError](err)
	if !ok || save.Stage != "sync" || read(t, save.Rescued) != "words" {
		t.Fatalf("%+v", err)
	}
	must(t, w.Close())
	recovered(t, st)
	if got := ends(load(t, st, Entry{w.ID(), w.Path()})); got != "assistant words complete " {
		t.Error(got)
	}
}

// Killed at any system call, a turn is there as far as it came, and nothing is torn.
func TestKilledAtEverySystemCall(t *testing.T) {
	t.Parallel()
	met := 0
	for call, times := range map[string]int{"openat": 24, "write": 12, "fsync": 5, "renameat": 1, "renameat2": 1, "unlinkat": 2, "mkdirat": 4, "flock": 5} {
		for when := 1; when <= times; when += every(4) {
			st := newStore(t, Options{})
			fault := fmt.Sprintf("%s:signal=KILL:when=%d", call, when)
			if _, ok := traced(t, "turn", st.dir, fault); !ok {
				met++
			}
			if _, err := st.recover(); err != nil {
				t.Errorf("%s: %v", fault, err)
			}
			if len(journals(t, st)) > 0 {
				t.Errorf("%s: left %v", fault, journals(t, st))
			}
			for _, id := range newest(t, st) {
				e, err := st.Find(id)
				must(t, err)
				if s := load(t, st, e); s.Damaged || s.Messages[0].Text != "question" || len(s.Messages) != 2 {
					t.Errorf("%s: %v", fault, texts(s))
				}
				checkWords(t, st, 0, "", fault)
			}
		}
	}
	if met < 25/every(4) {
		t.Errorf("only %d kills", met)
	}
}
