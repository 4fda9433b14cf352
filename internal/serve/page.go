package serve

import (
	"embed"
	"net/http"
	"strings"
)

// The page and its files. They hold no data, so they need no token.

//go:embed page
var pageFiles embed.FS

const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageRoutes adds a route for each file of the page.
func (s *Server) pageRoutes(routes *http.ServeMux) {
	files, _ := pageFiles.ReadDir("page")
	for _, file := range files {
		name := file.Name()
		path := "GET /" + name
		if name == "index.html" {
			path = "GET /{$}"
		}
		routes.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { writePage(w, name) })
	}
}

func writePage(w http.ResponseWriter, name string) {
	types := map[string]string{"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	_, extension, _ := strings.Cut(name, ".")
	data, _ := pageFiles.ReadFile("page/" + name)
	h := w.Header()
	h.Set("Content-Type", types[extension])
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(data)
}
