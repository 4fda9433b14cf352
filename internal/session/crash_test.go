package session

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"oax/internal/chat"
)

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
	runs := 48 / every(3)
	st := newStore(t, Options{})
	printed := 0
	for i := range runs {
		out := streamAndKill(t, st, i%2 == 0)
		_, err := st.recover()
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
	if printed < runs/2 || len(journals(t, st)) > 0 {
		t.Errorf("%d of %d printed anything before they were killed; left %v", printed, runs, journals(t, st))
	}
}

// moments are when processes are killed: the same ones in every run of the tests.
var moments = rand.New(rand.NewPCG(1, 2))

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
		case <-time.After(2 * time.Minute):
			t.Error("nothing printed")
		}
	}
	time.Sleep(time.Duration(moments.IntN(20_000)) * time.Microsecond)
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
	t.Parallel()
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
	for e, err := range st.List(Filter{}) {
		must(t, err)
		n++
		if s := load(t, st, e); len(s.Messages) != 2 || s.Messages[1].State != chat.Complete || len(s.Notes) > 0 {
			t.Errorf("%s: %v %v", e.ID, texts(s), s.Notes)
		}
	}
	if n != processes*each || len(journals(t, st)) > 0 {
		t.Errorf("%d sessions, left %v", n, journals(t, st))
	}
}
