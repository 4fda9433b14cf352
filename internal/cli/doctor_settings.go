package cli

import (
	"context"
	"fmt"
	"os"

	"oax/internal/config"
	"oax/internal/openai"
)

// checkSettings checks what needs no network. The place has no client if nothing can be
// sent to it. It is never nil.
func (d *doctor) checkSettings(ctx context.Context) *place {
	file, err := d.checkFile()
	d.env.config = file // as far as it can be read; nobody is to tell of it again
	if err != nil {
		return &place{}
	}
	one := 1
	d.env.flags.MaxTokens = &one
	given, err := d.env.settings(nil)
	if err != nil {
		d.bad("settings", err)
		return &place{}
	}
	settled, _ := file.Show(given)
	place, failed := d.env.settle(ctx, nil)
	if ctx.Err() != nil {
		return place
	}
	about := settingOf(failed)
	for _, name := range []string{"profile", "base_url", "model", "key"} {
		if name == about {
			d.bad(settingName(name), failed)
			continue
		}
		for _, s := range settled {
			if s.Name == name {
				d.checkSetting(place, d.env.shown(file, s))
			}
		}
	}
	if failed != nil && about == "" {
		d.bad("settings", failed)
	}
	d.reachable(place, failed)
	return place
}

// checkFile returns what the configuration says, nothing of one that cannot be read.
func (d *doctor) checkFile() (*config.File, error) {
	const name = "configuration"
	if err := d.env.checkHome(); err != nil {
		d.bad(name, err)
		return &config.File{}, err
	}
	path := configFile()
	file, warnings, err := config.Load(path)
	if err != nil {
		d.bad(name, err)
		return &config.File{}, err
	}
	for _, w := range warnings {
		d.bad(name, &report{what: w.String(), hint: w.Hint, code: exitUsage})
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		d.none(name, "none; "+path+" would be it", "oax config init")
	case len(warnings) == 0:
		d.ok(name, fmt.Sprintf("%s (%04o)", path, info.Mode().Perm()))
	}
	return file, nil
}

// settingOf returns the setting that an error is about.
func settingOf(err error) string {
	switch err.(type) {
	case *config.UnknownProfileError:
		return "profile"
	case *config.NoBaseURLError, *config.BaseURLError, *config.PlainHTTPError:
		return "base_url"
	case *config.NoKeyError, *config.KeyCommandError, *config.KeyError:
		return "key"
	}
	return ""
}

func settingName(setting string) string {
	if setting == "base_url" {
		return "base URL"
	}
	return setting
}

// checkSetting tells a setting and where it comes from.
func (d *doctor) checkSetting(p *place, s shown) {
	text, name := s.value(), settingName(s.Name)
	if source := s.source(); source != "" {
		text += " (" + source + ")"
	}
	switch {
	case s.Name == "base_url" && p.demo != nil:
		d.ok(name, p.BaseURL+" (inside oax; nothing leaves this machine)")
	case s.Name == "key" && p.Key.Reveal() != "":
		d.ok(name, fmt.Sprintf("%v (%s)", plainValue(p.Key), p.KeySource))
	case s.Name == "key" && s.Value == nil:
		d.none(name, "none, and none is needed", "")
	case s.Name == "model" && p.Model == "" && p.NeedsModel:
		d.tell(check{Name: name, State: bad, Text: "none is named", Hint: "oax models lists them; then -m NAME, or model in the configuration", code: exitUsage})
	case s.Name == "model" && p.Model == "" && p.Local:
		d.none(name, "none is named: the first that the endpoint lists is asked", "")
	case s.Name == "model" && p.Model == "":
		d.none(name, "none is named: the endpoint decides", "")
	case s.Name == "model" && s.Value == nil:
		d.ok(name, p.Model+" (the first that the endpoint lists)")
	default:
		d.ok(name, text)
	}
}

// reachable makes a client where only the key is missing: the way to the endpoint can be
// checked without.
func (d *doctor) reachable(p *place, failed error) {
	if _, keyless := failed.(*config.NoKeyError); keyless {
		if err := p.connect(d.env); err != nil {
			d.bad("settings", err)
			p.client = nil
		}
	} else if failed != nil {
		p.client = nil
	}
	if d.env.flags.DryRun {
		p.client = nil
	}
	if p.client == nil {
		return
	}
	if d.env.flags.Timeout == 0 {
		p.client.Limits = patient(openai.DefaultLimits(), doctorPatience)
		if p.ConnectTimeout > 0 {
			p.client.Limits.Connect, p.client.Limits.TLS = p.ConnectTimeout, p.ConnectTimeout
		}
	}
}
