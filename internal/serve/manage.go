package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
)

// What a person does with a session: its title, the trash, an export.

// patchSession answers PATCH /api/sessions/{id}: the title.
func (s *Server) patchSession(w http.ResponseWriter, r *http.Request) *apiError {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		return failure
	}
	var body map[string]json.RawMessage
	if failure := readJSON(w, r, &body); failure != nil {
		return failure
	}
	var title *string
	if raw, ok := body["title"]; !ok || json.Unmarshal(raw, &title) != nil {
		return badRequest("title", "title must be text, or null")
	}
	text := ""
	if title != nil {
		text = *title
	}
	if err := s.config.Store.Retitle(e, text); err != nil {
		return storeError(err)
	}
	s.replyWithSession(w, e)
	return nil
}

func (s *Server) replyWithSession(w http.ResponseWriter, e session.Entry) {
	sum, err := s.config.Store.Summary(e)
	if err != nil {
		errNoSession.write(w)
		return
	}
	writeJSON(w, http.StatusOK, s.viewOf(sum, s.config.Store.Open()[e.ID]))
}

// storeError says why a session could not be changed.
func storeError(err error) *apiError {
	if _, ok := errors.AsType[*session.BusyError](err); ok {
		return busy("")
	}
	if _, ok := errors.AsType[*session.NotFoundError](err); ok {
		return errNoSession
	}
	return &apiError{status: http.StatusInsufficientStorage, code: "not_saved", message: report.Of(err).What}
}

// deleteSession answers DELETE /api/sessions/{id}: into the trash.
func (s *Server) deleteSession(w http.ResponseWriter, r *http.Request) *apiError {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		return failure
	}
	trash := s.config.Store.Trash()
	err := trash.Take(e)
	if err == nil {
		err = trash.Sync()
	}
	if err != nil {
		return storeError(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// restoreSession answers POST /api/sessions/{id}/restore: out of the trash.
func (s *Server) restoreSession(w http.ResponseWriter, r *http.Request) *apiError {
	if failure := readJSON(w, r, &struct{}{}); failure != nil {
		return failure
	}
	trash := s.config.Store.Trash()
	all, err := trash.All()
	id := r.PathValue("id")
	i := slices.IndexFunc(all, func(t session.Trashed) bool { return t.ID == id })
	if err != nil || i < 0 {
		return errNoSession
	}
	e, err := trash.Restore(all[i])
	if err == nil {
		err = trash.Sync()
	}
	if err != nil {
		return storeError(err)
	}
	s.replyWithSession(w, e)
	return nil
}

// exportSession answers GET /api/sessions/{id}/export.
func (s *Server) exportSession(w http.ResponseWriter, r *http.Request) *apiError {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		return failure
	}
	format := r.URL.Query().Get("format")
	types := map[string]string{"markdown": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8", "json": "application/json"}
	extensions := map[string]string{"markdown": "md", "html": "html", "json": "json"}
	if types[format] == "" {
		return badRequest("format", "format must be markdown, html or json")
	}
	x, err := s.config.Store.Load(e)
	if err != nil {
		return errNoSession
	}
	var out bytes.Buffer
	one := func(yield func(*session.Session, error) bool) { yield(x, nil) }
	if err := export.Write(&out, one, export.Options{Form: export.Form(format)}); err != nil {
		return storeError(err)
	}
	w.Header().Set("Content-Type", types[format])
	w.Header().Set("Content-Disposition", `attachment; filename="`+e.ID+"."+extensions[format]+`"`)
	w.Header().Set("Content-Security-Policy", "sandbox")
	_, _ = w.Write(out.Bytes())
	return nil
}
