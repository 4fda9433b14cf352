package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// fileCalls are the system calls by which a run touches a file, and the errors that
// each meets beside those that all do.
var fileCalls = map[string]string{
	"openat": "EROFS EMFILE EACCES", "write": "EROFS", "renameat": "EROFS EACCES", "unlinkat": "EROFS EACCES",
	"mkdirat": "EROFS EACCES", "fchmod": "EROFS", "fchmodat": "EROFS", "newfstatat": "EACCES",
	"fsync": "", "ftruncate": "", "flock": "", "close": "", "fstat": "", "getdents64": "", "read": "", "pread64": "",
}

// TestTortureSyscalls lets every system call of every command that changes the store
// fail with every error, or kill the process: one in each run, or from one on all.
func TestTortureSyscalls(t *testing.T) {
	t.Parallel()
	needs(t, "strace")
	if torture {
		everySyscall(t)
		return
	}
	for n, each := range ordeals {
		if !thorough() && n%3 != 2 {
			leavesOut(t, "commands", 1)
			continue
		}
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			o := newOrdeal(t, n)
			o.some(o.faults(), reduced(t, "faults", 2, 1))
		})
	}
}

// everySyscall goes through each fault of each command.
func everySyscall(t *testing.T) {
	type fault struct {
		o     *ordeal
		alone *sync.Mutex // its store is used by one run at a time
		what  string
	}
	var faults []fault
	for n := range ordeals {
		o, alone := newOrdeal(t, n), new(sync.Mutex)
		for _, what := range o.faults() {
			faults = append(faults, fault{o, alone, what})
		}
	}
	sweep(t, "faults of commands", 2, faults, func(f fault) {
		f.alone.Lock()
		defer f.alone.Unlock()
		f.o.all(f.what)
	})
}

// faults returns what can be done to the system calls of the command: a call, what is done to
// it, and + if to all from one on.
func (o *ordeal) faults() (all []string) {
	o.t.Helper()
	for _, call := range o.calls() {
		for _, errno := range strings.Fields("ENOSPC EIO EDQUOT " + fileCalls[call]) {
			all = append(all, call+" error="+errno+" ", call+" error="+errno+" +")
		}
		all = append(all, call+" error=EINTR ", call+" signal=KILL ")
	}
	return all
}

// calls returns the system calls that the command makes in the home.
func (o *ordeal) calls() []string {
	o.t.Helper()
	m := o.meet(strings.Join(slices.Collect(maps.Keys(fileCalls)), ","), "")
	o.usual = m.stderr
	if m.check(); m.code != 0 {
		o.t.Errorf("without a fault: %+v", m.result)
	}
	slices.Sort(m.called)
	return m.called
}

// all goes through each fault at the nth call of a thread, as atCalls does, until the fault is
// met: which thread makes a call is left to chance.
func (o *ordeal) all(faults ...string) {
	o.t.Helper()
	random := newChance(o.t)
	for _, fault := range faults {
		times := 0
		for try := 0; times == 0 && try < 5; try++ {
			times = atCalls(random, func(n int) (bool, bool) { return o.meets(fault, n) })
		}
		if times == 0 {
			o.t.Errorf("oax %s never met %s", o.args, fault)
		}
	}
}

// some goes through so many of the faults, and on until one is met.
func (o *ordeal) some(faults []string, n int) {
	const most = 20
	random, isMet := newChance(o.t), false
	for i := 0; i < n || !isMet; i++ {
		if i == most {
			o.t.Fatalf("oax %s met none of %d faults", o.args, most)
		}
		_, inHome := o.meets(one(random, faults), 1+random.below(4))
		isMet = isMet || inHome
	}
}

// meets checks what comes of a fault, and reports whether it was met, and whether on a file
// in the home or a stream of the run.
func (o *ordeal) meets(fault string, n int) (met, inHome bool) {
	part := strings.Split(fault, " ")
	m := o.meet(part[0], fmt.Sprintf("%s:when=%d%s", part[1], n, part[2]))
	tortured.add("runs", 1)
	isKilled := m.signal == syscall.SIGKILL
	if !isKilled && m.ofRuntime() {
		return true, false
	}
	m.check()
	if isKilled {
		tortured.add("kills", 1)
	} else {
		tortured.add("failures injected", m.inHome())
	}
	return len(m.on) > 0 || isKilled, m.inHome() > 0
}
