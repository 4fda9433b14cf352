// Command pick chooses with the picker, for its tests: a real program, because
// the finder behaves differently in a test binary. The items are in the file
// named by its argument, "ID<TAB>label" a line. It prints how it ended.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"oax/internal/picker"
)

func main() {
	if len(os.Args) == 1 {
		child()
		return
	}
	tty, _ := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	id, err := picker.Choose(context.Background(), offer, picker.Options{
		Command: func(ctx context.Context) *exec.Cmd {
			return exec.CommandContext(ctx, cmp.Or(os.Getenv("PICK_CHILD"), os.Args[0]))
		},
		TTY: tty,
		In:  os.Stdin,
		Out: os.Stderr,
	})
	if err != nil {
		fmt.Println("end:", err)
		return
	}
	fmt.Println("end: chose", id)
}

func offer() (picker.Offer, error) {
	items, err := read(os.Args[1])
	return picker.Offer{Items: items, Query: os.Getenv("PICK_QUERY"), Sought: os.Getenv("PICK_SOUGHT")}, err
}

// child leaves a byte in the file "starts" for each time it is started.
func child() {
	if f, err := os.OpenFile("starts", os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err == nil {
		f.WriteString("x")
		f.Close()
	}
	err := picker.Child(os.Stdin, os.Stdout, func(id, _ string) []picker.Passage {
		if id == os.Getenv("PICK_PANIC") {
			panic("preview of " + id)
		}
		return []picker.Passage{
			{Heading: "--- " + id, Text: "How does a channel hand a value from one goroutine to another?", Own: true},
			{Heading: "--- answer", Text: "並行処理は、複数の作業を同時に進める方法です。Goではgoroutineとchannelを使います。\n\n" +
				"\tfor v := range ch {\n\t\tfmt.Println(v)\n\t}\n" + strings.Repeat("long text ", 20000) + "the last 言葉\n"},
		}
	})
	if err != nil && !errors.Is(err, picker.ErrCancelled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(name string) (items []picker.Item, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		id, label, _ := strings.Cut(s.Text(), "\t")
		items = append(items, picker.Item{ID: id, Label: label})
	}
	return items, nil
}
