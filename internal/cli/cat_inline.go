package cli

import (
	"html"
	"strings"
)

// inline is the text of a paragraph for a browser: code spans, strong text and URLs of
// the web, and all else escaped. Images are text like any other.
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

// writeCodeSpan writes what text begins with, a run of backticks, and if there is
// another one as long all up to there as code. It returns how much of text that is.
func writeCodeSpan(b *strings.Builder, text string) int {
	const longest = 4096 // bytes; no end is looked for behind them
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

// run is how many backticks text begins with.
func run(text string) int { return len(text) - len(strings.TrimLeft(text, "`")) }

// writeStrong writes what is between two pairs of stars on one line.
func writeStrong(b *strings.Builder, text string) int {
	inner, _, closed := strings.Cut(text[2:], "**")
	if !closed || inner == "" || strings.TrimSpace(inner) != inner || strings.ContainsAny(inner, "\n`*") {
		b.WriteString("**")
		return 2
	}
	b.WriteString("<strong>" + html.EscapeString(inner) + "</strong>")
	return len(inner) + 4
}

// writeLink writes a URL as a link, which shows all of where it leads.
func writeLink(b *strings.Builder, text string) int {
	url := text[:1]
	isLink := strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
	if isLink {
		url = text
		if end := strings.IndexAny(text, " \t\n\"'<>`|*)]}"); end >= 0 {
			url = text[:end]
		}
		url = strings.TrimRight(url, ".,;:!?")
	}
	escaped := html.EscapeString(url)
	if isLink {
		escaped = `<a rel="noreferrer noopener nofollow" href="` + escaped + `">` + escaped + "</a>"
	}
	b.WriteString(escaped)
	return len(url)
}
