package chat

import (
	"cmp"
	"encoding/json"
)

// Tokens are the numbers in the usage that a service sends with an answer.
type Tokens struct {
	Input     int
	Cached    int // of Input, what the service had in its cache
	Output    int
	Reasoning int             // of Output
	Cost      json.RawMessage // of the turn, where the service tells it (OpenRouter, "Usage accounting")
}

// ReadUsage returns the numbers of a Message's usage, which is in the words of one
// of the APIs (OpenAI, "Create chat completion" and "Create a model response"). ok is false
// if it is not.
func ReadUsage(usage json.RawMessage) (t Tokens, ok bool) {
	type details struct {
		Cached    int `json:"cached_tokens"`
		Reasoning int `json:"reasoning_tokens"`
	}
	var fields struct {
		Prompt            int             `json:"prompt_tokens"`
		Completion        int             `json:"completion_tokens"`
		PromptDetails     details         `json:"prompt_tokens_details"`
		CompletionDetails details         `json:"completion_tokens_details"`
		Input             int             `json:"input_tokens"`
		Output            int             `json:"output_tokens"`
		InputDetails      details         `json:"input_tokens_details"`
		OutputDetails     details         `json:"output_tokens_details"`
		Cost              json.RawMessage `json:"cost"`
	}
	if json.Unmarshal(usage, &fields) != nil {
		return Tokens{}, false
	}
	return Tokens{
		Input:     cmp.Or(fields.Prompt, fields.Input),
		Cached:    cmp.Or(fields.PromptDetails.Cached, fields.InputDetails.Cached),
		Output:    cmp.Or(fields.Completion, fields.Output),
		Reasoning: cmp.Or(fields.CompletionDetails.Reasoning, fields.OutputDetails.Reasoning),
		Cost:      fields.Cost,
	}, true
}
