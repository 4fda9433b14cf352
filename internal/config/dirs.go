package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"runtime"
)

// Dirs are the base directories of the XDG Base Directory Specification (version 0.8),
// or what stands for them on macOS and Windows. All are absolute.
type Dirs struct{ Home, Config, Data, State, Cache string }

// NoHomeError says that neither a home directory nor the XDG variables are set.
type NoHomeError struct{}

func (*NoHomeError) Error() string { return "cannot find a home directory" }

// FindDirs finds the directories by the environment. A variable that holds no absolute
// path is ignored, as the specification says. Without a home directory both
// XDG_CONFIG_HOME and XDG_DATA_HOME must be set, or the error is a *NoHomeError; state
// and cache are then below the data directory, so that nothing is written elsewhere.
func FindDirs(getenv func(string) string) (Dirs, error) {
	home := getenv("HOME")
	if runtime.GOOS == "windows" {
		home = getenv("USERPROFILE")
	}
	if !filepath.IsAbs(home) {
		home = ""
	}
	dir := func(variable, unix, macOS, windows string) string {
		if path := getenv(variable); filepath.IsAbs(path) {
			return path
		}
		switch {
		case home == "":
			return ""
		case runtime.GOOS == "darwin":
			return filepath.Join(home, "Library", macOS)
		case runtime.GOOS == "windows":
			return filepath.Join(cmp.Or(getenv("LOCALAPPDATA"), filepath.Join(home, "AppData", "Local")), windows)
		}
		return filepath.Join(home, unix)
	}
	d := Dirs{
		Home:   home,
		Config: dir("XDG_CONFIG_HOME", ".config", "Application Support", ""),
		Data:   dir("XDG_DATA_HOME", ".local/share", "Application Support", ""),
		State:  dir("XDG_STATE_HOME", ".local/state", "Application Support", ""),
		Cache:  dir("XDG_CACHE_HOME", ".cache", "Caches", "cache"),
	}
	if d.Config == "" || d.Data == "" {
		return d, &NoHomeError{}
	}
	d.State = cmp.Or(d.State, filepath.Join(d.Data, "oax", "state"))
	d.Cache = cmp.Or(d.Cache, filepath.Join(d.Data, "oax", "cache"))
	return d, nil
}

// ConfigFile returns where the configuration is. It need not exist.
func (d Dirs) ConfigFile() string { return filepath.Join(d.Config, "oax", "config.toml") }

// Sessions returns the directory of the sessions.
func (d Dirs) Sessions() string { return filepath.Join(d.Data, "oax", "sessions") }

// StateDir returns the directory of drafts, the debug log and crash files.
func (d Dirs) StateDir() string { return filepath.Join(d.State, "oax") }

// Draft returns the file of the message that was typed and not sent.
func (d Dirs) Draft() string { return filepath.Join(d.StateDir(), "draft.txt") }

// DebugLog returns the file that --debug writes by default.
func (d Dirs) DebugLog() string { return filepath.Join(d.StateDir(), "debug.log") }

// ResponsesOnly returns the file with the models that an endpoint has only in the Responses
// API, as it was found out.
func (d Dirs) ResponsesOnly(baseURL string) string { return d.Models(baseURL) + ".responses" }

// Models returns the file in which the models of an endpoint are listed for completion.
// Its name is a hash, since a base URL is no file name.
func (d Dirs) Models(baseURL string) string {
	sum := sha256.Sum256([]byte(baseURL))
	return filepath.Join(d.Cache, "oax", "models", hex.EncodeToString(sum[:8]))
}
