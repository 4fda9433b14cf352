package cli

import (
	"strings"
	"testing"

	"oax/internal/chat"
)

// The first bytes tell what a file is.
func TestKindOf(t *testing.T) {
	for data, want := range map[string]string{
		"":                                   "",
		"hi":                                 "",
		"\xef\xbb\xbfhi":                     "",
		"日本":                                 "",
		"caf\xe9 au lait":                    "", // Latin-1: what is not UTF-8 is replaced, and told
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
		"\x7fELF\x02\x01":                    "", // no NUL: nothing says that it is no text
		"\x7fELF\x02\x00":                    "!neither",
		"PK\x03\x04\x00":                     "!application/zip",
		"\x1f\x8b\x08\x00":                   "!application/x-gzip",
		"BM\x00":                             "!image/bmp",
		strings.Repeat("x", 100000) + "\x00": "!neither",
	} {
		kind, problem := kindOf([]byte(data))
		if problem != "" {
			kind = "!" + problem
		}
		if len(want) > 0 && want[0] == '!' && strings.HasPrefix(kind, want) || kind == want {
			continue
		}
		t.Errorf("%.20q: %s, want %s", data, kind, want)
	}
}

// A fence is longer than any in the text.
func TestFenced(t *testing.T) {
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
		if got := fenced(tt.name, tt.text); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.name, tt.text, got, tt.want)
		}
	}
}

// All text together has one limit, each image its own.
func TestAttachedLimits(t *testing.T) {
	mib := func(n int) []byte { return []byte(strings.Repeat("x", n<<20)) }
	image := func(n int) []byte { return append([]byte("GIF89a"), make([]byte, n-len("GIF89a"))...) }
	for name, tt := range map[string]struct {
		files [][]byte
		want  string
	}{
		"none":           {nil, ""},
		"as much":        {[][]byte{mib(1), mib(1)}, ""},
		"a byte more":    {[][]byte{mib(1), mib(1), []byte("x")}, "with f the attached text is over 2 MiB (limit)"},
		"images beside":  {[][]byte{mib(2), image(mostMedia), image(mostMedia)}, ""},
		"image too big":  {[][]byte{image(mostMedia + 1)}, "cannot attach f: it is over 20 MiB (limit)"},
		"neither of all": {[][]byte{{'a', 0}}, "cannot attach f: it is neither text nor an image (PNG, JPEG, WebP, GIF) nor a PDF"},
	} {
		all, said := attached{most: 2}, ""
		for _, data := range tt.files {
			if r := all.add(chat.Attachment{Name: "f", Data: data}); r != nil {
				said = r.what
			}
		}
		if said != tt.want {
			t.Errorf("%s: %q, want %q", name, said, tt.want)
		}
	}
}
