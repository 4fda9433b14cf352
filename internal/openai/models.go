package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"oax/internal/jsontext"
)

// Model is one the endpoint offers. Context is how many tokens it takes, or 0 if the
// endpoint does not say.
type Model struct {
	ID      string `json:"id"`
	OwnedBy string `json:"owned_by,omitempty"`
	Context int    `json:"context,omitempty"`
}

const (
	// maxList is how much of a list of models is read, in bytes.
	maxList = 8 << 20
	// maxModels is how many models are taken from it.
	maxModels = 10_000
	// maxID is the longest ID that is taken, in bytes.
	maxID = 512
)

// Models asks the endpoint what it offers. The errors are those of Stream, and one
// of the Kind NoList for a list that is longer than maxList.
func (c *Client) Models(ctx context.Context) ([]Model, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hr, err := http.NewRequestWithContext(ctx, http.MethodGet, cmp.Or(c.config.ModelsURL, c.config.BaseURL+"/models"), nil)
	if err != nil {
		return nil, err
	}
	c.addUserAgent(hr)
	c.addHeaders(hr)
	about := c.about(hr)
	about.Tries = 1
	resp, err := c.do(hr, cancel, new(atomic.Int32), about)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	about.Status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		return nil, c.statusError(about, resp)
	}
	limit := c.config.Limits.Silence
	silence := time.AfterFunc(limit, cancel)
	defer silence.Stop()
	var body []byte
	late := false
	for err == nil && len(body) < maxList {
		body, err = readMore(body, resp.Body, maxList)
		late = !silence.Reset(limit) || late
	}
	switch {
	case late:
		return nil, about.as(ReplyTimeout, limit, nil)
	case err != nil && err != io.EOF:
		return nil, about.as(ResetLate, 0, c.redactError(err))
	}
	return c.modelList(about, bytes.TrimSpace(body))
}

// modelList finds the models in {"data": [...]}, or in the array alone that some
// services send.
func (c *Client) modelList(about Error, body []byte) ([]Model, error) {
	list := body
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		return nil, about.as(WebPage, 0, nil)
	case bytes.HasPrefix(body, []byte("{")):
		if reported := ParseError(body); reported != nil && reported.Message != "" {
			return nil, c.reported(about, reported)
		}
		list = jsontext.Field(body, "data")
		if string(list) == "null" {
			return nil, nil
		}
	}
	var models []Model
	ok := bytes.HasPrefix(list, []byte("[")) && json.Valid(list)
	for raw := range jsontext.Elements(list) {
		m, isModel := readModel(raw)
		if ok = ok && isModel; !ok || len(models) == maxModels {
			break
		}
		models = append(models, m)
	}
	if !ok {
		return nil, about.as(NoList, 0, nil)
	}
	return models, nil
}

// readModel reads a model as services describe one. Only the ID must have the right type.
func readModel(raw []byte) (m Model, ok bool) {
	var fields jsontext.Object
	fields.Read(raw)
	id := fields.Get("id")
	m = Model{ID: jsontext.Text(id), OwnedBy: jsontext.Text(fields.Get("owned_by"))}
	// OpenRouter, Groq, vLLM, and Mistral and LM Studio have names of their own for it.
	for _, name := range []string{"context_length", "context_window", "max_model_len", "max_context_length"} {
		if n, err := strconv.Atoi(string(fields.Get(name))); err == nil && m.Context == 0 {
			m.Context = max(n, 0)
		}
	}
	return m, len(id) > 0 && id[0] == '"' && len(id) <= maxID
}
