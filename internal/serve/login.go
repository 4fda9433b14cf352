package serve

import (
	"net/http"

	"oax/internal/serve/auth"
)

// login exchanges a login code or the web token for a cookie.
func (s *Server) login(w http.ResponseWriter, r *http.Request) *apiError {
	var body struct {
		Code string `json:"code"`
	}
	if failure := readJSON(w, r, &body); failure != nil {
		return failure
	}
	switch err := s.auth.Login(body.Code); err {
	case nil:
	case auth.ErrTooManyTries:
		w.Header().Set("Retry-After", "60")
		return &apiError{status: http.StatusTooManyRequests, code: "too_many_tries", message: err.Error()}
	default:
		return &apiError{status: http.StatusUnauthorized, code: "bad_code", message: err.Error()}
	}
	s.setCookie(w, s.auth.CookieValue(s.config.Now().Add(auth.CookieAge)), int(auth.CookieAge.Seconds()))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// logout takes the cookie back.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, "", -1)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.config.TLS != nil})
}
