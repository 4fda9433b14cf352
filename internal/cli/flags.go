package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"oax/internal/config"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/turn"
)

// The flags that more than one command takes, in groups that commands embed. Kong fills
// them; nothing writes to them afterwards.

// baseFlags are the flags of every command.
type baseFlags struct {
	Quiet   bool             `short:"q" help:"Print no hints and notes on standard error." group:"Output:"`
	Version kong.VersionFlag `help:"Print the version."`
}

func (f baseFlags) quiet() bool { return f.Quiet }

// listFlags are those of commands that print a list or facts.
type listFlags struct {
	baseFlags
	JSON bool `name:"json" help:"Print one JSON object a line." group:"Output:"`
}

// colorFlags are those of commands that print in colours.
type colorFlags struct {
	Color string `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"auto, always or never ($$NO_COLOR, $$FORCE_COLOR)." group:"Output:"`
}

// outputFlags say how an answer is printed.
type outputFlags struct {
	listFlags
	Raw      bool         `help:"Print the answer's bytes and nothing else." group:"Output:"`
	Markdown markdownMode `negatable:"" placeholder:"HOW" help:"--markdown=rendered lays Markdown out, =source adds styles and keeps the marks, =off changes nothing. Default: rendered on a terminal." group:"Output:"`
	Wrap     *int         `placeholder:"N" help:"Break lines of prose on a terminal at N columns; 0: nowhere. Default: 100, or at the edge of a narrower window." group:"Output:"`
	colorFlags
}

// endpointFlags say where a request goes.
type endpointFlags struct {
	Model   string        `short:"m" placeholder:"NAME" help:"Model to ask ($$OAX_MODEL)." group:"Request:"`
	Profile string        `short:"p" placeholder:"NAME" help:"Profile to use ($$OAX_PROFILE); demo needs no key." group:"Request:"`
	Timeout time.Duration `placeholder:"TIME" help:"How long the service may send nothing: 90s, 10m. Default: 5m before the answer, 2m within it." group:"Request:"`
	Debug   optional      `placeholder:"FILE" help:"Log the requests, with the key masked, to a file in the state directory; =FILE names another." group:"Output:"`
}

// endpointSettings returns what the flags and the environment say about the endpoint.
func (f endpointFlags) endpointSettings(p *Process) config.Settings {
	return config.Settings{Profile: f.Profile, Model: f.Model, Timeout: f.Timeout, Env: p.LookupEnv, Environ: p.Environ}
}

// requestFlags say what is sent and where, and what is printed of the answer.
type requestFlags struct {
	endpointFlags
	System      string            `short:"s" placeholder:"TEXT" help:"System message." group:"Request:"`
	Temperature *float64          `placeholder:"N" help:"Sampling temperature." group:"Request:"`
	TopP        *float64          `name:"top-p" placeholder:"N" help:"Sample only from the likeliest tokens with this total probability, 0 to 1." group:"Request:"`
	MaxTokens   *int              `placeholder:"N" help:"Longest answer, in tokens." group:"Request:"`
	Stop        []string          `sep:"none" placeholder:"TEXT" help:"End the answer before this text; can be given several times." group:"Request:"`
	Seed        *int64            `placeholder:"N" help:"Make answers repeatable, as far as the service can." group:"Request:"`
	Effort      string            `placeholder:"LEVEL" help:"How much to reason: none, minimal, low, medium or high, depending on the model." group:"Request:"`
	Schema      schemaFile        `placeholder:"FILE" help:"Ask for an answer that fits a JSON Schema; exit 3 if it does not." group:"Request:"`
	Option      map[string]string `short:"o" placeholder:"KEY=JSON" mapsep:"none" help:"Set any field of the request body." group:"Request:"`
	Web         bool              `help:"Let the service search the web, if it can." group:"Request:"`
	Tools       []string          `name:"tool" short:"T" sep:"none" placeholder:"NAME" help:"Let the model call a tool of the configuration, or the tools of an MCP server; can be given several times. See oax help tools." group:"Request:"`
	Allow       []string          `sep:"none" placeholder:"PATTERN" help:"Run calls without asking if the name of the tool matches, as in 'docs.*'; can be given several times." group:"Request:"`
	Last        int               `placeholder:"N" help:"Send only the last N turns of the session." group:"Request:"`
	DryRun      optional          `placeholder:"curl" help:"Print the request, with the key masked, and send nothing; =curl prints a shell command." group:"Request:"`

	NoSave    bool       `help:"Save nothing of this chat." group:"Sessions:"`
	Calls     bool       `help:"Run no tools; print each tool call that the model asks for, one JSON object a line." group:"Output:"`
	Code      codeChoice `placeholder:"N" help:"Print only the first code block of the answer, exactly as it is; =2 the second, =all all." group:"Output:"`
	Reasoning bool       `help:"Print the model's reasoning before its answer." group:"Output:"`
	Stats     bool       `help:"Show tokens and timings." group:"Output:"`
}

// check refuses values that cannot be sent or kept together.
func (f requestFlags) check(out outputFlags) error {
	for flag, v := range map[string]*float64{"--temperature": f.Temperature, "--top-p": f.TopP} {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			return report.Usage(fmt.Sprintf("%s: %v is not a number that can be sent", flag, *v), flag+" 0.7")
		}
	}
	switch {
	case out.JSON && f.Code.Set():
		return report.Usage("--json and --code do not go together", "oax cat --code prints the code of the last answer")
	case f.Calls && (out.JSON || f.Code.Set()):
		return report.Usage("--calls goes with neither --json nor --code", "oax cat --last --json prints all of the last answer")
	case f.NoSave && len(f.Tools) > 0 && !f.Calls && !f.DryRun.set:
		return report.Usage("-T and --no-save do not go together: calls of tools are recorded before they run", "leave out --no-save")
	case f.DryRun.value != "" && f.DryRun.value != "curl":
		return report.Usage(fmt.Sprintf("--dry-run: takes curl or nothing, not %q", f.DryRun.value), "--dry-run=curl")
	case f.Last < 0:
		return report.Usage(fmt.Sprintf("--last: %d is not a number of turns", f.Last), "--last 3")
	case f.Timeout < 0:
		return report.Usage(fmt.Sprintf("--timeout: %s is negative", f.Timeout), "--timeout 90s")
	}
	return nil
}

// settings returns what the flags and the environment say about a request.
func (f requestFlags) settings(p *Process) (settings config.Settings, err error) {
	settings = f.endpointSettings(p)
	settings.Params, err = f.params()
	return settings, err
}

// params returns the fields of the request body that the flags set, by the names of
// OpenAI's API reference ("Create chat completion"). A flag of its own wins over -o.
func (f requestFlags) params() (map[string]config.Param, error) {
	params := map[string]config.Param{}
	for name, text := range f.Option {
		if !json.Valid([]byte(text)) {
			return nil, report.Usage(fmt.Sprintf("-o %s: %s is not JSON", name, text), fmt.Sprintf(`quote a text: -o '%s="%s"'`, name, text))
		}
		params[name] = config.Param{Value: json.RawMessage(text), Flag: "-o " + name}
	}
	setParam(params, "temperature", f.Temperature, "--temperature")
	setParam(params, "top_p", f.TopP, "--top-p")
	setParam(params, "max_tokens", f.MaxTokens, config.MaxTokensFlag)
	setParam(params, "seed", f.Seed, "--seed")
	if len(f.Stop) > 0 {
		params["stop"] = config.Param{Value: f.Stop, Flag: "--stop"}
	}
	if f.Effort != "" {
		params["reasoning_effort"] = config.Param{Value: f.Effort, Flag: "--effort"}
	}
	if s := f.Schema.schema; s != nil {
		params["response_format"] = config.Param{Value: s.ResponseFormat(), Flag: "--schema"}
	}
	return params, nil
}

// setParam sets a field whose flag may be missing.
func setParam[T any](params map[string]config.Param, field string, value *T, flag string) {
	if value != nil {
		params[field] = config.Param{Value: *value, Flag: flag}
	}
}

// promptFlags say what a prompt is made of, besides the words and standard input.
type promptFlags struct {
	Template    templateName      `short:"t" placeholder:"NAME" help:"Use a template of the configuration; without NAME, list the templates." group:"Request:"`
	Var         map[string]string `short:"v" mapsep:"none" placeholder:"NAME=TEXT" help:"Set a variable of the template." group:"Request:"`
	Attach      []string          `short:"a" sep:"none" placeholder:"FILE" help:"Send a file too: text, an image or a PDF; - is standard input. Can be given several times, or as a quoted pattern like '*.go'." group:"Request:"`
	MaxInput    int64             `placeholder:"MIB" help:"Largest standard input, in MiB. Default: 10." group:"Request:"`
	StripHidden bool              `help:"Remove invisible characters from the prompt." group:"Request:"`
}

// check refuses a size that cannot be counted in bytes, or that no machine has.
func (f promptFlags) check() error {
	const largest = 1 << 20 // a tebibyte
	if f.MaxInput < 0 || f.MaxInput > largest {
		return report.Usage(fmt.Sprintf("--max-input: %d is not between 1 and %d MiB", f.MaxInput, largest), "--max-input 100")
	}
	return nil
}

// templateName is the value of --template. Without a name the templates are listed.
type templateName struct {
	set  bool
	name string
}

// Decode takes the next argument, unless there is none or it is a flag.
func (t *templateName) Decode(ctx *kong.DecodeContext) error {
	*t = templateName{set: true}
	if ctx.Scan.Peek().IsValue() {
		t.name = ctx.Scan.Pop().String()
	}
	return nil
}

func (t templateName) lists() bool { return t.set && t.name == "" }

// optional is the value of a flag that has none, or one after =.
type optional struct {
	set   bool
	value string
}

// IsBool tells kong that the flag needs no value.
func (optional) IsBool() bool { return true }

// Decode takes what follows = in --flag=VALUE, and leaves the next argument alone.
func (o *optional) Decode(ctx *kong.DecodeContext) error {
	o.set = true
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		o.value = ctx.Scan.Pop().String()
	}
	return nil
}

// codeChoice is the value of --code, --code=2 or --code=all.
type codeChoice struct {
	optional
	export.Code
}

// Decode reads the flag.
func (c *codeChoice) Decode(ctx *kong.DecodeContext) error {
	_ = c.optional.Decode(ctx) // it has no errors
	if c.All = c.value == "all"; c.All {
		return nil
	}
	n, err := strconv.Atoi(cmp.Or(c.value, "1"))
	if err != nil || n < 1 {
		return fmt.Errorf("takes a number from 1 on or all, not %q", c.value)
	}
	c.Nth = n
	return nil
}

// markdownMode is the value of --markdown, --markdown=source or --no-markdown: rendered,
// source or off. It is empty if the flag is not given.
type markdownMode struct{ optional }

// Decode reads the flag.
func (m *markdownMode) Decode(ctx *kong.DecodeContext) error {
	_ = m.optional.Decode(ctx) // it has no errors
	switch m.value {
	case "", "true":
		m.value = turn.Rendered
	case "false":
		m.value = turn.Off
	case turn.Rendered, turn.Source, turn.Off:
	default:
		return fmt.Errorf("takes rendered, source or off, not %q", m.value)
	}
	return nil
}

// schemaFile is the value of --schema: a JSON Schema that the answer is to fit, or nil.
type schemaFile struct{ schema *turn.Schema }

// Decode reads the file, so that a mistake in it is told before anything is sent.
func (s *schemaFile) Decode(ctx *kong.DecodeContext) (err error) {
	var path string
	if err := ctx.Scan.PopValueInto("file", &path); err != nil {
		return err
	}
	s.schema, err = turn.LoadSchema(path)
	return err
}
