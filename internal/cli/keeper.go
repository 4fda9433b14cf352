package cli

import "oax/internal/chat"

// keeper is where a turn is saved: a session's writer, or nothing.
type keeper interface {
	ID() string
	Sync() error
	Journal(*chat.Delta) error
	Finish(chat.Message) error
	Fail(why chat.Why, text string) error
	Close() error
	Notes() []string
}

// notKept is the keeper of --no-save.
type notKept struct{}

func (notKept) ID() string                  { return "" }
func (notKept) Sync() error                 { return nil }
func (notKept) Journal(*chat.Delta) error   { return nil }
func (notKept) Finish(chat.Message) error   { return nil }
func (notKept) Fail(chat.Why, string) error { return nil }
func (notKept) Close() error                { return nil }
func (notKept) Notes() []string             { return nil }
