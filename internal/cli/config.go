package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// configCommand tells of the configuration file and changes it.
type configCommand struct {
	Words []string `arg:"" optional:"" name:"action" help:"path: where the file is. show: each setting and where it comes from (-p for another profile). init: write a file to begin with. edit: change it in $$VISUAL or $$EDITOR."`
}

// Run does what the first word says.
func (c *configCommand) Run(ctx context.Context, env *Env) error {
	actions := map[string]func(context.Context) error{
		"path": func(context.Context) error { return env.print(configFile() + "\n") },
		"show": env.showConfig,
		"init": env.initConfig,
		"edit": env.editConfig,
	}
	if err := env.checkHome(); err != nil {
		return err
	}
	if len(c.Words) == 1 && actions[c.Words[0]] != nil {
		return actions[c.Words[0]](ctx)
	}
	r := &report{what: "oax config wants one word: path, show, init or edit", hint: "oax config show", code: exitUsage, kind: "usage"}
	if len(c.Words) > 0 {
		r.hint = "to ask it: oax -- config " + strings.Join(c.Words, " ")
	}
	return r
}

// initConfig writes a file to begin with. It leaves one that is there alone.
func (env *Env) initConfig(context.Context) error {
	path := configFile()
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = writeNew(path, firstConfig)
	}
	if errors.Is(err, fs.ErrExist) {
		return &report{what: path + " exists", hint: "oax config edit", code: exitUsage, kind: "config"}
	}
	if err != nil {
		return notWritten(path, err)
	}
	return env.print(path + "\n")
}

// writeNew writes a file that only its owner may read, and that must not be there yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		os.Remove(path) // half a file would be in the way of the next try
	}
	return err
}

func notWritten(path string, err error) error {
	return &report{what: fmt.Sprintf("cannot write %s: %s", path, plainError(err)), code: exitDisk, kind: "disk"}
}

// firstConfig is the file that init writes: nothing in it counts until a # is removed.
const firstConfig = `# oax: https://toml.io tells how to write this file. A line that begins with # is ignored.
# oax config show tells what is in effect, and why.

# The profile to use when -p and OAX_PROFILE name none. Built in are: openai, azure, ollama,
# llamacpp, lmstudio, vllm, openrouter, groq, deepseek, mistral, gemini, xai, together,
# fireworks, cerebras, perplexity, github, and demo, which needs no key.
# profile = "openai"

# A profile with the name of a built-in one changes what it says and keeps the rest.
# [profiles.openai]
# model = "gpt-5-mini"
# key_command = "pass show openai"   # prints the key; or
# key_env = "OPENAI_API_KEY"         # the variable that holds it; or
# key = "..."                        # the key itself, in a file only you can read

# [profiles.ollama]
# model = "qwen3"

# [profiles.work]
# endpoint = "azure"                 # what it is like, if it is not built in by its name
# base_url = "https://RESOURCE.openai.azure.com"
# model = "DEPLOYMENT"
# api_version = "2024-10-21"

# [profiles.lab]
# base_url = "https://llm.example.com/v1"
# key_env = "LAB_KEY"
# model = "llama-3.3-70b"
# headers = { X-Team = "physics" }
# proxy = "socks5://localhost:1080"  # or "none"; else HTTPS_PROXY and the like
# ca_file = "lab-ca.pem"             # a certificate authority of your own
# timeout = "10m"                    # the longest silence
# connect_timeout = "30s"
# system_role = "developer"          # for what --system says
# reasoning_tags = true              # <think>...</think> before an answer is reasoning
# allow_plain_http = false           # true sends the key over http:// too
# [profiles.lab.params]              # any field of the request
# temperature = 0.2

# [templates.review]                 # git diff | oax -t review -v lang=Go
# system = "You review {{lang}} code."
# prompt = "Review this:\n{{input}}"

# [sessions]
# name = "%Y-%m-%d_%H-%M-%S"         # of session files

# [display]
# time = "%F %R"                     # in lists
`
