package cli

import (
	"encoding/json"

	"oax/internal/chat"
)

// backlog is what of an answer came faster than it was read. It refers to the answer's
// own texts, so that nothing of it is held twice, in whatever form it will go out.
type backlog struct {
	texts texts // as far as they have come
	shown ends
	until []milestone // in the order in which they came
}

// texts are the reasoning, the text and the refusal of an answer, in the order in which
// a delta shows them; ends are places in them.
type (
	texts [3]string
	ends  [3]int
)

// milestone is how far the texts had come with a delta or several.
type milestone struct {
	ends
	last  int // of the texts, that has grown
	usage json.RawMessage
}

func (b *backlog) empty() bool { return len(b.until) == 0 }

// add takes a delta that the answer has got already.
func (b *backlog) add(answer *chat.Turn, d *chat.Delta) {
	b.texts[0], b.texts[1], b.texts[2] = answer.Texts()
	m := milestone{usage: d.Usage}
	first := len(b.texts)
	grown := ends{len(d.Reasoning), len(d.Text), len(d.Refusal)}
	for i := range b.texts {
		m.ends[i] = len(b.texts[i])
		if b.empty() {
			b.shown[i] = m.ends[i] - grown[i]
		}
		if grown[i] > 0 {
			first, m.last = min(first, i), i
		}
	}
	if b.empty() || first < b.until[len(b.until)-1].last {
		b.until = append(b.until, m)
		return
	}
	before := &b.until[len(b.until)-1]
	if m.usage == nil { // of several that wait the last counts
		m.usage = before.usage
	}
	m.last = max(m.last, before.last)
	*before = m
}

// next returns a short delta of what waits.
func (b *backlog) next() *chat.Delta {
	const most = 64 << 10
	d := new(chat.Delta)
	to := &b.until[0]
	room := most
	for i, piece := range []*[]byte{&d.Reasoning, &d.Text, &d.Refusal} {
		rest := b.texts[i][b.shown[i]:to.ends[i]]
		n := chat.Fitting(rest, room)
		*piece = []byte(rest[:n])
		b.shown[i] += n
		room -= n
		if n < len(rest) {
			return d
		}
	}
	d.Usage = to.usage
	b.until = b.until[1:]
	return d
}
