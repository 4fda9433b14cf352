package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/demo"
)

// recording is a reply in the recorded corpus, which is not part of the project.
type recording struct {
	File         string
	ExpectText   string `json:"expect_text"`
	FinishReason string `json:"finish_reason"`
	HTTPStatus   int    `json:"http_status"`
	body         []byte
}

// recordedIndex returns the corpus by its file names.
func recordedIndex(t *testing.T) map[string]recording {
	t.Helper()
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	var list []recording
	must(t, json.Unmarshal([]byte(text(t, filepath.Join(dir, "streams", "INDEX.json"))), &list))
	byName := map[string]recording{}
	for _, r := range list {
		r.body = []byte(text(t, filepath.Join(dir, "streams", r.File)))
		byName[r.File] = r
	}
	return byName
}

// exits are the exit codes of the statuses in the recorded corpus.
var exits = map[int]int{400: 8, 401: 4, 403: 4, 404: 8, 429: 5, 500: 5}

// Every recorded error of a real endpoint ends the program with the exit code of its
// status, and keeps the prompt.
func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, r := range recordedIndex(t) {
		if !strings.HasSuffix(r.File, ".http") {
			continue
		}
		checked++
		t.Run(r.File, func(t *testing.T) {
			t.Parallel()
			h, script := scripted(t, demo.Recorded(r.HTTPStatus, r.body))
			got := h.run("hi")
			want, known := exits[r.HTTPStatus]
			if !known || got.code != want || !strings.HasPrefix(got.stderr, "oax: ") || got.stdout != "" {
				t.Errorf("status %d: exit %d, want %d; stdout %q, stderr %q", r.HTTPStatus, got.code, want, got.stdout, got.stderr)
			}
			if len(script.Requests()) == 0 {
				t.Error("no request came")
			}
			if records := h.only(); records[0].Text != "hi" || records[len(records)-1].Kind != "error" {
				t.Errorf("saved: %+v", records)
			}
		})
	}
	t.Logf("%d recorded errors", checked)
	if checked < 22 {
		t.Errorf("the corpus has %d errors, want 22 at least", checked)
	}
}
