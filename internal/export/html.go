package export

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode"

	"oax/internal/chat"
	"oax/internal/markdown"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// pageHead begins an HTML page that fetches nothing and runs nothing: it has no scripts
// and no images but those in it, and its policy makes the browser refuse both, should
// escaping ever fail. The page does not say its language, which is the sessions'.
const pageHead = `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
:root { color-scheme: light dark; --line: #d0d0d0; --code: #f2f2f2; --user: #eef3fb; --faint: #666; --keyword: #8b1a8b; --string: #1a6b1a; --number: #0b6e7a; --removed: #b01c1c }
@media screen and (prefers-color-scheme: dark) { :root { --line: #444; --code: #262626; --user: #1d2733; --faint: #999; --keyword: #d58ad5; --string: #86c586; --number: #7cc8d4; --removed: #f08a8a } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem }
section { border-top: 1px solid var(--line); padding: .2rem .8rem }
section.user { background: var(--user) }
section.user p { white-space: pre-line }
section > small { color: var(--faint) }
section h1 { font-size: 1.3rem; margin: 1.2rem 0 .5rem }
section h2 { font-size: 1.2rem; margin: 1.1rem 0 .5rem }
section h3, section h4, section h5, section h6 { font-size: 1.05rem; margin: 1rem 0 .5rem }
p { margin: .6rem 0 }
p.html, section.user p.html { white-space: pre-wrap; color: var(--faint) }
.math { font-family: ui-serif, Georgia, "DejaVu Serif", serif; font-style: italic; white-space: pre-wrap }
p.math { margin: .8rem 2rem }
pre { background: var(--code); padding: .6rem .8rem; overflow-x: auto; line-height: 1.35; overflow-wrap: normal }
code { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .9em; background: var(--code) }
.keyword { color: var(--keyword) } .string { color: var(--string) } .number { color: var(--number) } .removed { color: var(--removed) } .comment { color: var(--faint) } .title { font-weight: bold }
blockquote { margin: .6rem 0; padding-left: .8rem; border-left: 3px solid var(--line) }
li.task { list-style: none } li.task > input { margin-left: -1.3rem }
table { border-collapse: collapse; display: block; margin: .6rem 0; overflow-x: auto; overflow-wrap: normal }
th, td { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left }
th.center, td.center { text-align: center } th.right, td.right { text-align: right }
hr { border: 0; border-top: 1px solid var(--line) }
img { max-width: 100%% }
@media print {
body { max-width: none; margin: 0; padding: 0; font-size: 11pt }
h1, h2, h3, h4, h5, h6, section > small { break-after: avoid }
pre { white-space: pre-wrap; overflow-wrap: anywhere } pre, p, li { orphans: 3; widows: 3 }
table { display: table; font-size: .9em } th, td { padding: .1rem .3rem } td a, td code, th a, th code { overflow-wrap: anywhere } tr, blockquote > p, img { break-inside: avoid }
section.user, pre, code { print-color-adjust: exact }
}
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
		messages := s.Messages
		if !o.All {
			messages = withoutFailed(messages)
		}
		for _, m := range messages {
			attributes := ""
			if m.Role == chat.User {
				attributes = ` class="user"`
			}
			if strings.ContainsFunc(m.Text, isKana) { // or Chinese forms of the characters may be drawn
				attributes += ` lang="ja"`
			}
			fmt.Fprintf(&b, "<section%s>\n<small>%s</small>\n", attributes, html.EscapeString(byline(m, o.Style.TimeFormat)))
			b.WriteString(markdown.ToHTML(m.Shown()) + images(m))
			for _, line := range report.Beside(m) {
				b.WriteString("<p>" + html.EscapeString(line) + "</p>\n")
			}
			b.WriteString("</section>\n")
		}
		return b.String()
	}
}

// isKana reports whether r is written in Japanese alone.
func isKana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }

// withoutFailed returns messages without the tries of a turn that failed before an answer
// came: errors, and answers that were cut and asked for again.
func withoutFailed(messages []record.Message) []record.Message {
	var kept []record.Message
	answered := false // the turn is, by a message behind the one that is looked at
	for _, m := range slices.Backward(messages) {
		failed := m.Role == record.Error || m.Role == chat.Assistant && m.State == chat.Incomplete
		if answered && failed {
			continue
		}
		kept = append(kept, m)
		answered = m.Role == chat.Assistant || answered && m.Role != chat.User
	}
	slices.Reverse(kept)
	return kept
}

// imageTypes are the types of images that a page shows. An SVG could hold a script.
var imageTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// images returns the images of a message that are known, as parts of the page.
func images(m record.Message) string {
	var b strings.Builder
	for _, part := range slices.Concat(m.Parts, m.ServerItems()) {
		kind, data := part.Type, part.Data
		if len(part.JSON) > 0 {
			kind, data = imageInJSON(part.JSON)
		}
		if len(data) > 0 && slices.Contains(imageTypes, kind) {
			fmt.Fprintf(&b, "<p><img alt=\"%s\" src=\"data:%s;base64,%s\"></p>\n",
				html.EscapeString(term.Line(part.Name)), kind, base64.StdEncoding.EncodeToString(data))
		}
	}
	return b.String()
}

// imageInJSON returns the image that an element of the content holds as a data URL, or that
// the service made.
func imageInJSON(element []byte) (kind string, data []byte) {
	var image struct {
		URL struct {
			URL string `json:"url"`
		} `json:"image_url"`
		Result string `json:"result"` // of an image_generation_call, with its format
		Format string `json:"output_format"`
	}
	if json.Unmarshal(element, &image) != nil {
		return "", nil
	}
	head, encoded, _ := strings.Cut(image.URL.URL, ";base64,")
	if image.Result != "" {
		head, encoded = "image/"+cmp.Or(image.Format, "png"), image.Result
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", nil
	}
	return strings.TrimPrefix(head, "data:"), data
}
