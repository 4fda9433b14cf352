package prompt

import (
	"os"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
)

// The first bytes decide what a file is.
func TestMediaType(t *testing.T) {
	for data, want := range map[string]string{
		"":                                   "",
		"hi":                                 "",
		"\xef\xbb\xbfhi":                     "",
		"日本":                                 "",
		"caf\xe9 au lait":                    "", // Latin-1: Check replaces what is not UTF-8
		"\b\x01 controls":                    "",
		"<svg xmlns='x'/>":                   "",
		"%!PS-Adobe-3.0":                     "",
		"{\"a\": 1}":                         "",
		"\x89PNG\r\n\x1a\n\x00":              "image/png",
		"\xff\xd8\xff\xe0":                   "image/jpeg",
		"GIF87a":                             "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8 ":       "image/webp",
		"%PDF-1.4":                           "application/pdf",
		"\xff\xfeh\x00i\x00":                 "!UTF-16",
		"\xfe\xff\x00h\x00i":                 "!UTF-16",
		"a\x00b":                             "!neither",
		"\x7fELF\x02\x01":                    "", // no NUL: nothing shows that it is not text
		"\x7fELF\x02\x00":                    "!neither",
		"PK\x03\x04\x00":                     "!application/zip",
		"\x1f\x8b\x08\x00":                   "!application/x-gzip",
		"BM\x00":                             "!image/bmp",
		strings.Repeat("x", 100000) + "\x00": "!neither",
	} {
		mediaType, problem := mediaTypeOf([]byte(data))
		if problem != "" {
			mediaType = "!" + problem
		}
		if len(want) > 0 && want[0] == '!' && strings.HasPrefix(mediaType, want) || mediaType == want {
			continue
		}
		t.Errorf("%.20q: %s, want %s", data, mediaType, want)
	}
}

// A fence is longer than any in the text.
func TestFence(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a.go", "x", "a.go:\n```go\nx\n```"},
		{"a.go", "x\n", "a.go:\n```go\nx\n```"},
		{"README", "", "README:\n```\n\n```"},
		{"a.c++", "x", "a.c++:\n```\nx\n```"},
		{"a.日本", "x", "a.日本:\n```\nx\n```"},
		{"a.md", "``", "a.md:\n```md\n``\n```"},
		{"a.md", "```go\nx\n```\n", "a.md:\n````md\n```go\nx\n```\n````"},
		{"a.md", "a``````b", "a.md:\n```````md\na``````b\n```````"},
	} {
		if got := fence(tt.name, tt.text); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.name, tt.text, got, tt.want)
		}
	}
}

// All texts together have one limit, each image has its own. If one file is refused, none
// is attached.
func TestAttachLimits(t *testing.T) {
	mib := strings.Repeat("x", 1<<20)
	image := func(n int) string { return "GIF89a" + strings.Repeat("\x00", n-len("GIF89a")) }
	inDir(t, map[string]string{"1": mib, "2": mib, "3": "x", "image": image(maxMedia), "large": image(maxMedia + 1), "binary": "a\x00"})
	for _, tt := range []struct{ files, want string }{
		{"", ""},
		{"1 2", ""},
		{"1 2 3", "with 3 the attached text is over 2 MiB (limit)"},
		{"1 2 image image", ""},
		{"1 large", "cannot attach large: it is over 20 MiB (limit)"},
		{"1 binary", "cannot attach binary: it is neither text nor an image (PNG, JPEG, WebP, GIF) nor a PDF"},
	} {
		r, _ := reader(t, "")
		r.MaxInput = 2
		var p Prompt
		err := r.Attach(t.Context(), &p, strings.Fields(tt.files))
		if err == nil && tt.want == "" && len(p.Files) == len(strings.Fields(tt.files)) {
			continue
		}
		if err == nil || err.Error() != tt.want || len(p.Files) > 0 || !p.Empty() {
			t.Errorf("%s: %v, want %s; %q", tt.files, err, tt.want, p.Files)
		}
	}
}

// Files can be attached one after the other.
func TestAttachMore(t *testing.T) {
	inDir(t, map[string]string{"a": "x", "b": "y"})
	r, _ := reader(t, "")
	var p Prompt
	must(t, r.Attach(t.Context(), &p, []string{"a"}))
	first := p
	must(t, r.Attach(t.Context(), &p, []string{"b"}))
	p, err := r.Check(p)
	if want := "a:\n```\nx\n```\n\nb:\n```\ny\n```"; err != nil || p.Text != want || !slices.Equal(p.Files, []string{"a", "b"}) || len(first.Files) != 1 {
		t.Errorf("%q, %q, %v", p.Text, p.Files, err)
	}
}

// A quoted pattern is expanded, unless a file has that very name.
func TestAttachPattern(t *testing.T) {
	inDir(t, map[string]string{"a.md": "1", "b.md": "2", "c.txt": "3", ".env": "KEY=1", ".d/x.md": "4", "dir/x.md": "5", "[x].md": "6", "x.md": "7"})
	for _, tt := range []struct{ pattern, files string }{
		{"*.md", "[x].md a.md b.md x.md"},
		{"?.md", "a.md b.md x.md"},
		{"*", "[x].md a.md b.md c.txt x.md"},
		{"*/*.md", "dir/x.md"},
		{".d/*.md", ".d/x.md"},
		{".e*", ".env"},
		{"./*.txt", "./c.txt c.txt"},
		{"[x].md", "[x].md"},
		{"[ab].md", "a.md b.md"},
	} {
		r, _ := reader(t, "")
		var p Prompt
		if err := r.Attach(t.Context(), &p, []string{tt.pattern}); err != nil || !strings.Contains(tt.files, strings.Join(p.Files, " ")) || len(p.Files) == 0 {
			t.Errorf("%s: %q, %v", tt.pattern, p.Files, err)
		}
	}
}

func TestAttachRefused(t *testing.T) {
	inDir(t, map[string]string{"my notes.txt": "\xff\xfeh\x00i\x00", "my dir/x": "x", "it's*": "\xff\xfeh\x00"})
	for _, tt := range []struct {
		files      []string
		what, hint string
	}{
		{[]string{"none"}, "cannot read none: no such file or directory", ""},
		{[]string{""}, "cannot read a file without a name: no such file or directory", ""},
		{[]string{"my dir"}, "cannot read my dir: is a directory", "to attach its files: -a 'my dir/*'"},
		{[]string{"my notes.txt"}, "cannot attach my notes.txt: it is UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8 'my notes.txt' | oax -a - ..."},
		{[]string{"it's*"}, "cannot attach it's*: it is UTF-16, not UTF-8", `iconv -f UTF-16 -t UTF-8 'it'\''s*' | oax -a - ...`},
		{[]string{"*.md"}, "no file matches *.md", ""},
		{[]string{"a[*"}, "invalid pattern a[*: syntax error in pattern", ""},
		{[]string{"-", "-"}, "standard input is attached twice", "leave out one -a -"},
	} {
		r, _ := reader(t, "x")
		var p Prompt
		wants(t, strings.Join(tt.files, " "), r.Attach(t.Context(), &p, tt.files), tt.what, tt.hint)
	}
}

// An image of an earlier prompt is sent again if it is what it was.
func TestReattach(t *testing.T) {
	const png = "\x89PNG\r\n\x1a\n\x00"
	inDir(t, map[string]string{"same.png": png, "changed.png": png, "removed.png": png, "dir.png": png})
	r, _ := reader(t, png)
	p, err := checked(t, r, []string{"what?"}, []string{"same.png", "changed.png", "removed.png", "dir.png", "-"}, nil, nil)
	must(t, err)
	must(t, os.WriteFile("changed.png", []byte(png+"x"), 0o600))
	must(t, os.Remove("removed.png"))
	must(t, os.Remove("dir.png"))
	must(t, os.Mkdir("dir.png", 0o700))
	for i := range p.Parts {
		p.Parts[i].Data = nil // as a session keeps it
	}
	var notes []string
	for range 2 { // the notes come once
		Reattach([]chat.Message{p.Message()}, func(note string) { notes = append(notes, note) })
	}
	want := []string{
		"changed.png is not sent again: it has changed",
		"removed.png is not sent again: no such file or directory",
		"dir.png is not sent again: it is not a regular file any more",
		"stdin is not sent again: it came through a pipe",
	}
	if !slices.Equal(notes, want) || string(p.Parts[0].Data) != png || p.Parts[1].Data != nil {
		t.Errorf("%q", notes)
	}
}
