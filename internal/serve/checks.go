package serve

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"oax/internal/serve/auth"
)

// The checks that every request passes before anything is done for it, in this order:
// host, origin, token, scope. Path, method and content type follow in the routes.

// check refuses a request that may not go on. Which checks apply depends on the path: the
// page and its files are public, since they hold no data.
func (s *Server) check(r *http.Request) *apiError {
	if !s.knownHost(r.Host) {
		return errWrongHost
	}
	if !guarded(r.URL.Path) {
		return nil
	}
	if !s.knownOrigin(r) {
		return errWrongOrigin
	}
	if strings.Contains(r.URL.Path+"/", "/../") {
		return errNotFound
	}
	if r.URL.Path == "/api/login" || isPreflight(r) {
		return nil
	}
	switch s.auth.ScopeOf(r, s.cookieName()) {
	case auth.None:
		return errUnauthorized
	case auth.API:
		if !isRelayed(r.URL.Path) {
			return errWrongScope
		}
	}
	return nil
}

func isRelayed(path string) bool {
	return path == "/models" || strings.HasPrefix(path, "/v1/")
}

func guarded(path string) bool { return isRelayed(path) || strings.HasPrefix(path, "/api/") }

// knownHost reports whether the Host header names this server. An address cannot be the
// name of a foreign page that DNS now leads here, which is what DNS rebinding does; a name
// can, so only localhost and configured ones count.
func (s *Server) knownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.ToLower(host)
	return host == "localhost" || slices.Contains(s.config.Hosts, host)
}

// knownOrigin reports whether a request comes from no page, from a page of this server, or
// on /v1 from a page that the configuration allows. Only a browser sends Origin and
// Sec-Fetch-Site, and a page cannot change them (Fetch Standard, "forbidden
// request-header").
func (s *Server) knownOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	if len(origins) > 1 {
		return false
	}
	return origins[0] == s.scheme()+"://"+r.Host || s.allowedOrigin(r) != ""
}

// allowedOrigin returns the origin of a page that may use the relay, or nothing.
func (s *Server) allowedOrigin(r *http.Request) string {
	origin := r.Header.Get("Origin")
	if isRelayed(r.URL.Path) && slices.Contains(s.config.Origins, origin) {
		return origin
	}
	return ""
}

// isPreflight reports whether a browser asks if a page may send a request (Fetch Standard,
// "CORS-preflight request"). It carries no token.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && isRelayed(r.URL.Path) &&
		r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// allowOrigin adds the headers by which a browser lets a page of an allowed origin read
// the reply.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) {
	if len(s.config.Origins) > 0 && isRelayed(r.URL.Path) {
		w.Header().Add("Vary", "Origin")
	}
	if origin := s.allowedOrigin(r); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "X-Oax-Session, X-Request-Id")
	}
}

// preflight answers a preflight request of an allowed origin.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	if s.allowedOrigin(r) != "" {
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, HEAD")
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			w.Header().Set("Access-Control-Allow-Headers", asked)
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// isJSON reports whether the body of a request is declared as JSON. Parameters such as
// charset may follow. A page of another origin cannot send that type without a preflight.
func isJSON(r *http.Request) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == "application/json"
}
