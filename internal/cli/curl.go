package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	surrogates "unicode/utf16"

	"github.com/alecthomas/kong"

	"oax/internal/config"
	"oax/internal/term"
)

// dryRunMapper reads --dry-run and --dry-run=curl. It leaves the next argument alone.
type dryRunMapper struct{ asCurl *bool }

// Decode sets the flag, and asCurl if that is its value.
func (m dryRunMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	target.SetBool(true)
	*m.asCurl = false
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	if value := ctx.Scan.Pop().String(); value != "curl" {
		return fmt.Errorf("wants curl or nothing, not %q", value)
	}
	*m.asCurl = true
	return nil
}

// IsBool tells kong that the flag needs no value.
func (m dryRunMapper) IsBool() bool { return true }

// longestArgument is what a command takes as one argument: Linux allows 128 KiB
// (execve(2), MAX_ARG_STRLEN). What is longer goes through a pipe.
const longestArgument = 120 << 10

// printCurl prints a command of a POSIX shell that sends the request with curl. A key
// stands in it as a variable.
func (p *place) printCurl(env *Env, hr *http.Request) error {
	reader, err := hr.GetBody()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	body := string(data)
	if term.IsTerminal(env.Stdout) {
		body = escapedJSON(body)
	}
	words := append([]string{"curl -sSN " + quoted(hr.URL.String())}, p.curlWay(env)...)
	for _, name := range slices.Sorted(maps.Keys(hr.Header)) {
		words = append(words, "--header "+p.curlHeader(env, name, hr.Header.Get(name)))
	}
	if len(body) > longestArgument {
		words[0] = "printf %s " + quoted(body) + " |\n" + words[0]
		words = append(words, "--data-binary @-")
	} else {
		words = append(words, "--data-raw "+quoted(body))
	}
	if p.demo != nil {
		env.said.note("nobody answers that: the demo is there only while oax runs")
	}
	return env.print(strings.Join(words, " \\\n  ") + "\n")
}

// curlWay is how curl gets to the endpoint, where the profile says something of it. It
// knows the proxies of the environment by itself.
func (p *place) curlWay(env *Env) []string {
	var words []string
	switch proxy := p.Proxy.Reveal(); proxy {
	case "":
	case config.NoProxy:
		words = append(words, "--noproxy '*'")
	default:
		words = append(words, "--proxy "+quoted(config.WithoutUser(proxy)))
		if proxy != config.WithoutUser(proxy) {
			env.said.note("the proxy's password is left out; --proxy-user NAME:PASSWORD adds it")
		}
	}
	if p.CAFile != "" {
		words = append(words, "--cacert "+quoted(env.besideConfig(p.CAFile)))
	}
	return words
}

// curlHeader is a header as a word of the shell. What may be secret is a variable.
func (p *place) curlHeader(env *Env, name, value string) string {
	key := p.Key.Reveal()
	isKey := key != "" && strings.Contains(value, key)
	if !isKey && !config.SecretHeader(name) {
		return quoted(name + ": " + value)
	}
	variable, from := strings.ToUpper(strings.ReplaceAll(name, "-", "_")), "the configuration"
	scheme := ""
	if isKey {
		variable = cmp.Or(shellName(p.KeyEnv), "OPENAI_API_KEY")
		if p.KeySource != "key" {
			from = p.KeySource
		}
		scheme, _, _ = strings.Cut(value, key)
	}
	if from != variable {
		env.said.note(fmt.Sprintf("$%s is to hold what %s gives", variable, from))
	}
	return `"` + name + ": " + scheme + "$" + variable + `"`
}

// shellName returns a name that a variable of a shell can have, or nothing.
func shellName(name string) string {
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).FindString(name)
}

// quoted is text as one word of a POSIX shell (XCU 2.2.2).
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// escapedJSON is JSON with the characters escaped that a terminal would obey or hide.
func escapedJSON(body string) string {
	var b strings.Builder
	for _, r := range body {
		if one := string(r); term.Visible(one) == one {
			b.WriteString(one)
			continue
		}
		for _, unit := range surrogates.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
