package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

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
}

// showConfig prints every setting in effect and where it comes from: fitted to a terminal,
// or separated by tabs. An endpoint that cannot be used is told after what is known of it.
func (env *Env) showConfig(context.Context) error {
	file, err := env.file()
	if err != nil {
		return err
	}
	settings, err := env.settings(nil)
	if err != nil {
		return err
	}
	list, failed := file.Show(settings)
	var b strings.Builder
	for _, s := range list {
		line, err := env.showSetting(file, s)
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

func (env *Env) showSetting(file *config.File, s config.Setting) (string, error) {
	out := shown{Name: s.Name, Value: plainValue(s.Value), From: s.Source.Place, At: s.Source.Name}
	if s.Source.Place == config.InFile {
		at := file.Position(s.Source.Name)
		out.At = fmt.Sprintf("%s:%d:%d", configFile(), at.Line, at.Column)
	}
	if s.Source == (config.Source{}) {
		out = env.unset(s.Name)
	}
	if env.flags.JSON {
		line, err := json.Marshal(out)
		return string(line), err
	}
	if term.IsTerminal(env.Stdout) {
		return fmt.Sprintf("%-17s %s", term.Line(s.Name), term.Line(out.value()+out.source(" (", ")"))), nil
	}
	return term.Line(s.Name) + "\t" + term.Line(out.value()) + "\t" + term.Line(out.source("", "")), nil
}

func (s shown) value() string {
	if s.Value == nil {
		return "(none)"
	}
	return fmt.Sprint(s.Value)
}

// source says in a word where the value comes from, if there is one.
func (s shown) source(before, after string) string {
	switch {
	case s.Value == nil:
		return ""
	case s.From == config.InFile:
		return before + filepath.Base(s.At) + after
	case s.At != "":
		return before + s.At + after
	}
	return before + s.From + after
}

// plainValue is a value as JSON has it. Of a key it tells the end, if that is safe.
func plainValue(value any) any {
	switch v := value.(type) {
	case config.Secret:
		if tail := v.Tail(); tail != "" {
			return "…" + tail
		}
		return v.String()
	case fmt.Stringer:
		return v.String()
	case json.RawMessage:
		return string(v)
	}
	return value
}

// unset is what counts where no profile and no flag says anything.
func (env *Env) unset(name string) shown {
	limits := openai.DefaultLimits()
	value := map[string]any{
		"timeout":          fmt.Sprintf("%.0fs before the answer, %.0fs within", limits.Headers.Seconds(), limits.Silence.Seconds()),
		"connect_timeout":  limits.Connect.String(),
		"allow_plain_http": false,
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
