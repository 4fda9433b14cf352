package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The page tells of every command and of every flag that --help tells of, and nothing in
// it is taken for a request of man(7) that is none.
func TestManPage(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "oax.1"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	env := &Env{Stdout: out, Stderr: out, Now: func() time.Time { return time.Unix(0, 0) }, Version: "v1.2.3"}
	if exit := Run(t.Context(), env, []string{"__man"}); exit.Code != 0 {
		t.Fatal(exit)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	holds(t, page, `^\.TH OAX 1 1970-01-01 "oax v1\.2\.3"$`, `^\.B \\-m, \\-\\-model NAME$`, `^\.B \\-\\-dry\\-run\[=curl\]$`,
		`^\.B \\-\\-\[no\\-\]markdown$`, `^\.B \\-\\-older\\-than `, `^\.B 8$`)
	for _, c := range commands() {
		if has := strings.Contains(page, ".SS oax "+roff(c.name)); has == c.hidden {
			t.Errorf("%s: in the page: %v", c.name, has)
		}
		parser, err := env.parser("oax "+c.name, "", c.new(), allFlags)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range parser.Model.Flags {
			name := roff("--" + f.Name)
			if f.Tag.Negatable != "" {
				name = roff("--[no-]" + f.Name)
			}
			if !f.Hidden && !c.hidden && !strings.Contains(page, name) {
				t.Errorf("no %s", name)
			}
		}
	}
	known := []string{".TH", ".SH", ".SS", ".TP", ".B", ".PP", ".nf", ".fi"}
	for line := range strings.Lines(page) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(line, ".") && !slices.Contains(known, first) || strings.HasPrefix(line, "'") || strings.TrimSpace(line) == "" {
			t.Errorf("the line %q", line)
		}
	}
}

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		`a\nb`: `a\enb`, ".TH": `\&.TH`, "x\n.so /etc/passwd": "x\n\\&.so /etc/passwd", "'quoted'": `\(aqquoted\(aq`, "--all": `\-\-all`, "日本": "日本",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
