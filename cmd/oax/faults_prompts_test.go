package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// prompting are faults of what a prompt is made of (A25, G18).
var prompting = []fault{
	{row: "A25", what: "an unreadable file", test: func(t *testing.T) {
		h, script := scripted(t)
		h.write("notes.md", "x")
		path := filepath.Join(h.dir, "notes.md")
		r := h.injected(path, "openat:error=EACCES", "-a", path, "hi")
		h.check(r, want{code: 2})
		requested(t, script, 0)
	}},
	{row: "A25", what: "a missing file", test: func(t *testing.T) {
		for _, args := range [][]string{{"-a", "none", "hi"}, {"-a", "there", "-a", "none"}, {"-e", "-a", "none"}, {"--json", "-a", "none", "hi"}} {
			h, script := scripted(t)
			h.write("there", "x")
			h.check(h.run(args...), want{code: 2})
			requested(t, script, 0)
		}
	}},
	{row: "A25", what: "a huge file", test: func(t *testing.T) {
		h, script := scripted(t)
		hole := filepath.Join(t.TempDir(), "big.log") // of a terabyte
		err := os.WriteFile(hole, nil, 0o600)
		if err == nil {
			err = os.Truncate(hole, 1<<40)
		}
		must(t, err)
		h.write("long.txt", strings.Repeat("a line\n", 3<<20))
		r, memory := h.measured(h.command("-a", "long.txt", "hi"))
		h.check(r, want{code: 2})
		for _, name := range portion(t, []string{hole, "/dev/zero"}, 1) {
			r, memory = h.measured(h.command("-a", name, "hi"))
			h.check(r, want{code: 2})
		}
		if memory > 160<<20 {
			t.Errorf("%d MiB of memory were used", memory>>20)
		}
		requested(t, script, 0)
	}},
	{row: "A25", what: "a pipe that nobody writes to", test: func(t *testing.T) {
		h, script := scripted(t)
		must(t, mkfifo(filepath.Join(h.dir, "fifo")))
		c := h.at(h.command("-a", "fifo", "hi"))
		eventually(t, "it reads", func() bool {
			writer, err := os.OpenFile(filepath.Join(h.dir, "fifo"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
			if err == nil {
				t.Cleanup(func() { writer.Close() })
			}
			return err == nil
		})
		c.press(ctrlC)
		diedOf(t, c.end(), syscall.SIGINT)
		requested(t, script, 0)
	}},
	{row: "G13", what: "hostile names of attached files", test: func(t *testing.T) {
		const name = "a\x1b]0;x\a\n```\nb.txt"
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.write(name, "text")
		shown := "a^[]0;x^G ``` b.txt"
		prompt := "hi\n\n" + shown + ":\n```txt\ntext\n```"
		h.check(h.run("-a", name, "hi"), want{stdout: "yes\n", prompt: prompt, answer: "yes"})
		oneRequest(t, script, prompt)
		h.checkRun(h.run("-a", name+"x", "hi"), want{code: 2})
	}},
	{row: "G18", what: "names of templates that are paths, options or worse", test: func(t *testing.T) {
		for _, name := range []string{"../../x", "/etc/passwd", "a/b", ".", "..", "\x1b]0;x\a", "a\nb", strings.Repeat("x", 300), "日本", "CON"} {
			h, script := scripted(t)
			h.config("[templates.good]\nprompt = \"x\"\n")
			before := h.files()
			h.check(h.run("-t="+name, "hi"), want{code: 2})
			if !maps.Equal(before, h.files()) {
				t.Errorf("%q: files have changed", name)
			}
			requested(t, script, 0)
		}
	}},
	{row: "G18", what: "such names in the file", test: func(t *testing.T) {
		for _, name := range []string{"../x", "a/b", ".", "-a", "", "a b", "\\u001b]0;x"} {
			h, script := scripted(t)
			h.config("[templates.\"" + name + "\"]\nprompt = \"x\"\n")
			h.check(h.run("hi"), want{code: 2})
			requested(t, script, 0)
		}
	}},
}
