// Package auth says what a request may do. There are two tokens, each in a file of its own: that
// of scope api may use the relay alone, that of scope web everything. A browser has a cookie in
// place of the token, which it gets for a login code: it is made from the web token, so it
// outlives a restart, and ends when the token is deleted. Who sends a request (Host, Origin) and
// which scope a path needs is not decided here.
package auth

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

// Scope is what a request may do.
type Scope int

const (
	None Scope = iota
	API
	Web
)

// Limits of a login.
const (
	CookieAge   = 30 * 24 * time.Hour
	CodeAge     = 10 * time.Minute
	MaxFailures = 10 // failed logins in FailureTime
	FailureTime = time.Minute
)

// Auth knows the tokens, the login code of this start, and the failed logins. It may be used by
// any number of goroutines.
type Auth struct {
	api, web string
	code     string
	now      func() time.Time

	mu       sync.Mutex
	unused   bool // the code
	codeEnds time.Time
	failures []time.Time
}

// New reads the tokens in a directory, and makes those that are not there. The error is that of
// the operating system, or a TokenFileError.
func New(dir string, now func() time.Time) (*Auth, error) {
	a := &Auth{now: now, code: randomText(), unused: true, codeEnds: now().Add(CodeAge)}
	var err error
	if a.api, err = token(dir, "api"); err != nil {
		return nil, err
	}
	a.web, err = token(dir, "web")
	return a, err
}

// Code returns the login code of this start.
func (a *Auth) Code() string { return a.code }

// APIToken returns the token of scope api, and makes it if it is not there. dir is the
// directory of the server's state. The error is that of New.
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

// ScopeOf returns what a request may do: by its token, else by the cookie with a name.
func (a *Auth) ScopeOf(r *http.Request, cookie string) Scope {
	given := r.Header.Get("x-api-key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		given = bearer
	}
	switch {
	case equal(given, a.web):
		return Web
	case equal(given, a.api):
		return API
	case given != "":
		return None
	}
	if c, err := r.Cookie(cookie); err == nil && a.validCookie(c.Value) {
		return Web
	}
	return None
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// CookieValue is when a cookie ends and a proof, made with the web token, that this server said
// so.
func (a *Auth) CookieValue(ends time.Time) string {
	at := ends.UTC().Format("20060102T150405Z")
	sum := sha256.Sum256([]byte("cookie " + at + " " + a.web))
	return at + "." + base64.RawURLEncoding.EncodeToString(sum[:])
}

func (a *Auth) validCookie(value string) bool {
	at, _, _ := strings.Cut(value, ".")
	ends, err := time.Parse("20060102T150405Z", at)
	return err == nil && a.now().Before(ends) && equal(value, a.CookieValue(ends))
}

// ErrBadCode and ErrTooManyTries are why Login refuses.
var (
	ErrBadCode      = errors.New("the code is wrong, was used, or is over 10 minutes old; start `oax serve` again for a new one, or use the web token")
	ErrTooManyTries = errors.New("too many failed logins; wait a minute")
)

// Login takes the login code, which works once, or the web token. After too many failures it
// refuses whatever is given.
func (a *Auth) Login(given string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for len(a.failures) > 0 && now.Sub(a.failures[0]) > FailureTime {
		a.failures = a.failures[1:]
	}
	if len(a.failures) >= MaxFailures {
		return ErrTooManyTries
	}
	switch {
	case equal(given, a.web):
		return nil
	case a.unused && now.Before(a.codeEnds) && equal(given, a.code):
		a.unused = false
		return nil
	}
	a.failures = append(a.failures, now)
	return ErrBadCode
}
