package importer

import (
	"maps"
	"math"
	"slices"

	"oax/internal/chat"
)

const (
	maxBranches = 200       // of a chat
	maxSteps    = 1_000_000 // messages of all branches of a chat together
	maxBranched = 128 << 20 // bytes of text, likewise
)

// ways returns the ways through the tree, from the root to a message without an
// answer, as IDs: that to the current message first. A tree may have a cycle or no
// root, or name messages that are not there; a way ends before those. left is how
// many there are beyond the limits.
func (c *conversation) ways() (ways [][]string, left int) {
	current := c.CurrentNode
	if _, ok := c.Mapping[current]; !ok {
		current = c.newest()
	}
	ways = [][]string{c.wayTo(current)}
	steps := 0
	for _, id := range c.leaves() {
		if id == current {
			continue
		}
		if len(ways) > maxBranches || steps > maxSteps {
			left++
			continue
		}
		way := c.wayTo(id)
		steps += len(way)
		ways = append(ways, way)
	}
	return ways, left
}

// leaves returns the messages that nothing follows, in an order that is always the
// same.
func (c *conversation) leaves() []string {
	followed := map[string]bool{}
	for _, n := range c.Mapping {
		followed[n.Parent] = true
	}
	var leaves []string
	for _, id := range slices.Sorted(maps.Keys(c.Mapping)) {
		if !followed[id] {
			leaves = append(leaves, id)
		}
	}
	return leaves
}

// newest returns the leaf with the latest message, where the export does not say
// which is the current one.
func (c *conversation) newest() string {
	best, latest := "", math.Inf(-1)
	for _, id := range append(c.leaves(), slices.Sorted(maps.Keys(c.Mapping))...) {
		seconds := 0.0 // without a time it is of the beginning
		if m := c.Mapping[id].Message; m != nil {
			_ = decode(m.CreateTime, &seconds)
		}
		if seconds > latest {
			best, latest = id, seconds
		}
	}
	return best
}

// wayTo returns the IDs from the root to a message.
func (c *conversation) wayTo(id string) []string {
	var way []string
	seen := map[string]bool{}
	for !seen[id] {
		n, ok := c.Mapping[id]
		if !ok {
			break
		}
		seen[id] = true
		way = append(way, id)
		id = n.Parent
	}
	slices.Reverse(way)
	return way
}

// step is a message of a way.
type step struct {
	id string
	Message
}

type way []step

// way reads the messages of a way. Those that say nothing are not among them.
func (s *scan) way(c *conversation, ids []string) way {
	if c.read == nil {
		c.read = map[string]*step{}
	}
	var w way
	for _, id := range ids {
		known, ok := c.read[id]
		if !ok {
			if m, says := s.chatgptMessage(c.Mapping[id].Message, c.Model); says {
				known = &step{id, m}
			}
			c.read[id] = known
		}
		if known != nil {
			w = append(w, *known)
		}
	}
	return w
}

func (w way) size() int {
	n := 0
	for _, s := range w {
		n += s.Message.size()
	}
	return n
}

// turns returns how many turns end within the first n messages.
func (w way) turns(n int) int {
	count := turns(w[:n].messages())
	if count > 0 && n < len(w) && w[n].Role != chat.User {
		count--
	}
	return count
}

// shared returns with how many of the messages of another way this one begins.
func (w way) shared(other way) int {
	n := 0
	for n < len(w) && n < len(other) && w[n].id == other[n].id {
		n++
	}
	return n
}

// messages returns the messages, with what the model thought before an answer in that
// answer.
func (w way) messages() []Message {
	var all []Message
	thought := ""
	for _, s := range w {
		m := s.Message
		if m.Role == "assistant" && m.Text == "" && len(m.ToolCalls) == 0 {
			thought = joined(thought, m.Reasoning)
			continue
		}
		if m.Role == "assistant" && thought != "" {
			m.Reasoning, thought = joined(thought, m.Reasoning), ""
		}
		all = append(all, m)
	}
	if thought != "" {
		all = append(all, thinking(w[len(w)-1].Message, thought))
	}
	return all
}
