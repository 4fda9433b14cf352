package session

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"oax/internal/chat"
)

// child does the work of another process on a store.
func child(work, dir string) error {
	work, arg, _ := strings.Cut(work, " ")
	key, value, _ := strings.Cut(arg, "=")
	n, _ := strconv.ParseInt(value, 0, 64)
	switch key {
	case "umask":
		setUmask(int(n))
	case "fsize":
		if err := limitFiles(uint64(n)); err != nil {
			return err
		}
	}
	st := New(Options{Dir: dir, Rescue: os.Getenv("SESSION_TEST_RESCUE")})
	switch work {
	case "turn":
		return childTurn(st, "question")
	case "recover":
		return childRecover(st)
	case "long":
		return childTurn(st, long(3000, "q"))
	case "many":
		return childMany(st, int(n))
	case "stream":
		return childStream(st)
	case "freed":
		return childFreed(st)
	case "turns":
		return childTurns(st)
	case "continue":
		return childContinue(st, value)
	}
	return fmt.Errorf("no such work: %s", work)
}

func command(work, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SESSION_TEST_CHILD="+work, "SESSION_TEST_DIR="+dir, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// run runs a child to its end and returns what it printed.
func run(t testing.TB, work, dir, arg string) string {
	t.Helper()
	cmd := command(work+" "+arg, dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v %s", work, arg, err, errors.Join(err).Error())
	}
	return string(out)
}

// childTurn saves one turn and, when the disk is in the way, prints what it was told.
func childTurn(st *Store, question string) error {
	w, err := st.Create(user(question))
	if err != nil {
		return told(err)
	}
	defer w.Close()
	for _, note := range w.Notes() {
		fmt.Println(note)
	}
	if err := w.sync(); err != nil {
		return told(err)
	}
	text := ""
	for i := range 50 {
		word := fmt.Sprintf("word%d ", i)
		text += word
		_ = w.Journal(&chat.Delta{Text: []byte(word)})
	}
	return told(w.Finish(answer(text)))
}

// childRecover prints which sessions it recovered, and its peak memory in KiB.
func childRecover(st *Store) error {
	all, _ := st.recover()
	status, err := os.ReadFile("/proc/self/status")
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	for _, r := range all {
		fmt.Print(r.ID, " ")
	}
	fmt.Println(strings.Fields(peak)[0])
	return err
}

func told(err error) error {
	var save *SaveError
	if !errors.As(err, &save) {
		return err
	}
	_, err = fmt.Printf("%s\n%v\n%s\n", save.Stage, errors.Is(err, syscall.EFBIG), save.Rescued)
	return err
}

func childMany(st *Store, n int) error {
	for i := range n {
		if _, err := st.recover(); err != nil {
			return err
		}
		w, err := st.Create(user(fmt.Sprintf("question %d of %d", i, os.Getpid())))
		if err != nil {
			return err
		}
		for range 5 {
			if err := w.Journal(&chat.Delta{Text: []byte("word ")}); err != nil {
				return err
			}
		}
		if err := w.Finish(answer(long(5, "word "))); err != nil {
			return err
		}
	}
	return nil
}

// childStream continues or begins a session and streams until it is killed. What it
// prints it has journaled.
func childStream(st *Store) error {
	var w *Writer
	e, err := st.Find("@")
	if err == nil && os.Getpid()%3 > 0 { // some of each
		w, err = st.Continue(e, user("q"))
	} else {
		w, err = st.Create(user("q"))
	}
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		word := fmt.Appendf(nil, "%d \"日本\"\n", i)
		if err := w.Journal(&chat.Delta{Text: word}); err != nil {
			return err
		}
		if _, err := os.Stdout.Write(word); err != nil {
			return err
		}
	}
}

// childContinue takes a session, or forks it, and holds it until its input ends.
func childContinue(st *Store, id string) error {
	e, err := st.Find(id)
	if err != nil {
		return err
	}
	said, prompt := "", user(fmt.Sprint("q of ", os.Getpid()))
	w, err := st.Continue(e, prompt)
	if busy, ok := errors.AsType[*BusyError](err); ok {
		s, err := st.Load(e)
		if err != nil {
			return err
		}
		said = fmt.Sprint("busy ", busy.PID, " ")
		if w, err = st.Fork(s, s.Turns(), prompt); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	fmt.Print(said, w.ID(), "\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return w.Finish(answer(fmt.Sprint("a of ", os.Getpid())))
}
