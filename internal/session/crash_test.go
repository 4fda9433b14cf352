package session

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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
	st, err := New(Options{Dir: dir, Rescue: os.Getenv("SESSION_TEST_RESCUE")})
	if err != nil {
		return err
	}
	switch work {
	case "turn":
		return childTurn(st, "question")
	case "long":
		return childTurn(st, long(3000, "q"))
	case "many":
		return childMany(st, int(n))
	case "stream":
		return childStream(st)
	case "freed":
		return childFreed(st)
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
	if err := w.Sync(); err != nil {
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
		if _, err := st.Recover(); err != nil {
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
	if err == nil && rand.IntN(3) > 0 {
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

// output keeps what a process prints and tells when it begins to.
type output struct {
	text  bytes.Buffer
	begun chan struct{}
}

func (o *output) Write(b []byte) (int, error) {
	if o.text.Len() == 0 {
		close(o.begun)
	}
	return o.text.Write(b)
}

// Whatever was printed before a kill -9 is a prefix of what the next start finds.
func TestKill(t *testing.T) {
	const runs = 50
	st := newStore(t, Options{})
	printed := 0
	for i := range runs {
		out := streamAndKill(t, st, i%2 == 0)
		_, err := st.Recover()
		must(t, err)
		if out == "" {
			continue
		}
		printed++
		e, err := st.Find("@")
		must(t, err)
		s := load(t, st, e)
		if last := s.Messages[len(s.Messages)-1]; !strings.HasPrefix(last.Text, out) || last.Why != chat.Killed || len(s.Notes) > 0 {
			t.Fatalf("run %d: printed %d bytes, recovered %d, %v", i, len(out), len(last.Text), s.Notes)
		}
	}
	if printed < runs/2 || len(parts(t, st)) > 0 {
		t.Errorf("%d of %d printed anything before they were killed; left %v", printed, runs, parts(t, st))
	}
}

// streamAndKill kills a process some time after it began, or after it began to
// print, and returns what it printed.
func streamAndKill(t *testing.T, st *Store, printing bool) string {
	out := &output{begun: make(chan struct{})}
	cmd := command("stream", st.dir)
	cmd.Stdout = out
	must(t, cmd.Start())
	if printing {
		select {
		case <-out.begun:
		case <-time.After(10 * time.Second):
			t.Error("nothing printed")
		}
	}
	time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("ended by itself: %v", err)
	}
	return out.text.String()
}

func TestTwoProcessesContinueOneSession(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	var ids, said []string
	var ended []func()
	for range 2 {
		cmd := command("continue id="+e.ID, st.dir)
		stdin, err := cmd.StdinPipe()
		must(t, err)
		stdout, err := cmd.StdoutPipe()
		must(t, err)
		cmd.Stderr = os.Stderr
		must(t, cmd.Start())
		line, err := bufio.NewReader(stdout).ReadString('\n')
		must(t, err)
		words := strings.Fields(line)
		ids = append(ids, words[len(words)-1])
		said = append(said, fmt.Sprint(cmd.Process.Pid), strings.Join(words[:len(words)-1], " "))
		ended = append(ended, func() { stdin.Close(); must(t, cmd.Wait()) })
	}
	for _, end := range ended {
		end()
	}
	if said[1] != "" || said[3] != "busy "+said[0] || ids[0] != e.ID || ids[1] == e.ID {
		t.Fatalf("%q %v", said, ids)
	}
	for _, id := range ids {
		e, err := st.Find(id)
		must(t, err)
		if s := load(t, st, e); len(s.History()) != 4 || s.Turns() != 2 {
			t.Errorf("%s: %v", id, texts(s))
		}
	}
}

func TestManyProcesses(t *testing.T) {
	st := newStore(t, Options{})
	const processes, each = 8, 40
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			if out, err := command(fmt.Sprintf("many n=%d", each), st.dir).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	n := 0
	for e, err := range st.Newest() {
		must(t, err)
		n++
		if s := load(t, st, e); len(s.Messages) != 2 || s.Messages[1].State != chat.Complete || len(s.Notes) > 0 {
			t.Errorf("%s: %v %v", e.ID, texts(s), s.Notes)
		}
	}
	if n != processes*each || len(parts(t, st)) > 0 {
		t.Errorf("%d sessions, left %v", n, parts(t, st))
	}
}
