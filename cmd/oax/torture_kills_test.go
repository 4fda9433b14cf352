package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
	"oax/internal/session"
)

// Runs of every kind that changes sessions, four at a time on one store and two of
// them on one session, are killed at some moment. No session may get lost, be there
// twice or be unreadable, nor may a prompt that was sent or a word that was printed.
func TestTortureKills(t *testing.T) {
	t.Parallel()
	endpoint := new(counting)
	h, random := serves(t, endpoint), newChance(t)
	onward(t, 2, 2, func(n int) {
		run := h.withStore(n)
		run.killsOn(endpoint, random, fmt.Sprint("store ", n))
		run.noKey()
		os.RemoveAll(run.env["XDG_DATA_HOME"])
	})
}

// killsEach is how many runs are killed on each store.
const killsEach = 12

func (h *home) killsOn(endpoint *counting, random *chance, where string) {
	h.t.Helper()
	begun := time.Now()
	if r := h.run("begin, " + where); r.code != 0 {
		h.t.Errorf("%+v", r)
		return
	}
	took := time.Since(begun) // of a whole turn
	kills := 0
	for round := 0; kills < killsEach && round < 5*killsEach; round++ {
		killed := h.killRound(endpoint, random, fmt.Sprintf("round %d of %s", round, where), took)
		kills += killed
		if took = took * 5 / 4; killed < 3 { // the machine has more to do at one time than at another
			took /= 2
		}
	}
	if kills < killsEach {
		h.t.Errorf("%s: only %d runs were killed", where, kills)
	}
	tortured.add("kills", kills)
	before := h.everywhere()
	for h.run("rm", "--undo").code == 0 {
	}
	if n := len(h.paths()); n != len(before) {
		h.t.Errorf("%s: %d of %d sessions came back", where, n, len(before))
	}
}

// killRound runs four commands at once and returns how many it killed.
func (h *home) killRound(endpoint *counting, random *chance, what string, took time.Duration) (kills int) {
	h.t.Helper()
	before := h.everywhere()
	id := anyOf(random, before)
	commands := [][]string{
		{"--raw", "--session", id, "first of " + what}, {"--raw", "--session", id, "second of " + what},
		someCommand(random, before, "third of "+what), someCommand(random, before, "fourth of "+what),
	}
	results := make([]result, len(commands))
	var together sync.WaitGroup
	for n, args := range commands {
		moment := random.within(took)
		if args[0] != "--raw" && args[0] != "retry" {
			moment /= 4 // it asks nobody
		}
		together.Go(func() { results[n] = h.killedAfter(moment, args...) })
	}
	together.Wait()

	h.checkRecovers(what)
	now := h.checkAll(what, before, "")
	all := h.readable(what, now)
	for n, r := range results {
		if r.signal == syscall.SIGKILL {
			kills++
		}
		if printed := strings.TrimSpace(r.stdout); strings.HasPrefix(printed, "answer ") && !strings.Contains(all, " | a "+printed) {
			h.t.Errorf("%s: oax %q printed %q, which is nowhere; all there is:\n%s", what, commands[n], printed, all)
		}
	}
	for _, prompt := range endpoint.asked(what) {
		if !strings.Contains(all, "q "+prompt+" | ") {
			h.t.Errorf("%s: %q was sent and is nowhere", what, prompt)
		}
	}
	return kills
}

// checkRecovers wants the next run to say once what it recovered, and nothing to be
// left then of turns in progress.
func (h *home) checkRecovers(what string) {
	h.t.Helper()
	next := h.run("ls")
	next.stderr = strings.TrimSuffix(next.stderr, "oax: no sessions yet\nhint: oax \"question\" begins one\n") // all are in the trash
	if next.stderr != "" && !recoveredSome(next.stderr) || next.code != 0 {
		h.t.Errorf("%s: the next run says %+v", what, next)
	}
	if parts := h.journals(); len(parts) > 0 {
		h.t.Errorf("%s: left behind: %v", what, parts)
	}
}

// recoveredSome reports whether one line says of some sessions that each was recovered.
func recoveredSome(stderr string) bool {
	line, isOne := strings.CutSuffix(stderr, "\n")
	words := strings.Fields(strings.ReplaceAll(line, ",", ""))
	seen := map[string]bool{}
	for _, id := range words[min(len(words), 3):] {
		if seen[id] {
			return false
		}
		seen[id] = true
	}
	return isOne && strings.HasPrefix(line, "oax: recovered ") && !strings.Contains(line, "\n")
}

// readable wants every session to be read without a word of damage, and returns what
// is said in all of them, a line each.
func (h *home) readable(what string, sessions map[string]string) string {
	h.t.Helper()
	store := h.openStore(time.Now)
	for _, path := range h.paths() {
		s, err := store.Load(session.Entry{ID: idOf(path), Path: path})
		if err != nil || s.Damaged || len(s.Notes) > 0 || s.Open {
			h.t.Errorf("%s: %s: %v, %+v", what, path, err, s)
		}
	}
	var all strings.Builder
	for _, lines := range sessions {
		all.WriteString(transcript(h.t, lines) + " | \n")
	}
	return all.String()
}

func anyOf(random *chance, sessions map[string]string) string {
	if len(sessions) == 0 {
		return "@"
	}
	return one(random, slices.Sorted(maps.Keys(sessions)))
}

// someCommand returns a command on one of the sessions.
func someCommand(random *chance, sessions map[string]string, question string) []string {
	id := anyOf(random, sessions)
	switch random.below(10) {
	case 0, 1:
		return []string{"--raw", question}
	case 2, 3:
		return []string{"--raw", "-c", question}
	case 4:
		return []string{"mv", id, "called " + question}
	case 5:
		return []string{"cp", id}
	case 6, 7:
		return []string{"retry", "--raw", id}
	case 8:
		return []string{"rm", "-y", id}
	}
	return []string{"rm", "--undo"}
}

// counting is an endpoint that gives no two answers alike, and knows what it was asked.
type counting struct {
	mu      sync.Mutex
	prompts []string
}

func (e *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	prompt := promptIn(data)
	if prompt == "" { // its sender was killed
		return
	}
	e.mu.Lock()
	e.prompts = append(e.prompts, prompt)
	n := len(e.prompts)
	e.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Write(demo.Chunk(fmt.Sprintf("answer %06d", n)))
	for word := range strings.FieldsSeq(demo.Text(20)) {
		w.(http.Flusher).Flush()
		time.Sleep(time.Millisecond)
		w.Write(demo.Chunk(" " + word))
	}
	w.Write(demo.Finish("stop"))
	w.Write(demo.Done())
}

// heard returns the prompts that it was sent and that end so.
func (e *counting) asked(end string) (heard []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, prompt := range e.prompts {
		if strings.HasSuffix(prompt, end) {
			heard = append(heard, prompt)
		}
	}
	return heard
}
