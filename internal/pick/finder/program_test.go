package finder_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"oax/internal/pick/finder"
)

// The test binary is also the program that the tests start: it chooses among the items in
// a file, "ID<TAB>label" a line, or is the finder's child. It must decide so before the
// flags of package testing are registered, because the finder looks for them and behaves
// differently in a test.
func init() {
	switch os.Getenv("FINDER_TEST") {
	case "choose":
		chooseAmong("items")
	case "child":
		child()
	default:
		return
	}
	os.Exit(0)
}

// chooseAmong prints how Choose ended.
func chooseAmong(file string) {
	tty, _ := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	offer := func() (finder.Offer, error) {
		items, err := readItems(file)
		return finder.Offer{Items: items, Query: os.Getenv("QUERY"), Sought: os.Getenv("SOUGHT")}, err
	}
	id, err := finder.Choose(context.Background(), offer, finder.Options{
		Command: func(ctx context.Context) *exec.Cmd {
			cmd := exec.CommandContext(ctx, cmp.Or(os.Getenv("CHILD"), os.Args[0]))
			cmd.Env = append(os.Environ(), "FINDER_TEST=child")
			return cmd
		},
		TTY: tty, In: os.Stdin, Out: os.Stderr,
	})
	if err != nil {
		fmt.Println("end:", err)
		return
	}
	fmt.Println("end: chose", id)
}

func readItems(file string) (items []finder.Item, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		id, label, _ := strings.Cut(s.Text(), "\t")
		items = append(items, finder.Item{ID: id, Label: label})
	}
	return items, nil
}

// child runs the finder. It appends a byte to the file "starts" each time.
func child() {
	if f, err := os.OpenFile("starts", os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err == nil {
		f.WriteString("x")
		f.Close()
	}
	err := finder.Child(os.Stdin, os.Stdout, func(id, _ string) []finder.Passage {
		if id == os.Getenv("PANIC_AT") {
			panic("preview of " + id)
		}
		return []finder.Passage{
			{Heading: "--- " + id, Text: "How does a channel hand a value from one goroutine to another?", Own: true},
			{Heading: "--- answer", Text: "並行処理は、複数の作業を同時に進める方法です。Goではgoroutineとchannelを使います。\n\n" +
				"\tfor v := range ch {\n\t\tfmt.Println(v)\n\t}\n" + strings.Repeat("long text ", 20000) + "the last 言葉\n"},
		}
	})
	if err != nil && !errors.Is(err, finder.ErrCancelled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
