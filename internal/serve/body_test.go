package serve

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// flushes counts how often a reply is sent.
type flushes struct {
	*httptest.ResponseRecorder
	n int
}

func (f *flushes) Flush() { f.n++ }

// TestHeadersTravel: the headers of a reply travel with its first piece, or soon alone.
func TestHeadersTravel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			name   string
			pause  time.Duration
			pieces int
			want   int
		}{
			{"the first piece at once", 0, 1, 1},
			{"two pieces", 0, 2, 2},
			{"the first piece later", time.Second, 1, 2},
			{"no piece", 0, 0, 1},
			{"no piece, late", time.Second, 0, 1},
		} {
			f := &flushes{ResponseRecorder: httptest.NewRecorder()}
			out := newReplyWriter(f)
			out.flushSoon()
			time.Sleep(tt.pause)
			for range tt.pieces {
				if _, err := out.Write([]byte("x")); err != nil {
					t.Fatal(err)
				}
			}
			out.close()
			time.Sleep(time.Second)
			if f.n != tt.want {
				t.Errorf("%s: it is sent %d times, want %d", tt.name, f.n, tt.want)
			}
		}
	})
}
