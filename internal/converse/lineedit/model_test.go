package lineedit

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// model is what an editor is to do: a list of grapheme clusters and a place in it. The
// place is inside a cluster only after what was just put there.
type model struct {
	clusters []string
	n, inner int // whole clusters before the cursor, and bytes of the next one

	undo   []modelState
	typing bool
	killed []string
	last   string // what the last operation was: kill, yank or anything else

	history []string
	index   int
	edited  map[int]string
}

type modelState struct {
	text string
	at   int
}

func segment(text string) (clusters []string) {
	for _, line := range strings.SplitAfter(text, "\n") {
		line, ended := strings.CutSuffix(line, "\n")
		for state := -1; line != ""; {
			var cluster string
			cluster, line, _, state = uniseg.FirstGraphemeClusterInString(line, state)
			clusters = append(clusters, cluster)
		}
		if ended {
			clusters = append(clusters, "\n")
		}
	}
	return clusters
}

func (m *model) text() string { return strings.Join(m.clusters, "") }

func (m *model) offset() int { return len(strings.Join(m.clusters[:m.n], "")) + m.inner }

func (m *model) set(text string, at int) {
	m.clusters, m.n = segment(text), 0
	for at > 0 && m.n < len(m.clusters) && at >= len(m.clusters[m.n]) {
		at -= len(m.clusters[m.n])
		m.n++
	}
	m.inner = at
}

// put replaces what is between two places.
func (m *model) put(from, to int, with string) {
	if from == to && with == "" {
		return
	}
	m.undo = append(m.undo, modelState{m.text(), m.offset()})
	text := m.text()
	m.set(text[:from]+with+text[to:], from+len(with))
	m.typing = false
}

// left is where the cursor goes.
func (m *model) left() int {
	if m.inner > 0 || m.n == 0 {
		return m.offset() - m.inner
	}
	return m.offset() - len(m.clusters[m.n-1])
}

func (m *model) right() int {
	if m.n == len(m.clusters) {
		return m.offset()
	}
	return m.offset() - m.inner + len(m.clusters[m.n])
}

// kind is what a cluster is to words: 0 is none.
func (m *model) kind(i int) rune {
	r, _ := utf8.DecodeRuneInString(m.clusters[i])
	switch {
	case r == 'ー':
		if i > 0 && strings.ContainsRune("kh", m.kind(i-1)) {
			return m.kind(i - 1)
		}
		return 't'
	case unicode.Is(unicode.Han, r):
		return 'k'
	case unicode.Is(unicode.Hiragana, r):
		return 'h'
	case unicode.Is(unicode.Katakana, r):
		return 't'
	case unicode.In(r, unicode.L, unicode.N):
		return 'a'
	case unicode.Is(unicode.So, r):
		return 'e'
	}
	return 0
}

func (m *model) wordLeft() int {
	i := m.n
	if m.inner > 0 {
		i++
	}
	for i > 0 && m.kind(i-1) == 0 {
		i--
	}
	for i > 0 {
		i--
		if k := m.kind(i); i == 0 || k == 'e' || m.kind(i-1) != k {
			break
		}
	}
	return len(strings.Join(m.clusters[:i], ""))
}

func (m *model) wordRight() int {
	i := m.n
	for i < len(m.clusters) && m.kind(i) == 0 {
		i++
	}
	for i < len(m.clusters) {
		i++
		if k := m.kind(i - 1); i == len(m.clusters) || k == 'e' || m.kind(i) != k {
			break
		}
	}
	return len(strings.Join(m.clusters[:i], ""))
}

func (m *model) lineStart() int { return strings.LastIndex(m.text()[:m.offset()], "\n") + 1 }

func (m *model) lineEnd() int {
	rest, _, _ := strings.Cut(m.text()[m.offset():], "\n")
	return m.offset() + len(rest)
}

func (m *model) kill(to int, joins bool) {
	from, at := min(to, m.offset()), m.offset()
	to = max(to, at)
	if from == to {
		return
	}
	text := m.text()[from:to]
	switch last := len(m.killed) - 1; {
	case !joins || last < 0:
		m.killed = append(m.killed, text)
	case from < at:
		m.killed[last] = text + m.killed[last]
	default:
		m.killed[last] += text
	}
	m.put(from, to, "")
}

func (m *model) typed(text string) {
	for _, r := range text {
		before := m.text()[:m.offset()]
		joins := m.typing && !(strings.HasSuffix(before, " ") && r != ' ')
		m.put(m.offset(), m.offset(), string(r))
		if joins {
			m.undo = m.undo[:len(m.undo)-1]
		}
		m.typing = true
	}
}

func (m *model) recall(index int) {
	if index < 0 || index > len(m.history) {
		return
	}
	m.edited[m.index] = m.text()
	text, ok := m.edited[index]
	if !ok {
		text = m.history[index]
	}
	m.index, m.undo = index, nil
	m.set(text, len(text))
}

// begin begins a message.
func (m *model) begin() {
	m.set("", 0)
	m.undo, m.typing, m.last, m.index, m.edited = nil, false, "", len(m.history), map[int]string{}
}

// sent ends a message, and returns it.
func (m *model) sent() string {
	text := m.text()
	if strings.TrimSpace(text) != "" && (len(m.history) == 0 || m.history[len(m.history)-1] != text) {
		m.history = append(m.history, text)
	}
	m.history = m.history[max(0, len(m.history)-maxHistory):]
	return text
}

// alphabet is what is typed: pieces of scripts in which one character is not one code
// point, or not one column.
var alphabet = []string{
	"今日は天気です", "東京", " の ", "週末", "カレンダー", "。", "、", "が", "か\u3099", "は\u309a",
	"한국어입니다", "한", "\u1112\u1161\u11ab", "\u1112", "\u1161", "네 ",
	"e\u0301", "\u0301", "\u0308", "a\u0328\u0301", "n\u0303o",
	"👍", "👍🏽", "👨‍👩‍👧", "🇯🇵", "🇰🇷", "🇩🇪", "❤️", "1️⃣", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏽",
	"abc", "x", " ", "  ", "word ", "1", "23", "-", "(", "é", "ß",
}

// operation is one that a person can do: the keys for it, and what the model does after
// what the last operation was.
type operation struct {
	keys string
	do   func(m *model, last string)
}

func (m *model) do(o operation) (keys string) {
	last := m.last
	m.last = ""
	o.do(m, last)
	m.typing = false
	return o.keys
}

// typing is an operation that others of its kind can join.
func (m *model) doType(text string) (keys string) {
	typing := m.typing
	m.do(operation{"", func(m *model, _ string) { m.typing = typing; m.typed(text) }})
	m.typing = true
	return text
}

func paste(text string) operation {
	return operation{pasteStart + text + pasteEnd, func(m *model, _ string) { m.put(m.offset(), m.offset(), text) }}
}

var newLine = operation{"\x1b\r", func(m *model, _ string) { m.put(m.offset(), m.offset(), "\n") }}

func moving(to func(m *model) int, keys ...string) (all []operation) {
	for _, k := range keys {
		all = append(all, operation{k, func(m *model, _ string) { m.set(m.text(), to(m)) }})
	}
	return all
}

func killing(to func(m *model) int, keys ...string) (all []operation) {
	for _, k := range keys {
		all = append(all, operation{k, func(m *model, last string) { m.kill(to(m), last == "kill"); m.last = "kill" }})
	}
	return all
}

func start(*model) int { return 0 }

func killEnd(m *model) int {
	if end := m.lineEnd(); end > m.offset() {
		return end
	}
	return m.right()
}

var (
	moves = slices.Concat(
		moving((*model).left, "\x1b[D", "\x02"), moving((*model).right, "\x1bOC", "\x06"),
		moving((*model).wordLeft, "\x1bb", "\x1b[1;5D"), moving((*model).wordRight, "\x1bf", "\x1b[1;5C"),
		moving((*model).lineStart, "\x01", "\x1b[H"), moving((*model).lineEnd, "\x05", "\x1b[F"), moving(start, "\x1b[1;5H"))
	deletions = []operation{
		{"\x7f", func(m *model, _ string) { m.put(m.left(), m.offset(), "") }},
		{"\x1b[3~", func(m *model, _ string) { m.put(m.offset(), m.right(), "") }},
	}
	kills = slices.Concat(killing((*model).wordLeft, "\x17", "\x1b\x7f"), killing((*model).wordRight, "\x1bd"), killing(killEnd, "\x0b"), killing(start, "\x15"))
	yanks = []operation{
		{"\x19", func(m *model, _ string) {
			if last := len(m.killed) - 1; last >= 0 {
				m.put(m.offset(), m.offset(), m.killed[last])
			}
			m.last = "yank"
		}},
		{"\x1by", func(m *model, last string) {
			if last != "yank" {
				return
			}
			if last := len(m.killed) - 1; last > 0 {
				yanked := m.killed[last]
				m.killed = append([]string{yanked}, m.killed[:last]...)
				m.put(m.offset()-len(yanked), m.offset(), m.killed[last])
			}
			m.last = "yank"
		}},
	}
	undo = operation{"\x1f", func(m *model, _ string) {
		if last := len(m.undo) - 1; last >= 0 {
			state := m.undo[last]
			m.undo = m.undo[:last]
			m.set(state.text, state.at)
		}
	}}
	recalls = []operation{
		{"\x10", func(m *model, _ string) { m.recall(m.index - 1) }},
		{"\x0e", func(m *model, _ string) {
			if m.index < len(m.history) {
				m.recall(m.index + 1)
				first, _, _ := strings.Cut(m.text(), "\n")
				m.set(m.text(), len(first))
			}
		}},
	}
)

// sequence makes a message of random operations: the keys, without the Enter at the end.
// It has no more than one paste, since two in one piece are one.
func (m *model) sequence(r *rand.Rand) string {
	pick := func(from []operation) operation { return from[r.IntN(len(from))] }
	var keys strings.Builder
	pasted := false
	m.begin()
	for range 3 + r.IntN(25) {
		piece := alphabet[r.IntN(len(alphabet))]
		switch n := r.IntN(100); {
		case n < 40:
			keys.WriteString(m.doType(piece))
		case n < 55:
			keys.WriteString(m.do(pick(moves)))
		case n < 65:
			keys.WriteString(m.do(pick(deletions)))
		case n < 75:
			keys.WriteString(m.do(pick(kills)))
		case n < 83:
			keys.WriteString(m.do(pick(yanks)))
		case n < 90:
			keys.WriteString(m.do(undo))
		case n < 94:
			keys.WriteString(m.do(pick(recalls)))
		case n < 96:
			keys.WriteString(m.do(newLine))
		case !pasted:
			pasted = true
			keys.WriteString(m.do(paste(piece + "\n\t" + alphabet[r.IntN(len(alphabet))])))
		}
	}
	return keys.String()
}
