package prompt

// The results of tools, which another program ran.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"oax/internal/chat"
	"oax/internal/report"
)

// Results reads the results of calls from a file, or from standard input if path is "-": a
// JSON object a line, with the id of a call and its output, a text. Other fields are ignored.
// The results are in the order of the calls. The error is a *report.Error unless there is
// exactly one result for each call.
func (r Reader) Results(ctx context.Context, path string, calls []chat.ToolCall) ([]chat.Message, error) {
	data, err := r.results(ctx, path)
	if err != nil {
		return nil, err
	}
	found := make([]chat.Message, len(calls))
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var result struct {
			ID     *string `json:"id"`
			Output *string `json:"output"`
		}
		if json.Unmarshal(line, &result) != nil || result.ID == nil || result.Output == nil {
			return nil, report.Usage(fmt.Sprintf("--results: line %d is no result", n), `a line is {"id": "...", "output": "..."}`)
		}
		i := slices.IndexFunc(calls, func(c chat.ToolCall) bool { return c.ID == *result.ID })
		if i < 0 || found[i].Role != "" {
			return nil, report.Usage(fmt.Sprintf("--results: line %d is for no open call: %q", n, *result.ID), "oax cat --last --json shows the calls")
		}
		found[i] = chat.Message{Role: chat.Tool, ToolCallID: *result.ID, Name: calls[i].Name, Text: *result.Output}
	}
	if i := slices.IndexFunc(found, func(m chat.Message) bool { return m.Role == "" }); i >= 0 {
		return nil, report.Usage(fmt.Sprintf("--results: there is no result for the call %q of %s", calls[i].ID, calls[i].Name), "give all results at once")
	}
	return found, nil
}

func (r Reader) results(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		input, err := r.readStdin(ctx, r.limit()+1)
		if err == nil && int64(len(input)) > r.limit() {
			err = report.Input(fmt.Sprintf("the results are over %d MiB (limit)", r.limit()>>20), "--max-input to raise it")
		}
		return input, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, report.Input(fmt.Sprintf("cannot read %s: %s", path, report.Cause(err)), "")
	}
	return data, nil
}
