package serve

import "time"

// What somebody who watches a session is told: the events from where they are to where the
// session is.

// viewer is somebody who watches a session: how far it has been told.
type viewer struct {
	room  *room
	html  bool
	at    position
	known bool   // at is a position in the session; else the last turn is told whole
	told  bool   // the turn at at was announced, or the client knew it
	final int    // blocks of the answer that the client has and that are final
	title string // as it was told

	typing   time.Time // until when; zero: not at all
	presence [2]int    // as it was told: viewers, others that type
}

// event is something that a client is told.
type event struct {
	name string
	id   string // a position, or empty
	data any
}

// watchFrom adds a viewer, who leaves before the room is let go of. after is what the client
// has: a position, or empty for the last turn from its start.
func (r *room) watchFrom(after string, given, html bool) (*viewer, *apiError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.viewers) >= maxViewers {
		return nil, errTooMany
	}
	r.shown.Store(true)
	if !r.watched {
		r.watched = true
		go r.watch()
	}
	v := &viewer{room: r, html: html, title: r.title}
	if !given {
		v.at = r.lastStart()
		v.known = true
	} else if p, ok := parsePosition(after); ok && r.has(p) {
		v.at, v.known, v.told = p, true, p.Turn != ""
	}
	r.viewers[v] = true
	r.change()
	return v, nil
}

func (v *viewer) leave() {
	v.room.mu.Lock()
	defer v.room.mu.Unlock()
	delete(v.room.viewers, v)
	v.room.change()
}

// count returns how many turns there are, and turn returns one of them. The one that runs is
// the last. The room is locked.
func (r *room) count() int {
	if r.running != nil {
		return len(r.turns) + 1
	}
	return len(r.turns)
}

func (r *room) turn(i int) *turnView {
	if i == len(r.turns) {
		return &r.running.view
	}
	return &r.turns[i]
}

// find returns the index of a turn, which is nearly always one of the last, or -1.
func (r *room) find(id string) int {
	i := r.count() - 1
	for i >= 0 && r.turn(i).Turn != id {
		i--
	}
	return i
}

// lastStart returns the position before the last turn.
func (r *room) lastStart() position {
	if n := r.count(); n > 0 {
		return startOf(r.turn(n - 1).Turn)
	}
	return position{}
}

// runs reports whether a turn is the one that runs.
func (r *room) runs(t *turnView) bool { return r.running != nil && t == &r.running.view }

// texts returns what there is of an answer.
func (r *room) texts(t *turnView) (text, reasoning, refusal string) {
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
func (r *room) has(p position) bool {
	if p.Turn == "" {
		return true
	}
	i := r.find(p.Turn)
	if i < 0 {
		return false
	}
	t := r.turn(i)
	if p.end {
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
func (v *viewer) next() ([]event, <-chan struct{}) {
	r := v.room
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []event
	if r.gone {
		return []event{{"gone", "", struct{}{}}}, r.changed
	}
	at := r.find(v.at.Turn)
	if !v.known || v.at.Turn != "" && at < 0 {
		v.at, v.known, v.told, v.final = r.lastStart(), true, false, 0
		if at = r.find(v.at.Turn); at >= 0 {
			events = append(events, event{"reset", "", map[string]string{"turn": v.at.Turn}})
		}
	}
	for i := max(at, 0); i < r.count(); i++ {
		t := r.turn(i)
		if t.Turn != v.at.Turn {
			v.at, v.told, v.final = startOf(t.Turn), false, 0
		}
		events = append(events, v.turn(t)...)
	}
	if v.title != r.title {
		v.title = r.title
		events = append(events, event{"title", "", map[string]string{"title": r.title}})
	}
	return append(events, v.presenceEvent()...), r.changed
}

// turn returns what is new of one turn.
func (v *viewer) turn(t *turnView) (events []event) {
	r := v.room
	if v.at.end {
		return nil
	}
	if !v.told {
		v.told = true
		events = append(events, event{"turn", startOf(t.Turn).String(), turnEvent{turnView: *t}})
	}
	runs := r.runs(t)
	if d := v.delta(t, runs); d != nil {
		events = append(events, event{"delta", v.at.String(), d})
	}
	if runs {
		return events
	}
	v.at = endOf(t.Turn)
	end := endView{Turn: t.Turn, State: failed}
	if a := t.Answer; a != nil {
		end = endView{t.Turn, a.State, a.Why, a.FinishReason, a.Usage, a.ToolCalls}
	}
	return append(events, event{"end", v.at.String(), end})
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
func (v *viewer) delta(t *turnView, runs bool) *deltaView {
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
func (v *viewer) blocks(t *turnView, text string, runs bool) *htmlDelta {
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
	return &htmlDelta{0, htmlOf(text)}
}

// presenceEvent returns an event if the number of viewers, or that of others who type, has
// changed.
func (v *viewer) presenceEvent() []event {
	r := v.room
	typing := 0
	for other := range r.viewers {
		if other != v && !other.typing.IsZero() {
			typing++
		}
	}
	presence := [2]int{len(r.viewers), typing}
	if presence == v.presence {
		return nil
	}
	v.presence = presence
	return []event{{"presence", "", map[string]int{"viewers": presence[0], "typing": presence[1]}}}
}
