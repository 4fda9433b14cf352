package live

import (
	"context"
	"errors"
	"time"
)

// What somebody who watches a session is told: the events from where they are to where the
// session is.

// Viewer is somebody who watches a session: how far it has been told.
type Viewer struct {
	room  *Room
	html  bool
	at    Position
	known bool   // at is a position in the session; else the last turn is told whole
	told  bool   // the turn at at was announced, or the client knew it
	final int    // blocks of the answer that the client has and that are final
	title string // as it was told

	typing   time.Time // until when; zero: not at all
	presence [2]int    // as it was told: viewers, others that type
}

// Event is something that a client is told.
type Event struct {
	Name string
	ID   string // a position, or empty
	Data any    // encoded as JSON it is what the API says
}

const (
	maxViewers = 256 // of a session
	// htmlRate bounds how often the HTML of an open block is sent again: as many bytes a
	// second at most, and at least every maxPause.
	htmlRate = 2 << 20
	maxPause = 250 * time.Millisecond
)

// ErrTooMany says that a session has as many viewers as it may have.
var ErrTooMany = errors.New("too many viewers")

// Watch adds a viewer, who leaves before the room is let go of. after is the position that the
// client has, if it is given; else the viewer begins with the last turn. html is whether it gets
// answers as HTML too. The error is ErrTooMany.
func (r *Room) Watch(after string, given, html bool) (*Viewer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.viewers) >= maxViewers {
		return nil, ErrTooMany
	}
	r.shown.Store(true)
	if !r.watched {
		r.watched = true
		go r.watch()
	}
	v := &Viewer{room: r, html: html, title: r.title}
	if !given {
		v.at = r.lastStart()
		v.known = true
	} else if p, ok := ParsePosition(after); ok && r.has(p) {
		v.at, v.known, v.told = p, true, p.Turn != ""
	}
	r.viewers[v] = true
	r.present = max(r.present, 1)
	return v, nil
}

// Leave ends the viewer.
func (v *Viewer) Leave() {
	v.room.mu.Lock()
	defer v.room.mu.Unlock()
	delete(v.room.viewers, v)
}

// count returns how many turns there are, and turn returns one of them. The one that runs is
// the last. The room is locked.
func (r *Room) count() int {
	if r.running != nil {
		return len(r.turns) + 1
	}
	return len(r.turns)
}

func (r *Room) turn(i int) *Turn {
	if i == len(r.turns) {
		return &r.running.view
	}
	return &r.turns[i]
}

// find returns the index of a turn, which is nearly always one of the last, or -1.
func (r *Room) find(id string) int {
	i := r.count() - 1
	for i >= 0 && r.turn(i).Turn != id {
		i--
	}
	return i
}

// lastStart returns the position before the last turn.
func (r *Room) lastStart() Position {
	if n := r.count(); n > 0 {
		return StartOf(r.turn(n - 1).Turn)
	}
	return Position{}
}

// runs reports whether a turn is the one that runs.
func (r *Room) runs(t *Turn) bool { return r.running != nil && t == &r.running.view }

// texts returns what there is of an answer.
func (r *Room) texts(t *Turn) (text, reasoning, refusal string) {
	switch {
	case r.runs(t):
		reasoning, text, refusal = r.running.answer.Texts()
		return text, reasoning, refusal
	case t.Answer != nil:
		return t.Answer.Text, t.Answer.Reasoning, t.Answer.Refusal
	}
	return "", "", ""
}

// has reports whether a position is one of the session: a turn that there is, and no more
// of its answer than has come, in whole characters.
func (r *Room) has(p Position) bool {
	if p.Turn == "" {
		return true
	}
	i := r.find(p.Turn)
	if i < 0 {
		return false
	}
	t := r.turn(i)
	if p.End {
		return !r.runs(t)
	}
	text, reasoning, refusal := r.texts(t)
	return isIn(text, p.Text) && isIn(reasoning, p.Reasoning) && isIn(refusal, p.Refusal)
}

func isIn(text string, n int) bool {
	return n == len(text) || n < len(text) && text[n]&0xc0 != 0x80
}

// next returns what the client is to be told now, and a channel that is closed when there
// is more.
func (v *Viewer) next() ([]Event, <-chan struct{}) {
	r := v.room
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []Event
	if r.gone {
		return []Event{{"gone", "", struct{}{}}}, r.changed
	}
	at := r.find(v.at.Turn)
	if !v.known || v.at.Turn != "" && at < 0 {
		v.at, v.known, v.told, v.final = r.lastStart(), true, false, 0
		if at = r.find(v.at.Turn); at >= 0 {
			events = append(events, Event{"reset", "", map[string]string{"turn": v.at.Turn}})
		}
	}
	for i := max(at, 0); i < r.count(); i++ {
		t := r.turn(i)
		if t.Turn != v.at.Turn {
			v.at, v.told, v.final = StartOf(t.Turn), false, 0
		}
		events = append(events, v.turn(t)...)
	}
	if v.title != r.title {
		v.title = r.title
		events = append(events, Event{"title", "", map[string]string{"title": r.title}})
	}
	return append(events, v.presenceEvent()...), r.changed
}

// turn returns what is new of one turn.
func (v *Viewer) turn(t *Turn) (events []Event) {
	r := v.room
	if v.at.End {
		return nil
	}
	if !v.told {
		v.told = true
		events = append(events, Event{"turn", StartOf(t.Turn).String(), turnEvent{Turn: *t}})
	}
	runs := r.runs(t)
	if d := v.delta(t, runs); d != nil {
		events = append(events, Event{"delta", v.at.String(), d})
	}
	if runs {
		return events
	}
	v.at = EndOf(t.Turn)
	end := endView{Turn: t.Turn, State: Failed}
	if a := t.Answer; a != nil {
		end = endView{t.Turn, a.State, a.Why, a.FinishReason, a.Usage, a.ToolCalls}
	}
	return append(events, Event{"end", v.at.String(), end})
}

// endView is how a turn ended, as the API has it.
type endView struct {
	Turn         string  `json:"turn"`
	State        string  `json:"state"`
	Why          *string `json:"why"`
	FinishReason *string `json:"finish_reason"`
	Usage        any     `json:"usage"`
	ToolCalls    any     `json:"tool_calls"`
}

// deltaView is more of an answer, as the API has it.
type deltaView struct {
	Turn      string     `json:"turn"`
	Text      string     `json:"text,omitempty"`
	Reasoning string     `json:"reasoning,omitempty"`
	Refusal   string     `json:"refusal,omitempty"`
	HTML      *htmlDelta `json:"html,omitempty"`
}

type htmlDelta struct {
	From   int      `json:"from"`
	Blocks []string `json:"blocks"`
}

// delta returns what the client lacks of an answer, or nil.
func (v *Viewer) delta(t *Turn, runs bool) *deltaView {
	r := v.room
	text, reasoning, refusal := r.texts(t)
	d := &deltaView{
		Turn: t.Turn, Text: text[min(v.at.Text, len(text)):],
		Reasoning: reasoning[min(v.at.Reasoning, len(reasoning)):], Refusal: refusal[min(v.at.Refusal, len(refusal)):],
	}
	if v.html && text != "" {
		d.HTML = v.blocks(t, text, runs)
	}
	if d.Text == "" && d.Reasoning == "" && d.Refusal == "" && (runs || d.HTML == nil) {
		return nil
	}
	v.at.Text, v.at.Reasoning, v.at.Refusal = len(text), len(reasoning), len(refusal)
	return d
}

// blocks returns the blocks of HTML that the client lacks, or nil.
func (v *Viewer) blocks(t *Turn, text string, runs bool) *htmlDelta {
	r := v.room
	if runs {
		html := r.running.render(false)
		from := v.final
		v.final = len(html.Final())
		blocks := append([]string{}, html.Final()[from:]...) // never null
		if open := html.Open(); open != "" {
			blocks = append(blocks, open)
		}
		return &htmlDelta{from, blocks}
	}
	if last := r.last; last != nil && last.view.Turn == t.Turn {
		if _, came, _ := last.answer.Texts(); came == text {
			final := last.render(true).Final()
			from := min(v.final, last.changed, len(final))
			return &htmlDelta{from, append([]string{}, final[from:]...)}
		}
	}
	return &htmlDelta{0, HTML(text)}
}

// presenceEvent returns an event if the number of viewers, or that of others who type, has
// changed.
func (v *Viewer) presenceEvent() []Event {
	r := v.room
	typing := 0
	for other := range r.viewers {
		if other != v && !other.typing.IsZero() {
			typing++
		}
	}
	presence := [2]int{r.present, typing}
	if presence == v.presence {
		return nil
	}
	v.presence = presence
	return []Event{{"presence", "", map[string]int{"viewers": presence[0], "typing": presence[1]}}}
}

// Typing says that the viewer's person types, until a time, or with the zero time no longer.
func (v *Viewer) Typing(until time.Time) {
	v.room.mu.Lock()
	defer v.room.mu.Unlock()
	v.typing = until
	v.room.change()
}

// NothingAfter reports whether a position is the end of the session, and no turn runs nor
// another process tools.
func (r *Room) NothingAfter(after string) bool {
	p, ok := ParsePosition(after)
	r.mu.Lock()
	defer r.mu.Unlock()
	return ok && p.End && r.running == nil && !r.tools && len(r.turns) > 0 && r.turns[len(r.turns)-1].Turn == p.Turn
}

// Each calls tell for what happens in the session, and with nil after a silence, until it
// says no, returns an error, or ctx ends.
func (v *Viewer) Each(ctx context.Context, silence time.Duration, tell func(*Event) (bool, error)) error {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for {
		events, changed := v.next()
		sent := 0
		for i := range events {
			if more, err := tell(&events[i]); err != nil || !more {
				return err
			}
			if d, ok := events[i].Data.(*deltaView); ok && d.HTML != nil {
				for _, block := range d.HTML.Blocks {
					sent += len(block)
				}
			}
		}
		timer.Reset(silence)
		if pause := min(time.Duration(sent)*time.Second/htmlRate, maxPause); pause > time.Millisecond {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		select {
		case <-changed:
		case <-timer.C:
			if more, err := tell(nil); err != nil || !more {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
