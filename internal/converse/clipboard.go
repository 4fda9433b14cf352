package converse

import (
	"encoding/base64"
	"os/exec"
	"runtime"
	"strings"

	"oax/internal/report"
	"oax/internal/term"
)

// maxOSC52 is how many bytes of text go to the terminal's clipboard: xterm takes no more
// (ctlseqs, OSC 52; as base64 the limit is 100,000).
const maxOSC52 = 74_994

// copyText puts text into the clipboard of the desktop, by the desktop's own tool, and
// into that of the terminal, which may be on another machine. It returns how the text was
// copied: only a tool confirms it.
func (c *conversation) copyText(text string) (how string, err error) {
	tool := c.clipboardTool()
	taken := false
	if tool != nil {
		cmd := exec.Command(tool[0], tool[1:]...)
		cmd.Stdin = strings.NewReader(text)
		cmd.Env = c.o.Environ
		taken = cmd.Run() == nil
	}
	terminal := term.IsTerminal(c.o.Stderr) && term.MovesCursor(c.o.Getenv("TERM"), c.o.Getenv)
	written := false
	if terminal && len(text) <= maxOSC52 {
		_, err := c.o.Stderr.WriteString("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a")
		written = err == nil
	}
	lines := report.Count(strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1, "line")
	switch {
	case taken:
		return "copied " + lines + " to the clipboard", nil
	case written:
		return "sent " + lines + " to the terminal's clipboard", nil
	case terminal:
		return "", report.Nothing("nothing copied: the text is too long for the terminal's clipboard", "")
	}
	return "", report.Nothing("nothing copied: there is no clipboard here", "")
}

// clipboardTool returns the command that reads the clipboard's new text from its standard
// input, or nil.
func (c *conversation) clipboardTool() []string {
	var tools [][]string
	switch {
	case runtime.GOOS == "darwin":
		tools = [][]string{{"pbcopy"}}
	case runtime.GOOS == "windows":
		tools = [][]string{{"clip"}}
	case c.o.Getenv("WAYLAND_DISPLAY") != "":
		tools = [][]string{{"wl-copy"}}
	case c.o.Getenv("DISPLAY") != "":
		tools = [][]string{{"xclip", "-selection", "clipboard"}, {"xsel", "--clipboard", "--input"}}
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool[0]); err == nil {
			return tool
		}
	}
	return nil
}
