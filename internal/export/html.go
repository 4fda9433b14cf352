package export

import (
	"fmt"
	"html"
	"strings"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/term"
)

// pageHead begins an HTML page that fetches nothing and runs nothing: it has no scripts
// and no images, and its policy makes the browser refuse both, should escaping ever fail.
const pageHead = `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
:root { color-scheme: light dark; --line: #d0d0d0; --code: #f2f2f2; --user: #eef3fb; --faint: #666 }
@media (prefers-color-scheme: dark) { :root { --line: #444; --code: #262626; --user: #1d2733; --faint: #999 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem }
h3 { font-size: 1.1rem; margin: 1rem 0 .5rem }
section { border-top: 1px solid var(--line); padding: .2rem .8rem }
section.user { background: var(--user) }
section > small { color: var(--faint) }
p { white-space: pre-wrap; margin: .6rem 0 }
pre { background: var(--code); padding: .6rem .8rem; overflow-x: auto; line-height: 1.35; overflow-wrap: normal }
pre[data-language]::before { content: attr(data-language); float: right; color: var(--faint); font-family: system-ui, sans-serif; font-size: .8rem }
code { font-family: ui-monospace, monospace; font-size: .9em; background: var(--code) }
@media print { body { max-width: none; margin: 0 } pre { white-space: pre-wrap } }
</style>
</head>
<body>
`

const pageEnd = "</body>\n</html>\n"

// page returns a function that writes sessions as sections of one HTML page, which has
// the title of the first. Texts are as a terminal would show them: nobody sees more.
func (o Options) page() func(*session.Session) string {
	begun := false
	return func(s *session.Session) string {
		var b strings.Builder
		title := html.EscapeString(term.Line(s.Title))
		if !begun {
			fmt.Fprintf(&b, pageHead, title)
			begun = true
		}
		fmt.Fprintf(&b, "<h1 dir=\"auto\">%s</h1>\n", title)
		for _, m := range s.Messages {
			class := ""
			if m.Role == chat.User {
				class = ` class="user"`
			}
			fmt.Fprintf(&b, "<section%s>\n<small>%s</small>\n", class, html.EscapeString(byline(m, o.Style.TimeFormat)))
			writeHTML(&b, term.Visible(m.Shown()))
			b.WriteString("</section>\n")
		}
		return b.String()
	}
}

// writeHTML writes a Markdown text as HTML: fenced code, headings, tables, and paragraphs.
// Lists and quotes are paragraphs with their marks, which can be read as they are.
func writeHTML(b *strings.Builder, text string) {
	at := 0
	for _, block := range Blocks(text) {
		writeProse(b, text[at:block.From])
		language, _, _ := strings.Cut(block.Info, " ")
		if language != "" {
			language = fmt.Sprintf(` data-language="%s"`, html.EscapeString(language))
		}
		fmt.Fprintf(b, "<pre%s><code>%s</code></pre>\n", language, html.EscapeString(block.Text))
		at = block.To
	}
	writeProse(b, text[at:])
}

// element is the HTML element that consecutive lines make together.
type element string

const (
	none      element = "" // blank lines
	heading3  element = "h3"
	table     element = "pre"
	paragraph element = "p"
)

// elementOf returns the element that a line belongs to.
func elementOf(line string) element {
	text := strings.TrimLeft(line, " ")
	unmarked := strings.TrimLeft(text, "#")
	hashes := len(text) - len(unmarked)
	switch {
	case strings.TrimSpace(line) == "":
		return none
	case 0 < hashes && hashes <= 6 && strings.HasPrefix(unmarked, " "):
		return heading3
	case strings.HasPrefix(text, "|"):
		return table
	}
	return paragraph
}

// writeProse writes what is between code blocks.
func writeProse(b *strings.Builder, text string) {
	var lines strings.Builder
	current := none
	end := func() {
		text := strings.TrimRight(lines.String(), "\r\n")
		lines.Reset()
		if current == heading3 {
			text = strings.Trim(text, "# ")
		}
		if current != none {
			fmt.Fprintf(b, "<%s dir=\"auto\">%s</%s>\n", current, inline(text), current)
		}
	}
	for line := range strings.Lines(text) {
		next := elementOf(line)
		if next != current || next == heading3 {
			end()
		}
		current = next
		lines.WriteString(line)
	}
	end()
}

// inline returns the text of a paragraph as HTML: code spans, strong text and links to web
// addresses. All other characters are escaped; the marks of images stay text.
func inline(text string) string {
	var b strings.Builder
	for text != "" {
		at := strings.IndexAny(text, "`*h")
		if at < 0 {
			break
		}
		b.WriteString(html.EscapeString(text[:at]))
		text = text[at:]
		var n int
		switch {
		case text[0] == '`':
			n = writeCodeSpan(&b, text)
		case strings.HasPrefix(text, "**"):
			n = writeStrong(&b, text)
		default:
			n = writeLink(&b, text)
		}
		text = text[n:]
	}
	b.WriteString(html.EscapeString(text))
	return b.String()
}

// writeCodeSpan writes the code between the run of backticks that text begins with and the
// next run of the same length, or the run itself if no other is near. It returns how many
// bytes of text it wrote.
func writeCodeSpan(b *strings.Builder, text string) int {
	const longest = 4096 // bytes; without a limit, many unclosed runs would take quadratic time
	length := run(text)
	text = text[:min(len(text), length+longest)]
	for at := length; at < len(text); {
		next := strings.IndexByte(text[at:], '`')
		if next < 0 {
			break
		}
		at += next
		if closing := run(text[at:]); closing != length {
			at += closing
			continue
		}
		b.WriteString("<code>" + html.EscapeString(text[length:at]) + "</code>")
		return at + length
	}
	b.WriteString(text[:length])
	return length
}

// run returns how many backticks text begins with.
func run(text string) int { return len(text) - len(strings.TrimLeft(text, "`")) }

// writeStrong writes the text between two pairs of stars on one line, or the first pair.
// It returns how many bytes of text it wrote.
func writeStrong(b *strings.Builder, text string) int {
	inner, _, closed := strings.Cut(text[2:], "**")
	if !closed || inner == "" || strings.TrimSpace(inner) != inner || strings.ContainsAny(inner, "\n`*") {
		b.WriteString("**")
		return 2
	}
	b.WriteString("<strong>" + html.EscapeString(inner) + "</strong>")
	return len(inner) + 4
}

// writeLink writes the web address that text begins with as a link, which shows all of the
// address, or else the first character. It returns how many bytes of text it wrote.
func writeLink(b *strings.Builder, text string) int {
	if !strings.HasPrefix(text, "https://") && !strings.HasPrefix(text, "http://") {
		b.WriteString(html.EscapeString(text[:1]))
		return 1
	}
	url := text
	if end := strings.IndexAny(text, " \t\n\"'<>`|*)]}"); end >= 0 {
		url = text[:end]
	}
	url = strings.TrimRight(url, ".,;:!?")
	escaped := html.EscapeString(url)
	b.WriteString(`<a rel="noreferrer noopener nofollow" href="` + escaped + `">` + escaped + "</a>")
	return len(url)
}
