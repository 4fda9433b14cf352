package term

import (
	"fmt"
	"strings"
	"testing"
)

func TestColour(t *testing.T) {
	for _, c := range []struct {
		mode string
		tty  bool
		env  string
		want bool
	}{
		{"auto", true, "TERM=xterm", true},
		{"auto", false, "TERM=xterm", false},
		{"auto", true, "", false},
		{"auto", true, "TERM=dumb", false},
		{"auto", true, "TERM=unheard-of TERMINFO=testdata/terminfo", false},
		{"auto", true, "TERM=my-own TERMINFO=testdata/terminfo", true},
		{"auto", true, "TERM=xterm-unheard-of TERMINFO=testdata/terminfo", true},
		{"auto", true, "TERM=xterm NO_COLOR=1", false},
		{"auto", true, "TERM=xterm NO_COLOR=", true},
		{"auto", true, "TERM=xterm NO_COLOR=0", false},
		{"always", true, "TERM=xterm NO_COLOR=1", true},
		{"always", false, "TERM=dumb", true},
		{"never", true, "TERM=xterm FORCE_COLOR=1", false},
		{"auto", false, "CLICOLOR_FORCE=1", true},
		{"auto", false, "CLICOLOR_FORCE=0", false},
		{"auto", false, "FORCE_COLOR=1", true},
		{"auto", false, "FORCE_COLOR=3", true},
		{"auto", false, "FORCE_COLOR=true", true},
		{"auto", false, "FORCE_COLOR=", false},
		{"auto", true, "TERM=xterm FORCE_COLOR=0", true},
		{"auto", false, "FORCE_COLOR=false", false},
		{"auto", true, "TERM=dumb FORCE_COLOR=1", true},
		{"auto", true, "TERM=xterm NO_COLOR=1 FORCE_COLOR=1", false},
		{"auto", true, "TERM=xterm CLICOLOR=0", false},
		{"auto", true, "TERM=xterm CLICOLOR=1", true},
		{"auto", true, "TERM=xterm CLICOLOR=0 CLICOLOR_FORCE=1", true},
	} {
		t.Run(fmt.Sprintf("%s tty=%v %s", c.mode, c.tty, c.env), func(t *testing.T) {
			getenv := func(name string) string {
				for _, set := range strings.Fields(c.env) {
					if key, value, _ := strings.Cut(set, "="); key == name {
						return value
					}
				}
				return ""
			}
			if got := Colour(c.mode, c.tty, getenv); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
