package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page explains every command and every flag that --help explains, and man(7) takes
// nothing in it for a request that is none.
func TestManPage(t *testing.T) {
	h := newHome(t)
	page := h.run("__man").stdout
	for _, line := range []string{
		`^\.TH OAX 1 2026-11-22 "oax v1\.2\.3"$`, `^\.B \\-m, \\-\\-model NAME$`, `^\.B \\-\\-dry\\-run\[=curl\]$`,
		`^\.B \\-\\-\[no\\-\]markdown\[=HOW\]$`, `^\.B \\-\\-older\\-than `, `^\.B 8$`,
	} {
		if !regexp.MustCompile("(?m)" + line).MatchString(page) {
			t.Errorf("no line %s", line)
		}
	}
	for _, c := range commands() {
		if has := strings.Contains(page, "\n.SS oax "+roffName(c.name)); has == c.hidden {
			t.Errorf("%s: in the page: %v", c.name, has)
		}
		parser := c.parser(h.process())
		for _, f := range parser.Model.Flags {
			name := roffName("--" + f.Name)
			if f.Tag.Negatable != "" {
				name = roffName("--[no-]" + f.Name)
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

// roffName returns a name as man(7) has it.
func roffName(name string) string { return strings.ReplaceAll(name, "-", `\-`) }
