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
		h, script := asks(t)
		h.write("notes.md", "x")
		path := filepath.Join(h.dir, "notes.md")
		r := h.injected(path, "openat:error=EACCES", "-a", path, "hi")
		h.check(r, want{stderr: []string{"oax: cannot read " + path + ": permission denied\n"}, code: 2})
		unasked(t, script)
	}},
	{row: "A25", what: "a missing file", test: func(t *testing.T) {
		for _, args := range [][]string{{"-a", "none", "hi"}, {"-a", "there", "-a", "none"}, {"-e", "-a", "none"}, {"--json", "-a", "none", "hi"}} {
			h, script := asks(t)
			h.write("there", "x")
			h.check(h.run(args...), want{stderr: []string{"oax: cannot read none: no such file or directory\n"}, code: 2})
			unasked(t, script)
		}
	}},
	{row: "A25", what: "a huge file", test: func(t *testing.T) {
		h, script := asks(t)
		hole := filepath.Join(t.TempDir(), "big.log") // of a terabyte
		err := os.WriteFile(hole, nil, 0o600)
		if err == nil {
			err = os.Truncate(hole, 1<<40)
		}
		if err != nil {
			t.Fatal(err)
		}
		h.write("long.txt", strings.Repeat("a line\n", 3<<20))
		r, memory := h.measured(h.command("-a", "long.txt", "hi"))
		h.check(r, want{stderr: []string{"oax: with long.txt the attached text is over 10 MiB (limit)\nhint: --max-input to raise it\n"}, code: 2})
		for _, name := range []string{hole, "/dev/zero"} {
			r, memory = h.measured(h.command("-a", name, "hi"))
			h.check(r, want{stderr: []string{"oax: cannot attach " + name + ": it is neither text nor an image "}, code: 2})
		}
		if memory > 160<<20 {
			t.Errorf("%d MiB of memory were used", memory>>20)
		}
		unasked(t, script)
	}},
	{row: "A25", what: "a pipe that nobody writes to", test: func(t *testing.T) {
		h, script := asks(t)
		if err := syscall.Mkfifo(filepath.Join(h.dir, "fifo"), 0o600); err != nil {
			t.Fatal(err)
		}
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
		unasked(t, script)
	}},
	{row: "G13", what: "hostile names of attached files", test: func(t *testing.T) {
		const name = "a\x1b]0;x\a\n```\nb.txt"
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		h.write(name, "text")
		shown := "a^[]0;x^G ``` b.txt"
		prompt := "hi\n\n" + shown + ":\n```txt\ntext\n```"
		h.check(h.run("-a", name, "hi"), want{stdout: "yes\n", prompt: prompt, answer: "yes"})
		heard(t, script, prompt)
		if r := h.run("-a", name+"x", "hi"); r.code != 2 || strings.Contains(r.stderr, "\x1b") || strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("%+v", r)
		}
	}},
	{row: "G18", what: "names of templates that are paths, options or worse", test: func(t *testing.T) {
		for _, name := range []string{"../../x", "/etc/passwd", "a/b", ".", "..", "\x1b]0;x\a", "a\nb", strings.Repeat("x", 300), "日本", "CON"} {
			h, script := asks(t)
			h.config("[templates.good]\nprompt = \"x\"\n")
			before := h.files()
			r := h.run("-t="+name, "hi")
			h.check(r, want{stderr: []string{"oax: no template ", "hint: oax -t"}, code: 2})
			if strings.ContainsAny(r.stderr, "\x1b\a") || strings.Count(r.stderr, "\n") != 2 || !maps.Equal(before, h.files()) {
				t.Errorf("%q: %q", name, r.stderr)
			}
			unasked(t, script)
		}
	}},
	{row: "G18", what: "such names in the file", test: func(t *testing.T) {
		for _, name := range []string{"../x", "a/b", ".", "-a", "", "a b", "\\u001b]0;x"} {
			h, script := asks(t)
			h.config("[templates.\"" + name + "\"]\nprompt = \"x\"\n")
			r := h.run("hi")
			h.check(r, want{stderr: []string{"config.toml:1:12: ", "the name of a template is made of letters, digits, - and _\n"}, code: 2})
			if strings.Contains(r.stderr, "\x1b") {
				t.Errorf("%q", r.stderr)
			}
			unasked(t, script)
		}
	}},
}
