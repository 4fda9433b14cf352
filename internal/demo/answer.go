package demo

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What is asked, and what is answered, by either API.

// question is what Guide understands of a request; the rest is ignored.
type question struct {
	model   string
	asked   string   // the last message of the user
	results []string // of tools, after that message
	tools   []string // the names of those that are offered
	limit   int      // tokens of the answer at most; 0 if there is no limit
	prompt  int      // the tokens of the request; a word counts as one
}

// add adds a message.
func (q *question) add(role, text string) {
	q.prompt += len(strings.Fields(text))
	switch role {
	case "user":
		q.asked, q.results = text, nil
	case "tool":
		q.results = append(q.results, text)
	}
}

// answer is one reply, in the words it is sent by.
type answer struct {
	id        string
	created   int64
	model     string
	reasoning []string
	words     []string
	calls     []toolCall
	cut       bool // at the longest answer
	prompt    int
}

// toolCall is a call of a tool.
type toolCall struct{ id, name, arguments string }

func (a answer) size() int { return len(a.reasoning) + len(a.words) + len(a.calls) }

func (q question) answer(on System) answer {
	a := answer{id: fmt.Sprintf("demo%d", time.Now().UnixNano()), created: time.Now().Unix(), model: q.model, prompt: q.prompt}
	if a.model == "" {
		a.model = "demo"
	}
	text := advice(q.asked, on)
	switch {
	case len(q.results) > 0:
		text = "The tool says:\n\n"
		for _, result := range q.results {
			text += "> " + strings.ReplaceAll(strings.TrimSpace(result), "\n", "\n> ") + "\n\n"
		}
		text += "This is the **demo** inside oax: a model would make more of it.\n"
	default:
		if a.calls = q.calls(a.id); len(a.calls) > 0 {
			return a
		}
	}
	a.words = words(text)
	if asksFor(q.asked, "reason", "think", "推論") && len(q.results) == 0 {
		a.reasoning = words("The person wants to see what reasoning looks like. It comes before the answer, and oax shows it with `--reasoning`.")
	}
	if q.limit > 0 && q.limit < len(a.words) {
		a.words, a.cut = a.words[:q.limit], true
	}
	return a
}

// calls returns a call of the clock if it is offered and the question is for the time: one
// for each time zone that is named, as Asia/Tokyo.
func (q question) calls(id string) (calls []toolCall) {
	const clock = "clock"
	if !slices.Contains(q.tools, clock) || !asksFor(q.asked, "time", "clock", "date", "時") {
		return nil
	}
	for _, zone := range regexp.MustCompile(`\b[A-Z]\w+/[A-Z]\w+\b`).FindAllString(q.asked, -1) {
		arguments, _ := json.Marshal(map[string]string{"zone": zone})
		calls = append(calls, toolCall{fmt.Sprintf("call_%s_%d", id, len(calls)), clock, string(arguments)})
	}
	if len(calls) == 0 {
		calls = []toolCall{{"call_" + id, clock, "{}"}}
	}
	return calls
}

// asksFor reports whether the first line of a question holds one of some words.
func asksFor(question string, words ...string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(question), "\n")
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToLower(first), word) })
}
