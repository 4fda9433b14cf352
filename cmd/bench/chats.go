//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// chats are sessions as people have them: so many, of so many bytes in all, most of
// them short, a few very long. The same numbers always make the same files.
type chats struct {
	home         string
	count, bytes int
}

// write makes the files.
func (c chats) write() error {
	dir := filepath.Join(c.home, "data", "oax", "sessions")
	newest := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) // the same files whenever they are made
	step := months * 30 * 24 * time.Hour / time.Duration(c.count)
	vocabulary := allWords()
	for i := range c.count {
		w := writer{rand.New(rand.NewPCG(uint64(i), 1)), vocabulary}
		if err := c.writeOne(w, dir, newest.Add(-time.Duration(i)*step), i); err != nil {
			return err
		}
	}
	return nil
}

func (c chats) writeOne(w writer, dir string, at time.Time, number int) error {
	month := filepath.Join(dir, at.Format("2006-01"))
	if err := os.MkdirAll(month, 0o700); err != nil {
		return err
	}
	id := fmt.Sprintf("c%07x", number)
	name := at.Format("2006-01-02_15-04-05") + "_" + id + ".jsonl"
	return os.WriteFile(filepath.Join(month, name), w.chat(id, at, w.length(c.bytes/c.count)), 0o600)
}

// length draws the bytes of one session around their mean.
func (w writer) length(mean int) int {
	const spread = 0.9 // of the logarithm
	return int(float64(mean) * math.Exp(w.NormFloat64()*spread-spread*spread/2))
}

// line has the fields of a session file in their order.
type line struct {
	Kind    string          `json:"kind"`
	Version int             `json:"version,omitempty"`
	ID      string          `json:"id,omitempty"`
	Time    time.Time       `json:"time"`
	Role    string          `json:"role,omitempty"`
	Text    string          `json:"text,omitempty"`
	Model   string          `json:"model,omitempty"`
	Profile string          `json:"profile,omitempty"`
	Finish  string          `json:"finish_reason,omitempty"`
	Usage   json.RawMessage `json:"usage,omitempty"`
	State   string          `json:"state,omitempty"`
}

// chat returns a session of about so many bytes, one turn at least.
func (w writer) chat(id string, at time.Time, length int) []byte {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.Encode(line{Kind: "session", Version: 1, ID: id, Time: at})
	for first := true; first || b.Len() < length-400; first = false {
		at = at.Add(20 * time.Second)
		question := w.question()
		out.Encode(line{Kind: "message", Time: at, Role: "user", Text: question, Model: "gpt-5-mini", Profile: "work"})
		room := length - b.Len() - 300
		answer := w.answer(min(max(room, 40), 200+w.IntN(4000)))
		at = at.Add(5 * time.Second)
		out.Encode(line{
			Kind: "message", Time: at, Role: "assistant", Text: answer, Model: "gpt-5-mini-2025-08-07", Profile: "work",
			Finish: "stop", State: "complete", Usage: usageOf(len(question)/4, len(answer)/4),
		})
	}
	return b.Bytes()
}

func usageOf(prompt, completion int) json.RawMessage {
	return fmt.Appendf(nil, `{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, prompt, completion, prompt+completion)
}

// fillChats is the child that makes them.
func fillChats(home string, numbers []string) error {
	if len(numbers) != 2 {
		return fmt.Errorf("-chats HOME wants two numbers")
	}
	count, err := strconv.Atoi(numbers[0])
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(numbers[1])
	if err != nil {
		return err
	}
	return chats{home, count, size}.write()
}
