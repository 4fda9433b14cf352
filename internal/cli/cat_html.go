package cli

import (
	"fmt"
	"html"
	"strings"

	"oax/internal/session"
	"oax/internal/term"
)

// page begins an HTML page that needs nothing else and fetches nothing: no scripts, no
// images, and a policy that forbids the browser both, should escaping ever fail.
func page(title string) string {
	const head = `<!DOCTYPE html>
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
	return fmt.Sprintf(head, html.EscapeString(term.Line(title)))
}

const pageEnd = "</body>\n</html>\n"

// section is a session as a part of a page. What a terminal would not be shown, nobody
// is shown here either.
func (env *Env) section(s *session.Session) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<h1 dir=\"auto\">%s</h1>\n", html.EscapeString(term.Line(s.Title)))
	for _, m := range s.Messages {
		class := ""
		if m.Role == "user" {
			class = ` class="user"`
		}
		fmt.Fprintf(&b, "<section%s>\n<small>%s</small>\n", class, html.EscapeString(env.byline(m)))
		writeHTML(&b, term.Visible(m.Shown()))
		b.WriteString("</section>\n")
	}
	return b.String()
}

// writeHTML writes a Markdown text for a browser: fenced code, headings, tables and
// what is between them. Lists and quotes keep their marks; they can be read so.
func writeHTML(b *strings.Builder, text string) {
	at := 0
	for _, block := range codeBlocks(text) {
		writeProse(b, text[at:block.from])
		language, _, _ := strings.Cut(block.info, " ")
		if language != "" {
			language = fmt.Sprintf(` data-language="%s"`, html.EscapeString(language))
		}
		fmt.Fprintf(b, "<pre%s><code>%s</code></pre>\n", language, html.EscapeString(block.text))
		at = block.to
	}
	writeProse(b, text[at:])
}

// prose is what consecutive lines make together.
type prose int

const (
	nothing prose = iota // blank lines
	heading3
	table
	paragraph
)

func proseOf(line string) prose {
	text := strings.TrimLeft(line, " ")
	unmarked := strings.TrimLeft(text, "#")
	hashes := len(text) - len(unmarked)
	switch {
	case strings.TrimSpace(line) == "":
		return nothing
	case 0 < hashes && hashes <= 6 && strings.HasPrefix(unmarked, " "):
		return heading3
	case strings.HasPrefix(text, "|"):
		return table
	}
	return paragraph
}

func writeProse(b *strings.Builder, text string) {
	var lines strings.Builder
	kind := nothing
	end := func() {
		text := strings.TrimRight(lines.String(), "\r\n")
		lines.Reset()
		switch kind {
		case heading3:
			fmt.Fprintf(b, "<h3 dir=\"auto\">%s</h3>\n", inline(strings.Trim(text, "# ")))
		case table:
			fmt.Fprintf(b, "<pre dir=\"auto\">%s</pre>\n", inline(text))
		case paragraph:
			fmt.Fprintf(b, "<p dir=\"auto\">%s</p>\n", inline(text))
		}
	}
	for line := range strings.Lines(text) {
		next := proseOf(line)
		if next != kind || next == heading3 {
			end()
		}
		kind = next
		lines.WriteString(line)
	}
	end()
}
