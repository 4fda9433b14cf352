// Package page is the page that a browser shows, with its files as they are sent. They hold no
// data, so they need no token; what the page shows it gets from the API.
package page

import (
	"embed"
	"net/http"
	"strings"
)

//go:embed *.html *.js *.css *.svg
var files embed.FS

// Policy is the Content-Security-Policy of the page.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// AddRoutes adds a route for each file of the page.
func AddRoutes(routes *http.ServeMux) {
	all, _ := files.ReadDir(".")
	for _, file := range all {
		name := file.Name()
		path := "GET /" + name
		if name == "index.html" {
			path = "GET /{$}"
		}
		routes.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { write(w, name) })
	}
}

func write(w http.ResponseWriter, name string) {
	types := map[string]string{"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	_, extension, _ := strings.Cut(name, ".")
	data, _ := files.ReadFile(name)
	h := w.Header()
	h.Set("Content-Type", types[extension])
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(data)
}
