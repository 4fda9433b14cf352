package markdown

import (
	"slices"
	"strings"
	"testing"
)

// codeBlocks returns the code blocks of a text, whole.
func codeBlocks(text string) (blocks []Code) {
	for c := range CodeBlocks(text) {
		if c.Block > len(blocks) {
			blocks = append(blocks, Code{Block: c.Block, Info: c.Info})
		}
		last := &blocks[len(blocks)-1]
		last.Text = append(last.Text, c.Text...)
	}
	return blocks
}

func TestCodeBlocks(t *testing.T) {
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
		for _, b := range codeBlocks(c.text) {
			got = append(got, string(b.Text))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q gives %q, want %q", c.what, c.text, got, c.want)
		}
	}
}

func TestCodeBlocksHaveTheirInfo(t *testing.T) {
	var got []string
	for _, b := range codeBlocks("~~~ go run \nx\n~~~\n> ```a`b\n> y\n```") {
		got = append(got, b.Info)
	}
	if want := []string{"go run", ""}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestClosingFence(t *testing.T) {
	for text, want := range map[string]string{
		"a\n": "", "```\nx": "```\n", "~~~~ go\nx\n~~~\n": "~~~~\n", "```\n```\n": "", "> ```\n> x\n": "", "- ```\n  x\n": "", "```": "```\n",
	} {
		if got := ClosingFence(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Code is what it is in the text, whatever stands before it.
func FuzzCodeBlocks(f *testing.F) {
	for _, text := range []string{"- ```\n\tx\n", "> ~~~ a\n> b\n", "1. a\n\n   ```\n", "a\n===\n- - -\n-\n\n  ```"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, b := range codeBlocks(text) {
			for line := range strings.Lines(string(b.Text)) {
				if !strings.Contains(text, strings.TrimLeft(line, " ")) {
					t.Fatalf("%q: %q is not in it", text, line)
				}
			}
		}
	})
}
