package cli

import (
	"cmp"
	"context"
	"os"
	"slices"

	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/report"
	"oax/internal/serve"
)

// serveCommand runs the gateway and the page.
type serveCommand struct {
	baseFlags
	Profile string `short:"p" placeholder:"NAME" help:"Profile that is used if a request names none ($$OAX_PROFILE)."`
	Model   string `short:"m" placeholder:"NAME" help:"Model of the page's new chats ($$OAX_MODEL)."`
	Listen  string `placeholder:"ADDRESS" help:"Address and port; port 0 takes any. Default: 127.0.0.1:8629."`
	Open    bool   `help:"Open the page in a browser."`
	TLS     bool   `name:"tls" help:"Encrypt, with a certificate that oax makes."`
	Expose  bool   `help:"Let other machines connect without encryption: something else encrypts."`
	Verbose bool   `short:"v" help:"Print a line for each request."`
	Unit    bool   `help:"Start nothing; print a unit by which the server starts when you log in: systemd's, or launchd's on macOS."`
	Env     bool   `help:"Start nothing; print what a shell exports so that other programs use the server."`
}

// Run serves until a signal comes.
func (c *serveCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	lib, err := p.openLibrary(ctx, log, c.Env || c.Unit)
	if err != nil {
		return err
	}
	file := lib.file.Serve
	listen := cmp.Or(c.Listen, file.Listen, serve.DefaultAddress)
	dir := serve.StateDir(lib.dirs)
	if c.Env {
		text, err := serve.Env(dir, listen)
		if err != nil {
			return err
		}
		return p.print(text)
	}
	if c.Unit {
		return c.printUnit(p, dir, log)
	}
	options := endpoint.Options{File: lib.file, Dirs: lib.dirs, Version: p.Version, Log: report.NewWriter(p.Stderr, true)}
	resolve := func(ctx context.Context, profile, model string) (*endpoint.Endpoint, error) {
		if profile == "" {
			profile, model = c.Profile, cmp.Or(model, c.Model)
		}
		o := options
		o.Settings = config.Settings{Profile: profile, Model: model, Env: p.LookupEnv, Environ: p.Environ}
		return endpoint.Resolve(ctx, o)
	}
	options.DryRun = true // what is the default is known without asking
	e, _ := resolve(ctx, "", "")
	options.DryRun = false
	defer e.Close()
	own := lib.file.OwnProfiles()
	var verbose func(string)
	if c.Verbose {
		verbose = log.Line
	}
	return serve.Run(ctx, serve.Config{
		StateDir: dir, Hosts: file.Hosts, Origins: file.Origins, Keep: file.Keep, Now: p.Now, Store: lib.store,
		Verbose: verbose, Resolve: resolve, DefaultProfile: e.Profile, DefaultModel: e.Model,
		Profiles:      append(slices.Clone(own), config.Demo, serve.DefaultName),
		OtherProfiles: slices.DeleteFunc(slices.Clone(own), func(name string) bool { return name == e.Profile }),
	}, serve.Options{Listen: listen, Open: c.Open, TLS: c.TLS, Expose: c.Expose, Stdout: p.Stdout, Screen: p.Stderr, Log: log})
}

// printUnit prints the unit of a server with the flags that were typed.
func (c *serveCommand) printUnit(p *Process, dir string, log *report.Writer) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"serve"}
	for _, flag := range []struct{ name, value string }{{"--listen", c.Listen}, {"--profile", c.Profile}, {"--model", c.Model}} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	if c.TLS {
		args = append(args, "--tls")
	}
	if c.Expose {
		args = append(args, "--expose")
	}
	file, hint := serve.Unit(dir, program, args...)
	log.Hint(hint)
	return p.print(file)
}
