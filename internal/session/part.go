package session

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"time"

	"oax/internal/chat"
)

const kindPart = "part"

// partHead is the first line of a part. At is the size of the session once the
// prompt is in it: an answer found from there on makes the part void. Why is what
// to think of an answer of which nothing says how it ended.
type partHead struct {
	Kind    string    `json:"kind"`
	PID     int       `json:"pid"`
	Time    time.Time `json:"time"`
	Why     chat.Why  `json:"why"`
	Model   string    `json:"model,omitempty"`
	Profile string    `json:"profile,omitempty"`
	At      int64     `json:"at"`
}

// partLine is any other. Answer is all but the text of an answer that came to its
// end and could not be put in the session. The lines of such a one say After how many
// bytes of it they come.
type partLine struct {
	Text      string       `json:"text,omitempty"`
	Reasoning string       `json:"reasoning,omitempty"`
	Refusal   string       `json:"refusal,omitempty"`
	Model     string       `json:"model,omitempty"`
	Answer    *messageLine `json:"answer,omitempty"`
	After     *int         `json:"after,omitempty"`
}

// part is the journal of a turn, read.
type part struct {
	partHead
	answer Message // what came of it so far
	lost   []byte  // the rest, from a line on that cannot be read
}

// parsePart reads whatever bytes. A last line that was cut was never printed. Any
// other that cannot be read ends what is known of the answer, which has no gap, unless
// it is half a line before the one that begins where the lines that are whole end.
func parsePart(data []byte) part {
	var p part
	var turn chat.Turn
	var ended *messageLine
	at, size, broken := 0, 0, -1 // broken is where the line before cannot be read
	for line := range bytes.Lines(data) {
		start := at
		at += len(line)
		isHead := false
		if start == 0 {
			p.partHead, isHead = parseHead(line)
		}
		if isHead || start == 0 && wasHead(line) || len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		l, ok := parsePartLine(line)
		if broken >= 0 && (l.After == nil || *l.After != size) {
			break
		}
		if !ok {
			broken = start
			continue
		}
		broken = -1
		size += len(l.Text) + len(l.Reasoning) + len(l.Refusal)
		turn.Add(&chat.Delta{
			Text: []byte(l.Text), Reasoning: []byte(l.Reasoning), Refusal: []byte(l.Refusal), Model: l.Model,
		})
		ended = cmp.Or(l.Answer, ended)
	}
	if broken >= 0 && bytes.IndexByte(data[broken:], '\n') >= 0 {
		p.lost, ended = data[broken:], nil
	}
	p.answer = p.message(turn.End(cmp.Or(p.Why, chat.Killed)), ended)
	return p
}

// wasHead reports whether a line is the first of a part and no more, even if it cannot
// be read: in the others the quotes are escaped.
func wasHead(line []byte) bool {
	_, rest, found := bytes.Cut(line, []byte(`,"at":`))
	return found && bytes.IndexByte(rest, '"') < 0
}

// parsePartLine reads one line after the first; ok is whether it brings anything.
func parsePartLine(line []byte) (l partLine, ok bool) {
	err := json.Unmarshal(line, &l)
	if err != nil {
		return partLine{}, false
	}
	return l, l.Text != "" || l.Reasoning != "" || l.Refusal != "" || l.Answer != nil
}

// parseHead reads the first line; ok is whether it is one. Without its place in the
// session, which is never the beginning, it has no kind: nothing says where it belongs.
func parseHead(line []byte) (head partHead, ok bool) {
	if json.Unmarshal(line, &head) != nil || head.Kind != kindPart {
		return partHead{}, false
	}
	if head.At <= 0 {
		head.Kind = ""
	}
	return head, true
}

// message returns the answer: as it ended, if that is known, with the text that is there.
func (p *part) message(m chat.Message, ended *messageLine) Message {
	if m.Model == "" {
		m.Model = p.Model
	}
	if ended != nil {
		m.ToolCalls, m.FinishReason, m.Usage = ended.ToolCalls, ended.FinishReason, ended.Usage
		m.State, m.Why = ended.State, ended.Why
	}
	return Message{Message: m, Time: p.Time, Profile: p.Profile}
}

// nothing reports whether no word of an answer came.
func (p *part) nothing() bool {
	m := p.answer
	return m.Text == "" && m.Reasoning == "" && m.Refusal == "" && len(m.ToolCalls) == 0
}

// readPart reads a part, which may be growing. With an error it is what could be read.
func readPart(path string) (part, error) {
	f, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return part{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return parsePart(data), err
}
