package term

import (
	"context"
	"io"
	"os"
	"testing"
)

func TestReadLine(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	io.WriteString(w, "yes\n\nand no")
	w.Close()
	for _, want := range []struct {
		line string
		err  error
	}{{"yes", nil}, {"", nil}, {"and no", io.EOF}, {"", io.EOF}} {
		if line, err := ReadLine(context.Background(), r); line != want.line || err != want.err {
			t.Errorf("%q, %v, want %q, %v", line, err, want.line, want.err)
		}
	}
	if line, err := ReadLine(stoppedContext(), nil); line != "" || err == nil {
		t.Errorf("%q, %v", line, err)
	}
}

// Nobody can be asked where the question would not be seen.
func TestPerson(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if Person(r, w, func(string) string { return "" }) != nil {
		t.Error("standard error is a pipe")
	}
}
