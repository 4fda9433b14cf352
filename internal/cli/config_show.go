package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/export"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/term"
)

// shownSetting is a setting as --json prints it.
type shownSetting struct {
	Name  string `json:"name"`
	Value any    `json:"value"`          // null if there is none
	From  string `json:"from,omitempty"` // flag, environment, file or default
	At    string `json:"at,omitempty"`   // the flag, the variable, or path:line:column

	source string // where it comes from, in a word
}

// show prints every setting in effect and where it comes from: fitted to a terminal, or
// separated by tabs. Of an endpoint that cannot be used it prints what is known.
func (c *configCommand) show(p *Process, log *report.Writer) error {
	lib, err := p.loadConfig(log)
	if err != nil {
		return err
	}
	settings, err := c.settings(p)
	if err != nil {
		return err
	}
	list, failed := lib.file.Show(settings)
	var facts []export.Fact
	for _, setting := range list {
		s := lib.shown(setting)
		columns := []string{term.Line(s.Name), term.Line(s.text()), term.Line(s.source)}
		if s.source != "" && term.IsTerminal(p.Stdout) {
			columns = []string{columns[0], columns[1] + "  (" + columns[2] + ")"}
		}
		facts = append(facts, export.Fact{Object: s, Columns: columns})
	}
	if err := p.printFacts(facts, c.JSON, false); err != nil {
		return err
	}
	return failed
}

func (l *library) shown(s config.Setting) shownSetting {
	if s.Source == (config.Source{}) {
		return defaultSetting(l.Process, s.Name)
	}
	out := shownSetting{Name: s.Name, Value: plainValue(s.Value), From: s.Source.From, At: s.Source.Name}
	out.source = out.From
	if s.Source.From == config.InFile {
		at := l.file.Location(s.Source.Name)
		out.At, out.source = at.String(), fmt.Sprintf("%s:%d", filepath.Base(at.Path), at.Line)
	} else if out.At != "" {
		out.source = out.At
	}
	return out
}

// defaultSetting returns what applies if no profile and no flag sets a setting.
func defaultSetting(p *Process, name string) shownSetting {
	limits := openai.DefaultLimits()
	value := map[string]any{
		"timeout":          fmt.Sprintf("%.0fs before the answer, %.0fs within", limits.Headers.Seconds(), limits.Silence.Seconds()),
		"connect_timeout":  limits.Connect.String(),
		"allow_plain_http": false,
		"reasoning_tags":   false,
		"system_role":      "system",
		"api":              config.Completions,
	}[name]
	if name == "proxy" {
		for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
			if proxy := p.Getenv(variable); proxy != "" {
				return shownSetting{Name: name, Value: config.WithoutUser(proxy), From: config.ByEnv, At: variable, source: variable}
			}
		}
	}
	if value == nil {
		return shownSetting{Name: name}
	}
	return shownSetting{Name: name, Value: value, From: config.BuiltIn, source: config.BuiltIn}
}

// text returns a value that is a text as it is, and any other as JSON.
func (s shownSetting) text() string {
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

// plainValue returns a value as JSON has it. Of a key it shows the end, if that is safe.
func plainValue(value any) any {
	switch v := value.(type) {
	case config.Secret:
		if tail := v.Tail(); tail != "" {
			return "…" + tail
		}
		return v.String()
	case time.Duration:
		return shortDuration(v)
	}
	return value
}

// shortDuration returns a duration as the file has it: 10m, not 10m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	for _, unit := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, unit) {
			text = text[:len(text)-2]
		}
	}
	return text
}
