package serve

import "net/http"

// login exchanges a login code or the web token for a cookie.
func (s *Server) login(w http.ResponseWriter, r *http.Request) *apiError {
	var body struct {
		Code string `json:"code"`
	}
	if failure := readJSON(w, r, &body); failure != nil {
		return failure
	}
	if failure := s.auth.login(body.Code); failure != nil {
		if failure == errTooManyTries {
			w.Header().Set("Retry-After", "60")
		}
		return failure
	}
	s.setCookie(w, s.auth.cookieValue(s.config.Now().Add(cookieAge)), int(cookieAge.Seconds()))
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
