package live

import (
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// TestPresence: of any number who come and leave at once, who was there before is told once.
func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room := roomOfOne(t)
		defer room.Release()
		told := func(v *Viewer) (counts []int) {
			events, _ := v.next()
			for _, e := range events {
				if e.Name == "presence" {
					counts = append(counts, e.Data.(map[string]int)["viewers"])
				}
			}
			return counts
		}
		watch := func() *Viewer {
			v, err := room.Watch("", false, false)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		first := watch()
		counts := told(first)
		var others []*Viewer
		for range 100 {
			others = append(others, watch())
			counts = append(counts, told(first)...)
		}
		time.Sleep(5 * lookEvery / 2) // between two looks
		counts = append(counts, told(first)...)
		for _, v := range others {
			v.Leave()
			counts = append(counts, told(first)...)
		}
		time.Sleep(2 * lookEvery)
		if counts = append(counts, told(first)...); !slices.Equal(counts, []int{1, 101, 1}) {
			t.Errorf("it is told of %v", counts)
		}
		first.Leave()
		time.Sleep(2 * lookEvery) // watch ends
	})
}

// roomOfOne returns the room of a session with one turn.
func roomOfOne(t *testing.T) *Room {
	store := session.New(session.Options{Dir: t.TempDir()})
	w, err := store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: "one"}})
	if err == nil {
		err = w.Finish(chat.Message{Role: chat.Assistant, Text: "x", State: chat.Complete})
	}
	if err != nil {
		t.Fatal(err)
	}
	return NewRooms(t.Context(), store, time.Now, func(*session.Session, os.FileInfo) {}).Hold(w.Entry())
}

// TestTurnAfterTurn: the next turn of a session may begin before the room has heard of the end
// of the last one, and stays the one that runs.
func TestTurnAfterTurn(t *testing.T) {
	room := roomOfOne(t)
	defer room.Release()
	last, next := NewRunning(Turn{Turn: "last"}, nil), NewRunning(Turn{Turn: "next"}, nil)
	room.Begin(last)
	room.Begin(next)
	if room.End(last); room.running != next {
		t.Errorf("after the end of the last turn %+v runs", room.running)
	}
	if room.End(next); room.running != nil {
		t.Errorf("after the end of both %+v runs", room.running)
	}
}
