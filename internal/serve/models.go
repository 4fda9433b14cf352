package serve

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	modelsTime = 5 * time.Second // for the list of one profile
	maxModels  = 16 << 20        // bytes of one list
)

// modelList is what one profile says it offers: the items as they came, or why there are
// none.
type modelList struct {
	profile string // empty: the default one
	items   []json.RawMessage
	reply   *http.Response // without a body; nil if there was no reply
	body    []byte
	err     *apiError // there was no reply
}

// models answers GET /v1/models: the models of the default profile as they came, then
// those of the other profiles under the name profile/model. A profile that does not answer
// in time is left out. If none answers, the reply is that of the default profile.
func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	lists := s.listModels(r.Context(), r)
	items, answered := []json.RawMessage{}, false
	for _, list := range lists {
		answered = answered || list.items != nil
		for _, item := range list.items {
			if list.profile != "" {
				item = renamed(item, list.profile)
			}
			items = append(items, item)
		}
	}
	s.allowOrigin(w, r)
	switch first := lists[0]; {
	case answered:
		writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": items})
	case first.err != nil:
		first.err.write(w)
	default:
		copyHeader(w.Header(), first.reply.Header)
		w.WriteHeader(first.reply.StatusCode)
		_, _ = w.Write(first.body)
	}
}

// listModels asks all profiles at once. The first list is that of the default profile.
func (s *Server) listModels(ctx context.Context, r *http.Request) []modelList {
	profiles := slices.Concat([]string{""}, s.config.OtherProfiles)
	lists := make([]modelList, len(profiles))
	ctx, cancel := context.WithTimeout(ctx, modelsTime)
	defer cancel()
	var wait sync.WaitGroup
	for i, profile := range profiles {
		wait.Go(func() { lists[i] = s.profileModels(ctx, r, profile) })
	}
	wait.Wait()
	return lists
}

func (s *Server) profileModels(ctx context.Context, r *http.Request, profile string) modelList {
	list := modelList{profile: profile}
	e, err := s.upstream.of(s, ctx, profile)
	if err != nil {
		list.err = noKey(err)
		return list
	}
	asked := r.Clone(ctx)
	asked.Method = http.MethodGet
	asked.URL.Path, asked.URL.RawPath = "/v1/models", ""
	if list.reply, err = s.ask(ctx, asked, e, nil); err != nil {
		list.err = networkError(err, e.Client.Redact)
		return list
	}
	defer list.reply.Body.Close()
	list.body, err = io.ReadAll(io.LimitReader(list.reply.Body, maxModels))
	var object struct {
		Data []json.RawMessage `json:"data"`
	}
	switch {
	case err != nil:
		list.err = networkError(err, e.Client.Redact)
	case list.reply.StatusCode != http.StatusOK:
	case json.Unmarshal(list.body, &object) == nil && object.Data != nil:
		list.items = object.Data
	default: // some services send the array alone
		_ = json.Unmarshal(list.body, &list.items)
	}
	return list
}

// renamed returns a model with the name of its profile before its ID.
func renamed(item json.RawMessage, profile string) json.RawMessage {
	var fields map[string]json.RawMessage
	var id string
	if json.Unmarshal(item, &fields) != nil || json.Unmarshal(fields["id"], &id) != nil {
		return item
	}
	fields["id"], _ = json.Marshal(profile + "/" + id)
	item, _ = json.Marshal(fields)
	return item
}
