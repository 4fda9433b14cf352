package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"oax/internal/config"
)

// addHints adds to a refusal what only the endpoint's settings or the endpoint
// itself can tell.
func (p *place) addHints(ctx context.Context, err error) error {
	r, ok := errors.AsType[*report](err)
	if !ok || r.signal != nil {
		return err
	}
	switch {
	case r.code == exitKey && r.kind == "401" && p.KeySource != "":
		r.hint = "which key: from " + p.KeySource
		if tail := p.Key.Tail(); tail != "" {
			r.hint += ", ends …" + tail
		}
	case r.code == exitKey && r.kind == "401":
		r.hint = "set " + cmp.Or(p.KeyEnv, "OPENAI_API_KEY") + ", or key_command in the config file"
	case r.kind == "404" && r.code == exitRefused && strings.Contains(r.what, "has no model"):
		if near := p.nearestModel(ctx); near != "" {
			r.hint = "oax models; closest: " + near
		}
	case r.code == exitRefused && p.failure != nil && r.hint == "":
		r.hint = p.refusedHint()
	}
	return r
}

// refusedHint says how not to send the field that the service has just refused.
func (p *place) refusedHint() string {
	field, instead := p.failure.Refused()
	if strings.HasPrefix(field, "messages") && strings.Contains(p.failure.Message, "'system'") {
		return fmt.Sprintf(`leave out --system, or set system_role = "user" for %s in the config file`, p.Profile)
	}
	source := p.Source("params." + field)
	switch {
	case source.Place == config.ByFlag && instead != "":
		return fmt.Sprintf("-o %s=%v in place of %s", instead, p.Params[field], source.Name)
	case source.Place == config.ByFlag:
		return "leave out " + source.Name
	case source.Place == config.InFile && instead != "":
		return fmt.Sprintf("write %s in place of %s in %s", instead, field, p.stands("params."+field))
	case source.Place == config.InFile:
		return fmt.Sprintf("remove %s from %s", field, p.stands("params."+field))
	}
	return ""
}

// stands returns where a setting stands in the file: path, line and column.
func (p *place) stands(setting string) string {
	at := p.file.Position(p.Source(setting).Name)
	if at.Line == 0 {
		return configFile()
	}
	return fmt.Sprintf("%s:%d:%d", configFile(), at.Line, at.Column)
}
