package export

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		what, text string
		want       []string
	}{
		{"none", "text `code` ``` \n", nil},
		{"one", "a\n```go\nx\n\n  y\n```\nb\n```\n", []string{"x\n\n  y\n", ""}},
		{"tildes", "~~~\n```\n~~~\n", []string{"```\n"}},
		{"longer fence", "````\n```\n````\n", []string{"```\n"}},
		{"shorter and other fences do not close", "````\n```\n~~~~\n", []string{"```\n~~~~\n"}},
		{"two are too few", "``\nx\n``\n", nil},
		{"closing fence takes no info", "```\nx\n``` go\n```\n", []string{"x\n``` go\n"}},
		{"closing fence with spaces", "```\nx\n   ```  \ny\n", []string{"x\n"}},
		{"closing fence indented too far", "```\nx\n    ```\n", []string{"x\n    ```\n"}},
		{"backtick in the info", "``` a`b\nx\n", nil},
		{"backtick in the info of tildes", "~~~ a`b ~~~\nx\n", []string{"x\n"}},
		{"indentation comes off", "   ```\n   a\n     b\n c\n   ```\n", []string{"a\n  b\nc\n"}},
		{"indented code", "    ```\n    x\n", nil},
		{"indented within a paragraph", "a\n    ```\n", nil},
		{"unclosed", "```\nx", []string{"x"}},
		{"unclosed and empty", "a\n```", []string{""}},
		{"CR LF", "```\r\na\r\n```\r\nb", []string{"a\r\n"}},
		{"in a list item", "- a\n  ```\n  x\n    y\n  ```\n- b\n", []string{"x\n  y\n"}},
		{"in a numbered item", "10. a\n\n    ```\n    x\n    ```\n", []string{"x\n"}},
		{"ended by its list item", "- ```\n  x\n\nb\n", []string{"x\n\n"}},
		{"item of another indentation", "-   a\n\n    ```\n    x\n    ```\n", []string{"x\n"}},
		{"a list that is none in a paragraph", "a\n2. b\n   ```\nx\n", []string{"x\n"}},
		{"in a quote", "> ```\n> x\n>  y\n>\n> ```\n", []string{"x\n y\n\n"}},
		{"ended by its quote", "> ```\n> x\ny\n", []string{"x\n"}},
		{"quote in an item in a quote", "> - > ```\n>   > x\n>   > ```\n", []string{"x\n"}},
		{"lazy lines stay in the item", "- a\nb\n  ```\n  x\n", []string{"x\n"}},
		{"lazy lines end at a fence", "> a\n```\nx\n", []string{"x\n"}},
		{"a rule is no list", "- - -\n  ```\n  x\n", []string{"x\n"}},
		{"an empty item ends at a blank line", "-\n\n  ```\n  x\n", []string{"x\n"}},
		{"tab after a marker", "-\t```\n\tx\n\t```\n", []string{"x\n"}},
		{"tab taken in part", "- ```\n\tx\n", []string{"  x\n"}},
		{"tab that makes code", ">\t\t```\n", nil},
		{"HTML does not count", "<details>\n```\nx\n```\n</details>\n", []string{"x\n"}},
		{"wide blanks are text", "\u00a0```\nx\n", nil},
	} {
		var got []string
		for _, b := range Blocks(c.text) {
			got = append(got, b.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q gives %q, want %q", c.what, c.text, got, c.want)
		}
	}
}

func TestBlockPositions(t *testing.T) {
	const text = "a\n~~~ go run\nx\n~~~\nb\n> ```\n> y\nc\n```"
	var got []string
	for _, b := range Blocks(text) {
		got = append(got, b.Info+"|"+text[b.From:b.To])
		if b.Open != (b.From > 5) {
			t.Errorf("open: %v at %d", b.Open, b.From)
		}
	}
	if want := []string{"go run|~~~ go run\nx\n~~~\n", "|> ```\n> y\n", "|```"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Lines on which a careless reader takes quadratic time.
func TestBlocksInTime(t *testing.T) {
	// Eight times as much takes eight times as long, and not 64 times. The machine may be
	// busy with something else in either run, so one pair of many is enough.
	read := func(n int) time.Duration {
		start := time.Now()
		for _, text := range []string{
			strings.Repeat("- ", n) + "x", strings.Repeat("> ", n), strings.Repeat("> ", n) + "\n" + strings.Repeat("> ", n) + "\n",
			strings.Repeat("`", n) + "\n" + strings.Repeat("`", n-1), strings.Repeat("-\n", n), strings.Repeat("1. ```\n", n), strings.Repeat("*", n) + " x",
		} {
			Blocks(text)
		}
		return time.Since(start)
	}
	var few, many time.Duration
	for range 20 {
		if few, many = read(10_000), read(80_000); many < 24*few {
			return
		}
	}
	t.Errorf("10,000 take %v, and 80,000 take %v", few, many)
}

func FuzzBlocks(f *testing.F) {
	for _, text := range []string{"- ```\n\tx\n", "> ~~~ a\n> b\n", "1. a\n\n   ```\n", "a\n===\n- - -\n-\n\n  ```"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, b := range Blocks(text) {
			if b.From < end || b.To <= b.From || b.To > len(text) {
				t.Fatalf("%q: from %d to %d, after %d", text, b.From, b.To, end)
			}
			end = b.To
			for line := range strings.Lines(b.Text) {
				if !strings.Contains(text[b.From:b.To], strings.TrimLeft(line, " ")) {
					t.Fatalf("%q: %q is not in it", text, line)
				}
			}
		}
	})
}
