package live

import (
	"os"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// TestTurnAfterTurn: the next turn of a session may begin before the room has heard of the end
// of the last one, and stays the one that runs.
func TestTurnAfterTurn(t *testing.T) {
	store := session.New(session.Options{Dir: t.TempDir()})
	w, err := store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: "one"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(chat.Message{Role: chat.Assistant, Text: "x", State: chat.Complete}); err != nil {
		t.Fatal(err)
	}
	rooms := NewRooms(t.Context(), store, time.Now, func(*session.Session, os.FileInfo) {})
	room := rooms.Hold(w.Entry())
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
