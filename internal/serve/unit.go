package serve

import (
	"html"
	"path/filepath"
	"runtime"
	"strings"
)

// Unit returns the file by which the system runs a program as a server of its user, and what
// to type to install it: a property list for launchd on macOS, else a unit for systemd. dir
// is the directory of the server's state.
func Unit(dir, program string, args ...string) (file, hint string) {
	command := append([]string{program}, args...)
	if runtime.GOOS == "darwin" {
		return launchdUnit(filepath.Join(dir, "serve.log"), command),
			"oax serve --unit > ~/Library/LaunchAgents/oax.plist && launchctl load -w ~/Library/LaunchAgents/oax.plist"
	}
	return systemdUnit(command),
		"oax serve --unit > ~/.config/systemd/user/oax.service && systemctl --user enable --now oax"
}

// systemdUnit: systemd.service(5). A word is quoted as systemd.syntax(7) says; % and $ stand
// for something there.
func systemdUnit(command []string) string {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$", "\n", `\n`)
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = `"` + quote.Replace(word) + `"`
	}
	return `[Unit]
Description=oax serve: chats in a browser, and a gateway for other programs

[Service]
ExecStart=` + strings.Join(words, " ") + `
Restart=on-failure
# Keys in the environment of your shell are not known here; key_command in config.toml is.

[Install]
WantedBy=default.target
`
}

// launchdUnit: launchd.plist(5).
func launchdUnit(log string, command []string) string {
	text := func(s string) string { return "<string>" + html.EscapeString(s) + "</string>" }
	var words strings.Builder
	for _, word := range command {
		words.WriteString("\n    " + text(word))
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>oax</string>
  <key>ProgramArguments</key>
  <array>` + words.String() + `
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>StandardOutPath</key>` + text(log) + `
  <key>StandardErrorPath</key>` + text(log) + `
</dict>
</plist>
`
}
