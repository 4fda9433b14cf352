package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"oax/internal/chat"
)

const (
	maxNodes       = 1 << 17   // messages of a chat
	maxBranches    = 200       // of a chat
	maxBranchNodes = 1_000_000 // in all branches of a chat together
	maxBranchBytes = 128 << 20 // of text, likewise
)

// conversation is one chat of the export: a tree of messages, by their IDs.
type conversation struct {
	ID             string          `json:"id"`
	ConversationID string          `json:"conversation_id"`
	Title          string          `json:"title"`
	CreateTime     json.RawMessage `json:"create_time"`
	UpdateTime     json.RawMessage `json:"update_time"`
	CurrentNode    string          `json:"current_node"`
	Model          string          `json:"default_model_slug"`
	Mapping        map[string]node `json:"mapping"`
}

type node struct {
	Message json.RawMessage `json:"message"` // a chatgptWire
	Parent  string          `json:"parent"`

	seconds float64 // when it was made; 0 if nothing says
}

// conversation yields the branch with the current message as a chat, and each other
// branch as a chat that branches off from it.
func (s *scan) conversation(c *conversation, changed time.Time) error {
	id := c.ConversationID
	if id == "" {
		id = c.ID
	}
	if len(c.Mapping) > maxNodes {
		return fmt.Errorf("%.100q has over %d messages (limit)", c.Title, maxNodes)
	}
	messages := s.decodeNodes(c)
	branches, omitted := c.branches()
	main := newBranch(branches[0], messages)
	said := main.messages()
	start := s.timeOf(c.CreateTime)
	if start.IsZero() {
		start = s.startTime(said, s.timeOf(c.UpdateTime), changed)
	}
	if id == "" && len(branches[0]) > 0 {
		id = branches[0][0]
	}
	whole := Chat{ID: id, Title: c.Title, Time: start}
	whole.add(said...)
	s.chat(whole)
	size := 0
	for _, ids := range branches[1:] {
		b := newBranch(ids, messages)
		shared := b.shared(main)
		if shared == len(b) { // it differs in empty messages only
			continue
		}
		for _, m := range b {
			size += m.size()
		}
		if size > maxBranchBytes {
			omitted++
			continue
		}
		other := Chat{
			ID: id + "/" + ids[len(ids)-1], Title: c.Title,
			Time:   s.startTime(b[shared:].messages(), start),
			Branch: &Branch{id, b.turns(shared)},
		}
		other.add(b.messages()...)
		s.chat(other)
	}
	if omitted > 0 {
		return fmt.Errorf("%d further branches of %.100q are left out (limit)", omitted, c.Title)
	}
	return nil
}

// decodeNodes returns the messages of a chat that are not empty, by their IDs. The nodes keep
// only when they were made.
func (s *scan) decodeNodes(c *conversation) map[string]*Message {
	messages := map[string]*Message{}
	for id, n := range c.Mapping {
		var w *chatgptWire
		_ = decode(n.Message, &w) // it is part of JSON that was read
		if w != nil {
			_ = decode(w.CreateTime, &n.seconds)
		}
		n.Message = nil
		c.Mapping[id] = n
		if m, ok := s.chatgptMessage(w, c.Model); ok {
			messages[id] = &m
		}
	}
	return messages
}

// branches returns the IDs of each branch, from the root to a leaf; first those up to
// the current message. omitted is the number of branches beyond the limits. The tree
// may have a cycle, no root, or a parent that does not exist: a branch begins after that.
func (c *conversation) branches() (branches [][]string, omitted int) {
	leaves := c.leaves()
	current := c.CurrentNode
	if _, ok := c.Mapping[current]; !ok {
		current = c.newest(leaves)
	}
	branches = [][]string{c.idsTo(current)}
	nodes := 0
	for _, id := range leaves {
		if id == current {
			continue
		}
		if len(branches) > maxBranches || nodes > maxBranchNodes {
			omitted++
			continue
		}
		ids := c.idsTo(id)
		nodes += len(ids)
		branches = append(branches, ids)
	}
	return branches, omitted
}

// leaves returns the sorted IDs of the messages that are no other's parent.
func (c *conversation) leaves() []string {
	parents := map[string]bool{}
	for _, n := range c.Mapping {
		parents[n.Parent] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.Mapping)), func(id string) bool { return parents[id] })
}

// newest returns the ID of the latest message, of two the leaf. It is the current one
// if the export does not say which is.
func (c *conversation) newest(leaves []string) string {
	best, latest := "", math.Inf(-1)
	for _, id := range append(slices.Clone(leaves), slices.Sorted(maps.Keys(c.Mapping))...) {
		if seconds := c.Mapping[id].seconds; seconds > latest {
			best, latest = id, seconds
		}
	}
	return best
}

// idsTo returns the IDs from the root to a message.
func (c *conversation) idsTo(id string) []string {
	var ids []string
	seen := map[string]bool{}
	for !seen[id] {
		n, ok := c.Mapping[id]
		if !ok {
			break
		}
		seen[id] = true
		ids = append(ids, id)
		id = n.Parent
	}
	slices.Reverse(ids)
	return ids
}

// treeMessage is a message of a branch.
type treeMessage struct {
	id string
	*Message
}

// branch is the messages of a branch that are not empty.
type branch []treeMessage

func newBranch(ids []string, messages map[string]*Message) (b branch) {
	for _, id := range ids {
		if m, ok := messages[id]; ok {
			b = append(b, treeMessage{id, m})
		}
	}
	return b
}

// turns returns how many turns end within the first n messages.
func (b branch) turns(n int) int {
	count := 0
	for _, m := range b[:n] {
		if m.Role == chat.User {
			count++
		}
	}
	if count > 0 && n < len(b) && b[n].Role != chat.User {
		count--
	}
	return count
}

// shared returns how many messages at the beginning are those of the other branch.
func (b branch) shared(other branch) int {
	n := 0
	for n < len(b) && n < len(other) && b[n].id == other[n].id {
		n++
	}
	return n
}

// messages returns the messages. The export has reasoning as messages before the
// answer; here it is part of the answer, or of an incomplete one if none follows.
func (b branch) messages() []Message {
	all := make([]Message, 0, len(b))
	reasoning := ""
	for _, m := range b {
		if m.Role == chat.Assistant && m.Text == "" && len(m.ToolCalls) == 0 {
			reasoning = paragraphs(reasoning, m.Reasoning)
			continue
		}
		whole := *m.Message
		if m.Role == chat.Assistant && reasoning != "" {
			whole.Reasoning, reasoning = paragraphs(reasoning, m.Reasoning), ""
		}
		all = append(all, whole)
	}
	if reasoning != "" {
		last := b[len(b)-1]
		all = append(all, Message{
			Message: chat.Message{Role: chat.Assistant, Model: last.Model, Reasoning: reasoning, State: chat.Incomplete, Why: chat.Empty},
			Time:    last.Time,
		})
	}
	return all
}
