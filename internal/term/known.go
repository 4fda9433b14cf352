package term

import (
	"fmt"
	"os"
	"path/filepath"
)

// MovesCursor reports whether a terminal that TERM gives this name can move its
// cursor: it has a description in one of the usual directories (terminfo(5)). Where
// there are none at all, every name but dumb is believed.
func MovesCursor(name string, getenv func(string) string) bool {
	if name == "" || name == "dumb" {
		return false
	}
	found := false
	for _, dir := range []string{
		getenv("TERMINFO"), filepath.Join(getenv("HOME"), ".terminfo"),
		"/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/share/lib/terminfo", "/usr/local/share/terminfo",
	} {
		for _, first := range []string{name[:1], fmt.Sprintf("%x", name[0])} {
			if _, err := os.Stat(filepath.Join(dir, first, filepath.Base(name))); err == nil {
				return true
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
			found = true
		}
		if _, err := os.Stat(filepath.Join(dir, "78")); err == nil {
			found = true
		}
	}
	return !found
}
