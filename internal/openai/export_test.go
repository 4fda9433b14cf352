package openai

import "context"

// What the tests in package openai_test, which decode chat completions, see of the inside.

var NewStream = newStream

const MaxOver = maxOver

func (s *Stream) First(ctx context.Context) error { return s.first(ctx) }

// SetSize says how much of the answer has come, in bytes.
func (s *Stream) SetSize(n int) { s.bound.size = n }
