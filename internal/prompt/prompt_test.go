package prompt

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// The order is words, standard input, files; blank lines are between them.
func TestOrder(t *testing.T) {
	inDir(t, map[string]string{"a.txt": "attached\n"})
	const file = "a.txt:\n```txt\nattached\n```"
	for _, tt := range []struct {
		words, files []string
		piped, want  string
	}{
		{[]string{"why", "so"}, nil, "", "why so"},
		{[]string{"why"}, nil, "x\n", "why\n\nx\n"},
		{nil, nil, "x\n", "x\n"},
		{[]string{"why"}, nil, " \n\t", "why"},
		{[]string{"why"}, []string{"a.txt"}, "x\n", "why\n\nx\n\n" + file},
		{nil, []string{"a.txt"}, "", file},
		{nil, []string{"a.txt"}, "x\n\n", "x\n\n" + file},
		{[]string{"why"}, []string{"-", "a.txt"}, "x\n", "why\n\nstdin:\n```\nx\n```\n\n" + file},
	} {
		r, stderr := reader(t, tt.piped)
		p, err := checked(t, r, tt.words, tt.files, nil, nil)
		if err != nil || p.Text != tt.want || p.Message().Text != tt.want || stderr() != "" {
			t.Errorf("%q %q %q: %q, %v, %s", tt.words, tt.files, tt.piped, p.Text, err, stderr())
		}
	}
}

// A session's title is the first line that a person wrote, or the name of a file, and
// never the text of one.
func TestTitleHasNoAttachedText(t *testing.T) {
	inDir(t, map[string]string{"a.txt": "secret\n", "~~~x": "secret\n", "b.png": "\x89PNG\r\n\x1a\n\x00"})
	for _, tt := range []struct {
		words, files []string
		want         string
	}{
		{[]string{"why"}, []string{"a.txt"}, "why"},
		{nil, []string{"a.txt"}, "a.txt"},
		{nil, []string{"~~~x"}, "~~~x"},
		{[]string{"```"}, []string{"~~~x"}, "~~~x"},
		{nil, []string{"b.png", "a.txt"}, "[image: b.png]"},
		{nil, []string{"-"}, "stdin"},
		{[]string{" "}, []string{"-"}, "stdin"},
	} {
		r, _ := reader(t, "secret")
		if tt.files[0] != "-" {
			r, _ = reader(t, "")
		}
		p, err := checked(t, r, tt.words, tt.files, nil, nil)
		if got := record.TitleFromPrompt(p.Text); err != nil || got != tt.want {
			t.Errorf("%q %q: %q, %v", tt.words, tt.files, got, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		text, want, stderr string
		strip              bool
		replaced           int
	}{
		{text: "plain ✓", want: "plain ✓"},
		{text: "a\xffb\xfe\xfdc\ufffd", want: "a\ufffdb\ufffd\ufffdc\ufffd", stderr: "oax: replaced 3 invalid bytes in the input\n", replaced: 3},
		{text: "a\xe9b", want: "a\ufffdb", stderr: "oax: replaced 1 invalid byte in the input\n", replaced: 1},
		{text: "a\U000e0041", want: "a\U000e0041", stderr: "oax: input holds 1 invisible character (U+E0041…)\nhint: --strip-hidden to remove them\n"},
		{text: "a\U000e0041\u202eb", want: "ab", strip: true},
	} {
		r, stderr := reader(t, "")
		r.StripHidden = tt.strip
		p, err := r.Check(Prompt{Text: tt.text})
		if err != nil || p.Text != tt.want || p.Replaced != tt.replaced || stderr() != tt.stderr {
			t.Errorf("%q: %+v, %v, %s", tt.text, p, err, stderr())
		}
	}
}

func TestRefused(t *testing.T) {
	r, _ := reader(t, "")
	_, err := checked(t, r, []string{" "}, nil, nil, nil)
	wants(t, "blank", err, "no prompt given", `oax "question", or pipe text in`)

	r, _ = reader(t, "ab\x00c")
	_, err = checked(t, r, nil, nil, nil, nil)
	wants(t, "NUL", err, "input is not text (NUL byte at offset 2)", "")

	r, _ = reader(t, strings.Repeat("x", 1<<20+1))
	r.MaxInput = 1
	_, err = checked(t, r, nil, nil, nil, nil)
	wants(t, "too long", err, "input is over 1 MiB (limit)", "--max-input to raise it")

	r, _ = reader(t, strings.Repeat("x", 1<<20))
	r.MaxInput = 1
	if _, err = checked(t, r, nil, nil, nil, nil); err != nil {
		t.Error("exactly the limit:", err)
	}

	r, _ = reader(t, "")
	r.Stdin.Close()
	_, err = checked(t, r, nil, nil, nil, nil)
	wants(t, "closed", err, "cannot read standard input: file already closed", "")
}

// The limit of an absurd --max-input does not overflow.
func TestMaxInputOverflow(t *testing.T) {
	for _, limit := range []int64{math.MaxInt64, math.MaxInt64 >> 20, 1 << 43} {
		r, _ := reader(t, "x")
		r.MaxInput = limit
		if p, err := checked(t, r, nil, nil, nil, nil); err != nil || p.Text != "x" {
			t.Errorf("%d: %q, %v", limit, p.Text, err)
		}
	}
}

// In `while read q; do oax "$q"; done < list` the rest of the list is added to the first
// prompt. A file that nobody began to read is redirected on purpose.
func TestSharedStandardInput(t *testing.T) {
	const note = "oax: the rest of standard input was added to the prompt\nhint: to leave it out: oax ... </dev/null\n"
	inDir(t, map[string]string{"list": "one\ntwo\nthree\n"})
	for _, tt := range []struct {
		name   string
		words  []string
		offset int64
		stderr string
	}{
		{"partly read", []string{"one"}, 4, note},
		{"from the start", []string{"one"}, 0, ""},
		{"at its end", []string{"one"}, 14, ""},
		{"no words", nil, 4, ""},
	} {
		r, stderr := reader(t, "")
		list, err := os.Open("list")
		must(t, err)
		defer list.Close()
		_, err = list.Seek(tt.offset, 0)
		must(t, err)
		r.Stdin = list
		if _, err := checked(t, r, tt.words, nil, nil, nil); err != nil || stderr() != tt.stderr {
			t.Errorf("%s: %v, %q", tt.name, err, stderr())
		}
	}
}

// Standard input that does not end is left behind when ctx ends.
func TestReadingEndsWithContext(t *testing.T) {
	r, _ := reader(t, "")
	in, out, err := os.Pipe()
	must(t, err)
	defer in.Close()
	defer out.Close() // ends the read that is left behind
	r.Stdin = in
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	time.AfterFunc(10*time.Millisecond, func() { cancel(stop) })
	if _, err := r.Read(ctx, []string{"why"}, nil, nil, nil); err != stop {
		t.Error(err)
	}
}

func TestNewSystem(t *testing.T) {
	p := Prompt{System: "Be brief."}
	if got := p.NewSystem([]chat.Message{{Role: chat.User, Text: "Be brief."}}); got != "Be brief." {
		t.Errorf("%q", got)
	}
	if got := p.NewSystem([]chat.Message{{Role: chat.System, Text: "Be brief."}}); got != "" {
		t.Errorf("%q", got)
	}
}
