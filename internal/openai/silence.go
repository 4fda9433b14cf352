package openai

import (
	"io"
	"time"
)

// patience returns how long the next byte may take.
func (s *Stream) patience() time.Duration {
	if s.finished {
		return min(s.limits.Silence, s.limits.AfterFinish)
	}
	return s.limits.Silence
}

// silent ends the stream when nothing comes any more: in order if the finish
// reason came, for then only [DONE] and the usage can be missing.
func (s *Stream) silent() error {
	if s.finished {
		return io.EOF
	}
	return s.fail(Silence, s.limits.Silence, nil)
}

// late reports whether a limit ran out well after its time: then the process was
// stopped (Ctrl-Z, say), and what came meanwhile is still to be read.
func late(begun time.Time, limit time.Duration) bool {
	return time.Since(begun) > limit+100*time.Millisecond
}

// awaitEvent starts the time in which the next event must come.
func (s *Stream) awaitEvent() {
	s.noEventSince = time.Now()
	s.noEvent.Reset(s.limits.NoEvent)
}
