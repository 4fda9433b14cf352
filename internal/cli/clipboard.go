package cli

import (
	"encoding/base64"
	"os/exec"
	"runtime"
	"strings"

	"oax/internal/term"
)

// maxOSC52 is how much text goes to the terminal's clipboard: xterm takes no more
// than 74,994 bytes of it (ctlseqs, OSC 52; as base64 the limit is 100,000).
const maxOSC52 = 74_994

// copyText puts text into the desktop's clipboard by its own tool, and into that of
// the terminal, which may be on another machine. It reports whether either may have
// taken it.
func (env *Env) copyText(text string) bool {
	taken := false
	if tool := env.clipboardTool(); tool != nil {
		cmd := exec.Command(tool[0], tool[1:]...)
		cmd.Stdin = strings.NewReader(text)
		cmd.Env = env.withoutKeys()
		taken = cmd.Run() == nil
	}
	if term.IsTerminal(env.Stderr) && len(text) <= maxOSC52 {
		_, err := env.Stderr.WriteString("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a")
		taken = taken || err == nil
	}
	return taken
}

// clipboardTool returns the command that reads the clipboard's new text, or nil.
func (env *Env) clipboardTool() []string {
	var tools [][]string
	switch {
	case runtime.GOOS == "darwin":
		tools = [][]string{{"pbcopy"}}
	case runtime.GOOS == "windows":
		tools = [][]string{{"clip"}}
	case env.getenv("WAYLAND_DISPLAY") != "":
		tools = [][]string{{"wl-copy"}}
	case env.getenv("DISPLAY") != "":
		tools = [][]string{{"xclip", "-selection", "clipboard"}, {"xsel", "--clipboard", "--input"}}
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool[0]); err == nil {
			return tool
		}
	}
	return nil
}
