package cli

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
)

// The base directories of the XDG Base Directory Specification, version 0.8, and what
// stands for them on macOS and Windows. A path that is not absolute is ignored, as the
// specification says. They are found when they are asked for: most runs need two.
func configHome() string { return baseDir("XDG_CONFIG_HOME", ".config", "Application Support", "") }
func dataHome() string   { return baseDir("XDG_DATA_HOME", ".local/share", "Application Support", "") }
func stateHome() string  { return baseDir("XDG_STATE_HOME", ".local/state", "Application Support", "") }
func cacheHome() string  { return baseDir("XDG_CACHE_HOME", ".cache", "Caches", "cache") }

// baseDir returns the directory that a variable names, or the one that the system has
// for it: below the home directory, below Library there, or below %LOCALAPPDATA%.
func baseDir(variable, unix, macOS, windows string) string {
	if path := os.Getenv(variable); filepath.IsAbs(path) {
		return path
	}
	home, _ := os.UserHomeDir() // whether there is one, checkHome says
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", macOS)
	case "windows":
		return filepath.Join(cmp.Or(os.Getenv("LOCALAPPDATA"), filepath.Join(home, "AppData", "Local")), windows)
	}
	return filepath.Join(home, unix)
}
