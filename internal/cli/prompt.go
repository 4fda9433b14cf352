package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
)

// promptFlags say what a prompt is made of besides the words and what is piped in.
type promptFlags struct {
	Template templateChoice    `short:"t" placeholder:"NAME" help:"Ask by a template of the config file; without NAME list them." group:"Request:"`
	Var      map[string]string `short:"v" mapsep:"none" placeholder:"NAME=TEXT" help:"Put a text into a place of the template." group:"Request:"`
	Attach   []string          `short:"a" sep:"none" placeholder:"FILE" help:"Send a file along: text, an image or a PDF; - is standard input. Further files may follow." group:"Request:"`
}

// prompt is what the person asks.
type prompt struct {
	text     string
	replaced int // bytes that were not UTF-8
	media    []chat.Attachment
	system   string         // of a template
	examples []chat.Message // of a template, to go before it
}

func (p prompt) message() chat.Message {
	return chat.Message{Role: chat.User, Text: p.text, Attachments: p.media}
}

// to returns the message that the session keeps, with the model that is asked.
func (p prompt) to(model string) chat.Message {
	m := p.message()
	m.Model = model
	return m
}

// rawPrompt is a prompt in the making: its text may yet be edited.
type rawPrompt struct {
	text     string
	files    attached
	system   string
	examples []chat.Message
}

// read joins the words and standard input, or puts them into a template, and reads the
// files.
func (f promptFlags) read(ctx context.Context, env *Env, t *config.Template, words []string) (rawPrompt, error) {
	piped := ""
	if !slices.Contains(f.Attach, "-") {
		var err error
		if piped, err = env.pipedText(ctx); err != nil {
			return rawPrompt{}, err
		}
	}
	files, err := env.attach(ctx, f.Attach)
	if err != nil || t == nil {
		return rawPrompt{text: joined(strings.Join(words, " "), piped), files: files}, err
	}
	filled, err := f.fill(ctx, env, t, strings.Join(words, " "), piped)
	return rawPrompt{filled.prompt, files, filled.system, filled.examples}, err
}

// pipedText returns standard input byte for byte, or nothing if nobody could see
// anything in it.
func (env *Env) pipedText(ctx context.Context) (string, error) {
	piped, err := env.readPiped(ctx)
	if err != nil || len(bytes.TrimSpace(piped)) == 0 {
		return "", err
	}
	return string(piped), checkNUL(string(piped))
}

// prompt returns the prompt that it has become.
func (env *Env) prompt(raw rawPrompt) (prompt, error) {
	whole := joined(raw.text, raw.files.text)
	if strings.TrimSpace(whole) == "" {
		return prompt{}, &report{what: "no prompt given", hint: `oax "question", or pipe text in`, code: exitUsage, kind: "usage"}
	}
	p, err := env.text(whole)
	p.media, p.system, p.examples = raw.files.media, raw.system, raw.examples
	return p, err
}
