package serve

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Who may do what. There are two tokens, each in a file of its own: that of scope api may
// use the relay alone, that of scope web everything. A browser has a cookie in place of the
// token: it is made from the web token, so it outlives a restart, and ends when the token
// is deleted.

type scope int

const (
	noScope scope = iota
	apiScope
	webScope
)

const (
	cookieAge   = 30 * 24 * time.Hour
	codeAge     = 10 * time.Minute
	maxFailures = 10 // failed logins in failureTime
	failureTime = time.Minute
)

// auth knows the tokens, the login code of this start, and the failed logins.
type auth struct {
	api, web string
	now      func() time.Time

	mu       sync.Mutex
	code     string // empty once it was used
	codeEnds time.Time
	failures []time.Time
}

// newAuth reads the tokens in a directory, and makes those that are not there. The error is
// that of the operating system, or of a file that holds no token.
func newAuth(dir string, now func() time.Time) (*auth, error) {
	a := &auth{now: now, code: randomText(), codeEnds: now().Add(codeAge)}
	var err error
	if a.api, err = token(dir, "api"); err != nil {
		return nil, err
	}
	a.web, err = token(dir, "web")
	return a, err
}

// APIToken returns the token of scope api, and makes it if it is not there. dir is the
// directory of the server's state. The error is that of newAuth.
func APIToken(dir string) (string, error) { return token(dir, "api") }

// token returns the token in dir/NAME.token. Two servers that start at once get the same.
func token(dir, name string) (string, error) {
	prefix := "oax-" + name + "-"
	path := filepath.Join(dir, name+".token")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		if err := writeNew(path, prefix+randomText()+"\n"); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(data))
	if len(text) != len(prefix)+len(randomText()) || !strings.HasPrefix(text, prefix) {
		return "", &TokenFileError{Path: path}
	}
	return text, nil
}

// TokenFileError says that a file of a token holds something else.
type TokenFileError struct{ Path string }

func (e *TokenFileError) Error() string {
	return fmt.Sprintf("%s does not hold a token of oax", e.Path)
}

// writeNew writes a private file that appears whole. An error is fs.ErrExist if there is
// one already.
func writeNew(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// randomText returns 256 random bits in base64url.
func randomText() string {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// scopeOf returns what a request may do: by its token, else by its cookie.
func (a *auth) scopeOf(r *http.Request, cookie string) scope {
	given := r.Header.Get("x-api-key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		given = bearer
	}
	switch {
	case equal(given, a.web):
		return webScope
	case equal(given, a.api):
		return apiScope
	case given != "":
		return noScope
	}
	if c, err := r.Cookie(cookie); err == nil && a.validCookie(c.Value) {
		return webScope
	}
	return noScope
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// cookieValue is when the cookie ends and a proof, made with the web token, that this
// server said so.
func (a *auth) cookieValue(ends time.Time) string {
	at := ends.UTC().Format("20060102T150405Z")
	sum := sha256.Sum256([]byte("cookie " + at + " " + a.web))
	return at + "." + base64.RawURLEncoding.EncodeToString(sum[:])
}

func (a *auth) validCookie(value string) bool {
	at, _, _ := strings.Cut(value, ".")
	ends, err := time.Parse("20060102T150405Z", at)
	return err == nil && a.now().Before(ends) && equal(value, a.cookieValue(ends))
}

// login takes the login code, which works once, or the web token. After too many failures
// it refuses whatever is given.
func (a *auth) login(given string) *apiError {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for len(a.failures) > 0 && now.Sub(a.failures[0]) > failureTime {
		a.failures = a.failures[1:]
	}
	if len(a.failures) >= maxFailures {
		return errTooManyTries
	}
	switch {
	case equal(given, a.web):
		return nil
	case a.code != "" && now.Before(a.codeEnds) && equal(given, a.code):
		a.code = ""
		return nil
	}
	a.failures = append(a.failures, now)
	return errBadCode
}
