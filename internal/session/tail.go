package session

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"oax/internal/chat"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How an answer is followed while it is being written, by this process or any other.

// Follow returns the session with the answer that another process was writing when it was
// loaded as the last message, also if nothing of that had come. While that process runs tools
// the last message is the answer that asked for them; Next has what follows.
func (s *Session) Follow() *Session {
	followed := *s
	switch {
	case s.between:
		for n := len(s.Messages); n > 0 && record.IsOfCall(s.Messages[n-1]); n-- {
			followed.Messages = s.Messages[:n-1]
		}
	case s.Open && !s.live:
		followed.live = true
		followed.Messages = append(slices.Clip(s.Messages), s.running)
	}
	return &followed
}

// RunsTools reports whether another process ran the calls of the last answer when the session
// was loaded.
func (s *Session) RunsTools() bool { return s.between }

// Next returns what followed the last answer in its turn, which has ended: the records of its
// calls and the next answer, that as Follow has it. It waits while another process runs the
// calls. The session is nil if no calls followed. The error is the cause of ctx, or that of Load.
func (st *Store) Next(ctx context.Context, s *Session) (*Session, error) {
	last, _ := s.LastAnswer()
	for {
		running := st.Turn(s.Entry()) // before Load: the next answer may begin behind it
		s, err := st.Load(s.Entry())
		if err != nil {
			return nil, err
		}
		if s = s.Follow(); !s.between {
			at := len(s.Messages) - 1
			for at >= 0 && (s.Messages[at].Role != chat.Assistant || s.Messages[at].Turn != last.Turn) {
				at--
			}
			rest := s.Messages[at+1:]
			if len(rest) == 0 || !record.IsOfCall(rest[0]) {
				return nil, nil
			}
			if end := slices.IndexFunc(rest, func(m record.Message) bool { return m.IsPrompt() || m.IsSystem() }); end >= 0 {
				rest, s.live = rest[:end], false
			}
			s.Messages = rest
			return s, nil
		}
		for running != "" && running == st.Turn(s.Entry()) {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-time.After(100 * time.Millisecond):
			}
			if journal.CheckDead(st.journalPath(s.Entry())) == nil { // its writer has died
				break
			}
		}
	}
}

// Turn returns the ID of the turn whose answer is in a session's journal, or empty text if there
// is no journal. For a journal of an older oax, which has no IDs, it is some other text.
func (st *Store) Turn(e Entry) string {
	head := journal.ReadHead(st.journalPath(e))
	return cmp.Or(head.Turn, head.Kind)
}

// Running returns the last message, and the position at its end, if it is an answer that
// another process was writing when the session was loaded.
func (s *Session) Running() (m record.Message, end journal.Position, ok bool) {
	m, ok = s.LastAnswer()
	return m, journal.Position{Turn: m.Turn, Text: len(m.Text), Reasoning: len(m.Reasoning), Refusal: len(m.Refusal)}, ok && s.live && m.State == ""
}

// Tail yields the answer of a turn from a position on, as it is written, and ends when the
// turn has ended: then the answer is in the session, or its writer was killed. Without the
// ID of a turn it is the one that is running. A turn that has ended before yields the rest
// of its answer. What has no position, like tool calls and usage, is yielded from the
// beginning. The error is the cause of ctx, or that of reading.
func (st *Store) Tail(ctx context.Context, e Entry, from journal.Position) iter.Seq2[*chat.Delta, error] {
	return journal.Tail(ctx, st.journalPath(e), e.Path, from)
}
