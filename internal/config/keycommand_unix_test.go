//go:build unix

package config

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func withCommand(t *testing.T, command string) *File {
	t.Helper()
	return load(t, "profile = 'p'\n[profiles.p]\nbase_url = 'https://a.example'\nkey = 'unused'\nkey_command = '''"+command+"'''\n")
}

func TestKeyCommand(t *testing.T) {
	for _, tt := range []struct{ name, command, key, err string }{
		{"prints", `printf 'k1\n'`, "k1", ""},
		{"environment", `echo "$SECRET_STORE"`, "from-env", ""},
		{"no standard input", `cat; echo k2`, "k2", ""},
		{"fails", "false", "", "key_command exited 1"},
		{"fails with words", `echo; echo ' no such entry' >&2; echo more >&2; exit 7`, "", "key_command exited 7: no such entry"},
		{"prints nothing", "true", "", "key_command printed no key"},
		{"prints a blank line", "echo", "", "key_command printed no key"},
		{"prints two lines", "echo a; echo b", "", "the API key holds a line break; check key_command in PATH:5"},
		{"is killed", "kill -9 $$", "", "key_command failed: signal: killed"},
		{"hangs", "sleep 99", "", "key_command did not finish in 0.2 s"},
		{"hangs in a child", "sleep 99 & sleep 98; echo k", "", "key_command did not finish in 0.2 s"},
		{"never stops printing", "yes", "", "key_command did not finish in 0.2 s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, s := withCommand(t, tt.command), Settings{Environ: []string{"SECRET_STORE=from-env", "PATH=/usr/bin:/bin"}}
			if tt.err == "key_command did not finish in 0.2 s" {
				s.KeyLimit = 200 * time.Millisecond
			}
			begun := time.Now()
			e, err := f.Endpoint(t.Context(), s)
			if took := time.Since(begun); took > time.Minute { // sleep goes on for longer
				t.Errorf("took %v: a child outlived the limit", took)
			}
			if e.Key.Reveal() != tt.key || (err == nil) != (tt.err == "") || err != nil && strings.Replace(err.Error(), f.Path, "PATH", 1) != tt.err {
				t.Errorf("%q, %v", e.Key.Reveal(), err)
			}
			if tt.key != "" && e.KeySource != "key_command" {
				t.Errorf("source %q", e.KeySource)
			}
		})
	}
}

func TestKeyCommandStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := withCommand(t, "sleep 99").Endpoint(ctx, Settings{Environ: []string{"PATH=/usr/bin:/bin"}})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > time.Minute {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
	if _, ok := errors.AsType[*KeyCommandError](err); ok {
		t.Error("the limit is blamed")
	}
}
