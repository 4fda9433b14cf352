package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/term"
)

// shown is a setting as --json prints it.
type shown struct {
	Name  string `json:"name"`
	Value any    `json:"value"`          // null if there is none
	From  string `json:"from,omitempty"` // flag, environment, file or default
	At    string `json:"at,omitempty"`   // the flag, the variable, or path:line:column

	line int // in the file
}

// showConfig prints every setting in effect and where it comes from: fitted to a terminal,
// or separated by tabs. An endpoint that cannot be used is told after what is known of it.
func (env *Env) showConfig(context.Context) error {
	file, err := env.file()
	if err != nil {
		return err
	}
	given, err := env.settings(nil)
	if err != nil {
		return err
	}
	list, failed := file.Show(given)
	var settings []shown
	longest := 0
	for _, s := range list {
		settings = append(settings, env.shown(file, s))
		longest = max(longest, term.Width(s.Name))
	}
	var b strings.Builder
	for _, s := range settings {
		line, err := env.settingLine(s, longest)
		if err != nil {
			return err
		}
		b.WriteString(line + "\n")
	}
	if err := env.print(b.String()); err != nil {
		return err
	}
	return failed
}

func (env *Env) shown(file *config.File, s config.Setting) shown {
	out := shown{Name: s.Name, Value: plainValue(s.Value), From: s.Source.Place, At: s.Source.Name}
	if s.Source.Place == config.InFile {
		at := file.Position(s.Source.Name)
		out.line, out.At = at.Line, fmt.Sprintf("%s:%d:%d", configFile(), at.Line, at.Column)
	}
	if s.Source == (config.Source{}) {
		return env.unset(s.Name)
	}
	return out
}

// settingLine is a JSON object, or columns: the first as wide as the longest name, or
// parted by tabs.
func (env *Env) settingLine(s shown, longest int) (string, error) {
	if env.flags.JSON {
		line, err := json.Marshal(s)
		return string(line), err
	}
	name, value, source := term.Line(s.Name), term.Line(s.value()), term.Line(s.source())
	if !term.IsTerminal(env.Stdout) {
		return name + "\t" + value + "\t" + source, nil
	}
	if source != "" {
		source = "  (" + source + ")"
	}
	return name + strings.Repeat(" ", longest-term.Width(name)+2) + value + source, nil
}

// value is a text as it is, and anything else as JSON.
func (s shown) value() string {
	switch v := s.Value.(type) {
	case nil:
		return "(none)"
	case string:
		return v
	}
	text, err := json.Marshal(s.Value)
	if err != nil {
		return fmt.Sprint(s.Value)
	}
	return string(text)
}

// source says in a word where the value comes from, if there is one.
func (s shown) source() string {
	switch {
	case s.Value == nil:
		return ""
	case s.line > 0:
		return fmt.Sprintf("%s:%d", filepath.Base(configFile()), s.line)
	case s.At != "":
		return s.At
	}
	return s.From
}

// plainValue is a value as JSON has it. Of a key it tells the end, if that is safe.
func plainValue(value any) any {
	switch v := value.(type) {
	case config.Secret:
		if tail := v.Tail(); tail != "" {
			return "…" + tail
		}
		return v.String()
	case time.Duration:
		return shortTime(v)
	}
	return value
}

// shortTime leaves out the units that are zero: 10m, not 10m0s.
func shortTime(d time.Duration) string {
	text := d.String()
	for _, unit := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, unit) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// unset is what counts where no profile and no flag says anything.
func (env *Env) unset(name string) shown {
	limits := openai.DefaultLimits()
	value := map[string]any{
		"timeout":          fmt.Sprintf("%.0fs before the answer, %.0fs within", limits.Headers.Seconds(), limits.Silence.Seconds()),
		"connect_timeout":  limits.Connect.String(),
		"allow_plain_http": false,
		"reasoning_tags":   false,
		"system_role":      "system",
		"sessions.name":    "%Y-%m-%d_%H-%M-%S",
	}[name]
	if name == "proxy" {
		for _, v := range []variable{env.firstSet("HTTPS_PROXY", "https_proxy"), env.firstSet("HTTP_PROXY", "http_proxy"), env.firstSet("ALL_PROXY", "all_proxy")} {
			if v.value != "" {
				return shown{Name: name, Value: config.WithoutUser(v.value), From: config.ByEnv, At: v.name}
			}
		}
	}
	out := shown{Name: name, Value: value}
	if value != nil {
		out.From = config.BuiltIn
	}
	return out
}
