package main

import (
	"flag"
	"os"
	"path/filepath"
	"time"
)

var update = flag.Bool("update", false, "make golden files of what there is")

// looksLike waits until the screen is what is in a file of testdata/screens. With
// -update it becomes the file, once it stands still.
func (w *window) looksLike(name string) {
	w.t.Helper()
	path := filepath.Join("..", "..", "testdata", "screens", name)
	if *update {
		last := ""
		screen := w.until("it stands still", func(screen string) bool {
			still := screen == last
			last = screen
			time.Sleep(100 * time.Millisecond)
			return still
		})
		if err := os.WriteFile(path, []byte(screen), 0o666); err != nil {
			w.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.until("it is the screen of "+name, func(screen string) bool { return screen == string(want) })
}
