package chat

import "encoding/json"

// Tokens are the numbers in the usage that a service sends with an answer.
type Tokens struct {
	Input     int
	Cached    int // of Input, what the service had in its cache
	Output    int
	Reasoning int             // of Output
	Cost      json.RawMessage // of the turn, where the service tells it (OpenRouter, "Usage accounting")
}

// ReadUsage returns the numbers of a Message's usage, which is in the words of the chat
// completions API (OpenAI, "Create chat completion"). ok is false if it is not.
func ReadUsage(usage json.RawMessage) (t Tokens, ok bool) {
	var fields struct {
		Prompt        int `json:"prompt_tokens"`
		Completion    int `json:"completion_tokens"`
		PromptDetails struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
		CompletionDetails struct {
			Reasoning int `json:"reasoning_tokens"`
		} `json:"completion_tokens_details"`
		Cost json.RawMessage `json:"cost"`
	}
	if json.Unmarshal(usage, &fields) != nil {
		return Tokens{}, false
	}
	return Tokens{
		Input: fields.Prompt, Cached: fields.PromptDetails.Cached,
		Output: fields.Completion, Reasoning: fields.CompletionDetails.Reasoning,
		Cost: fields.Cost,
	}, true
}
