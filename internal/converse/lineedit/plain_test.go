package lineedit

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	in, keys, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	keys.WriteString("one\\\ntwo\n\n\nlast")
	keys.Close()
	var out strings.Builder
	p := NewPlain(in, &out, "> ")
	for _, test := range []struct {
		start, want string
		err         error
	}{
		{"", "one\ntwo", nil},
		{"draft " + hostile, "draft " + hostile, nil},
		{"", "", nil},
		{"", "last", nil},
		{"", "", io.EOF},
	} {
		if text, err := p.Read(context.Background(), test.start); text != test.want || err != test.err {
			t.Errorf("read %q, %v, want %q, %v", text, err, test.want, test.err)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\u009d\u202e") || !strings.Contains(out.String(), "(Enter alone sends this)\ndraft ^[]0;title^G") {
		t.Errorf("wrote %q", out.String())
	}
}
