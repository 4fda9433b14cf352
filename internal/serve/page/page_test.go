package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFiles: each file is sent with its type and under the policy, nothing else is, and together
// they are small.
func TestFiles(t *testing.T) {
	routes := http.NewServeMux()
	AddRoutes(routes)
	size := 0
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/app.js": "text/javascript; charset=utf-8", "/chat.js": "text/javascript; charset=utf-8",
		"/live.js": "text/javascript; charset=utf-8", "/api.js": "text/javascript; charset=utf-8", "/style.css": "text/css; charset=utf-8",
		"/icon.svg": "image/svg+xml", "/index.html": "", "/page.go": "", "/x": "",
	} {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if want == "" {
			if w.Code != http.StatusNotFound {
				t.Errorf("%s: status %d", path, w.Code)
			}
			continue
		}
		size += w.Body.Len()
		if got := w.Header(); w.Code != http.StatusOK || got.Get("Content-Type") != want || got.Get("Content-Security-Policy") != Policy {
			t.Errorf("%s: status %d, %v", path, w.Code, got)
		}
	}
	if size > 60<<10 {
		t.Errorf("the page has %d bytes", size)
	}
}

// TestMonospace: fonts are named before monospace, which on a Japanese system may be one with
// narrow letters.
func TestMonospace(t *testing.T) {
	css, err := files.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(string(css), ", monospace;")
	if !strings.Contains(before, `--mono: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono"`) || strings.Contains(after, "monospace") {
		t.Error("monospace stands alone")
	}
}
