//go:build !darwin && !windows

package cli

import "testing"

func TestBaseDirs(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	for _, tt := range []struct {
		name, fallback string
		dir            func() string
	}{
		{"XDG_CONFIG_HOME", "/home/ann/.config", configHome},
		{"XDG_DATA_HOME", "/home/ann/.local/share", dataHome},
		{"XDG_STATE_HOME", "/home/ann/.local/state", stateHome},
		{"XDG_CACHE_HOME", "/home/ann/.cache", cacheHome},
	} {
		for set, want := range map[string]string{"": tt.fallback, "rel/ative": tt.fallback, "/abs": "/abs"} {
			t.Setenv(tt.name, set)
			if got := tt.dir(); got != want {
				t.Errorf("%s=%s: %s, want %s", tt.name, set, got, want)
			}
		}
	}
}
