package main

import (
	"bufio"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// TestTortureServing kills oax serve within an answer that it relays and shows, and lets
// system calls on the session and its journal fail: what a client or a page has got is in
// the store, or the server has said that it is not.
func TestTortureServing(t *testing.T) {
	t.Parallel()
	var faults []string // what is done to a system call, as strace has it; none: a kill
	for range 4 {
		faults = append(faults, "")
	}
	for _, call := range []string{"write", "fsync"} {
		for _, errno := range []string{"ENOSPC", "EIO", "EDQUOT"} {
			faults = append(faults, call+":error="+errno+":when=N", call+":error="+errno+":when=N+")
		}
		faults = append(faults, call+":signal=KILL:when=N")
	}
	random, fired := newChance(t), 0
	run := func(fault string) {
		most := 8 // of the writes of an answer, which come together on a busy machine
		if strings.HasPrefix(fault, "fsync") {
			most = 2
		}
		fault = strings.Replace(fault, "when=N", fmt.Sprint("when=", 1+random.below(most)), 1)
		if serveWith(t, fault, random) {
			fired++
		}
	}
	if torture {
		onward(t, 1, len(faults), func(n int) { run(faults[n%len(faults)]) })
	} else {
		run("")
		run("write:error=ENOSPC:when=1+") // which is met however the writes come together
		run(one(random, faults))
	}
	t.Logf("%d faults of oax serve were met", fired)
	if fired < 2 {
		t.Errorf("only %d faults were met", fired)
	}
}

// serveWith relays one answer while a page watches, under a fault. It reports whether the
// fault was met.
func serveWith(t *testing.T, fault string, random *chance) (met bool) {
	t.Helper()
	var steps []demo.Step
	for word := range strings.SplitAfterSeq(demo.Text(40), " ") {
		steps = append(steps, demo.Send(demo.Chunk(word)), demo.Pause(3*time.Millisecond))
	}
	h, _, path := began(t, demo.Stream(append(steps, demo.Send(demo.Finish("stop")), demo.Send(demo.Done()))...))
	log := filepath.Join(t.TempDir(), "strace")
	var wrapper []string
	if fault != "" {
		call, _, _ := strings.Cut(fault, ":")
		wrapper = []string{"strace", "-D", "-f", "-qq", "-o", log, "-P", path, "-P", h.journalOf(path), "-e", "trace=" + call, "-e", "inject=" + fault}
	}
	s := h.serve(wrapper...)
	var relayed, shown string
	var all sync.WaitGroup
	all.Go(func() {
		if events, err := s.try("GET", "api/sessions/"+idOf(path)+"/events", ""); err == nil {
			shown = said(events, `"text":"`)
		}
	})
	reply, err := s.try("POST", "v1/chat/completions", `{"model":"m","stream":true,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":"hi"}]}`,
		"Content-Type", "application/json")
	if fault == "" {
		after := time.AfterFunc(random.within(150*time.Millisecond), func() { s.run.cmd.Process.Kill() })
		defer after.Stop()
	}
	if err == nil {
		relayed = said(reply, `"content":"`)
	}
	if fault == "" {
		s.run.cmd.Process.Kill()
	}
	r := s.run.ends(syscall.SIGTERM)
	all.Wait()
	met = r.signal == syscall.SIGKILL
	if fault != "" && !met {
		met = strings.Contains(text(t, log), "(INJECTED)")
	}
	saved := h.run("cat", "--last").stdout
	told := strings.Contains(r.stderr, "not saved") || strings.Contains(r.stderr, "could not save") || strings.Contains(r.stderr, "saved: a copy") || r.code == 7
	for who, text := range map[string]string{"relayed": relayed, "shown": shown} {
		if text = strings.TrimSuffix(text, "\n"); text == "a" { // the page has not seen the turn
			continue
		}
		if !strings.HasPrefix(saved, text) && !(met && told && r.signal != syscall.SIGKILL) {
			t.Errorf("%q: %s %q, saved %q; %+v", fault, who, text, saved, r)
		}
	}
	if relayed == "" && fault != "" && r.signal != syscall.SIGKILL {
		t.Errorf("%q: nothing was relayed: %v, %+v", fault, err, r)
	}
	return met
}

// said returns the texts of a stream that follow a mark, as far as their lines have come
// whole; of several turns it is the last.
func said(reply *http.Response, mark string) string {
	var text strings.Builder
	value := regexp.MustCompile(regexp.QuoteMeta(mark) + `([^"]*)"`)
	in := bufio.NewReader(reply.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return text.String()
		}
		if line == "event: turn\n" {
			text.Reset()
		}
		for _, found := range value.FindAllStringSubmatch(line, -1) {
			part, _ := strconv.Unquote(`"` + found[1] + `"`)
			text.WriteString(part)
		}
	}
}
