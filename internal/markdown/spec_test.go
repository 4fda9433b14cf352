package markdown

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
	nethtml "golang.org/x/net/html"
)

// example is a text of the tests that goldmark comes with.
type example struct {
	name, markdown string
}

// examples returns the examples of CommonMark 0.31 and those of GitHub's tables,
// strikethrough, task lists and bare links.
func examples(t testing.TB) []example {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(string(out))
	spec, err := os.ReadFile(filepath.Join(dir, "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var numbered []struct {
		Markdown string
		Example  int
	}
	if err := json.Unmarshal(spec, &numbered); err != nil {
		t.Fatal(err)
	}
	var list []example
	for _, e := range numbered {
		list = append(list, example{fmt.Sprint("spec ", e.Example), e.Markdown})
	}
	if len(list) < 652 {
		t.Fatalf("%d examples, want 652", len(list))
	}
	const line = "//- - - - - - - - -//\n"
	for _, name := range []string{"table", "strikethrough", "tasklist", "linkify"} {
		file, err := os.ReadFile(filepath.Join(dir, "extension", "_test", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(string(file), line)
		for i := 1; i < len(parts); i += 2 {
			list = append(list, example{fmt.Sprint(name, " ", i/2+1), parts[i]})
		}
	}
	return list
}

// oracle is goldmark with GitHub's extensions. It shows raw HTML as it is written, and
// images as links, as this package does.
var oracle = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(asText{}, 1))),
)

type asText struct{}

// textOf returns the text of a node and of all in it.
func textOf(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch t := c.(type) {
		case *ast.Text:
			b.Write(t.Value(source))
			if t.SoftLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(t.Value)
		default:
			b.WriteString(textOf(c, source))
		}
	}
	return b.String()
}

func (asText) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			text := string(node.(*ast.RawHTML).Segments.Value(source))
			if regexp.MustCompile(`(?i)^<br\s*/?>$`).MatchString(text) {
				w.WriteString("<br />")
			} else {
				w.WriteString(html.EscapeString(text))
			}
		}
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindHTMLBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			n := node.(*ast.HTMLBlock)
			text := string(n.Lines().Value(source))
			if n.HasClosure() {
				text += string(n.ClosureLine.Value(source))
			}
			w.WriteString("<p>" + html.EscapeString(strings.TrimSpace(text)) + "</p>\n")
		}
		return ast.WalkContinue, nil
	})
	r.Register(ast.KindImage, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		n := node.(*ast.Image)
		linked := false
		for p := n.Parent(); p != nil; p = p.Parent() {
			linked = linked || p.Kind() == ast.KindLink
		}
		if linked || !entering && len(n.Destination) == 0 {
			return ast.WalkContinue, nil
		}
		if entering {
			fmt.Fprintf(w, `<a href="%s">`, util.EscapeHTML(util.URLEscape(n.Destination, true)))
			w.WriteString(html.EscapeString(textOf(n, source)))
		} else {
			w.WriteString("</a>")
		}
		return ast.WalkSkipChildren, nil
	})
}

// normal returns HTML in a form in which only what matters differs: without the attributes
// and space of a renderer.
func normal(t testing.TB, text string) string {
	t.Helper()
	z := nethtml.NewTokenizer(strings.NewReader(text))
	var b strings.Builder
	pre := false
	space := regexp.MustCompile(`[ \n\t]+`)
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			break
		}
		token := z.Token()
		if token.Data == "pre" {
			pre = kind == nethtml.StartTagToken
		}
		switch kind {
		case nethtml.TextToken:
			if pre {
				b.WriteString(html.EscapeString(token.Data))
				break
			}
			b.WriteString(html.EscapeString(space.ReplaceAllString(token.Data, " ")))
		case nethtml.SelfClosingTagToken, nethtml.StartTagToken:
			if token.Data == "span" {
				break
			}
			var attributes []string
			for _, a := range token.Attr {
				if slices.Contains([]string{"href", "title", "start", "checked", "type", "align"}, a.Key) || a.Key == "class" && token.Data == "code" {
					attributes = append(attributes, a.Key+"="+a.Val)
				}
				if a.Key == "class" && (a.Val == "left" || a.Val == "right" || a.Val == "center") {
					attributes = append(attributes, "align="+a.Val)
				}
				if a.Key == "style" && strings.HasPrefix(a.Val, "text-align:") {
					attributes = append(attributes, "align="+strings.TrimPrefix(a.Val, "text-align:"))
				}
			}
			slices.Sort(attributes)
			fmt.Fprintf(&b, "<%s %q>", token.Data, attributes)
		case nethtml.EndTagToken:
			if token.Data != "span" {
				fmt.Fprintf(&b, "</%s>", token.Data)
			}
		}
	}
	out := b.String()
	for _, tag := range []string{"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table", "thead", "tbody", "tr", "td", "th", "hr", "br"} {
		out = regexp.MustCompile(` ?(</?`+tag+`(?: \[[^>]*\])?>) ?`).ReplaceAllString(out, "$1")
	}
	return strings.TrimSpace(out)
}

// whole returns a text as HTML in which links may lead anywhere, as goldmark's do.
func whole(pieces ...string) string {
	h := NewHTML()
	h.in.allowed = func(string) bool { return true }
	for _, piece := range pieces {
		h.Write([]byte(piece))
	}
	h.Close()
	return strings.Join(h.Final(), "")
}

// exceptions are the examples in which the HTML differs from goldmark's.
var exceptions = map[string]string{
	"spec 161":  "a fence ends raw HTML, since models write code between <details> and </details>",
	"linkify 7": "no links to ftp",
}

func TestHTMLAgreesWithGoldmark(t *testing.T) {
	list := examples(t)
	differs := 0
	for _, e := range list {
		var b bytes.Buffer
		if err := oracle.Convert([]byte(e.markdown), &b); err != nil {
			t.Fatal(err)
		}
		got, want := normal(t, whole(e.markdown)), normal(t, b.String())
		if got == want {
			if exceptions[e.name] != "" {
				t.Errorf("%s is the same, and named as an exception", e.name)
			}
			continue
		}
		differs++
		if exceptions[e.name] == "" {
			t.Errorf("%s: %q\n got %s\nwant %s\n(%q)", e.name, e.markdown, got, want, whole(e.markdown))
		}
	}
	t.Logf("%d of %d examples differ", differs, len(list))
}
