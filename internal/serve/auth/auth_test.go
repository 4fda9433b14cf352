package auth

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTokens: servers that start at once get the same tokens, which nobody else can read; a file
// that holds something else is named.
func TestTokens(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	all := make([]*Auth, 8)
	var wait sync.WaitGroup
	for i := range all {
		wait.Go(func() { all[i], _ = New(dir, time.Now) })
	}
	wait.Wait()
	for _, a := range all {
		if a == nil || a.api != all[0].api || a.web != all[0].web || a.api == a.web || !strings.HasPrefix(a.api, "oax-api-") {
			t.Fatalf("%+v, %+v", a, all[0])
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 2 {
		t.Errorf("left %v", files)
	}
	if err := os.WriteFile(filepath.Join(dir, "web.token"), []byte("oax-web-short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(dir, time.Now)
	if file, ok := errors.AsType[*TokenFileError](err); !ok || filepath.Base(file.Path) != "web.token" {
		t.Error(err)
	}
}

// TestScopes: a token says what may be done, in either header; a cookie does without one.
func TestScopes(t *testing.T) {
	a, err := New(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	cookie := "c=" + a.CookieValue(time.Now().Add(time.Hour))
	for _, tt := range []struct {
		name   string
		header []string
		want   Scope
	}{
		{"nothing", nil, None},
		{"api", []string{"Authorization", "Bearer " + a.api}, API},
		{"web", []string{"X-Api-Key", a.web}, Web},
		{"both", []string{"Authorization", "Bearer " + a.api, "X-Api-Key", a.web}, API},
		{"a cookie", []string{"Cookie", cookie}, Web},
		{"a cookie that ended", []string{"Cookie", "c=" + a.CookieValue(time.Now())}, None},
		{"a cookie beside a wrong token", []string{"Cookie", cookie, "X-Api-Key", "x"}, None},
		{"a cookie of another name", []string{"Cookie", "d" + cookie}, None},
		{"a token as a cookie", []string{"Cookie", "c=" + a.web}, None},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		for i := 0; i < len(tt.header); i += 2 {
			r.Header.Set(tt.header[i], tt.header[i+1])
		}
		if got := a.ScopeOf(r, "c"); got != tt.want {
			t.Errorf("%s: scope %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestLogin: the code works once, the web token always, and nothing after a flood.
func TestLogin(t *testing.T) {
	now := time.Unix(1e9, 0)
	a, err := New(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		given string
		want  error
	}{{a.Code(), nil}, {a.Code(), ErrBadCode}, {a.web, nil}, {a.api, ErrBadCode}, {"", ErrBadCode}} {
		if got := a.Login(tt.given); got != tt.want {
			t.Errorf("%d: %v, want %v", i, got, tt.want)
		}
	}
	for range MaxFailures - 3 {
		_ = a.Login("x")
	}
	if got := a.Login(a.web); got != ErrTooManyTries {
		t.Errorf("after a flood: %v", got)
	}
	now = now.Add(FailureTime + time.Second)
	if got := a.Login(a.web); got != nil {
		t.Errorf("a minute later: %v", got)
	}
	now = now.Add(CodeAge)
	if b, _ := New(t.TempDir(), func() time.Time { return now }); b != nil {
		now = now.Add(CodeAge)
		if got := b.Login(b.Code()); got != ErrBadCode {
			t.Errorf("the code after its time: %v", got)
		}
	}
}
