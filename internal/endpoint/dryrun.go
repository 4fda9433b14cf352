package endpoint

// What would be sent: the request itself, or a command that sends it.

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/term"
)

// DryRun returns a request as it would be sent, with the key masked. For a terminal,
// characters that it would obey or not show are escaped.
func (e *Endpoint) DryRun(r openai.Request, tty bool) (string, error) {
	hr, body, err := e.httpRequest(r, tty)
	if err != nil {
		return "", err
	}
	for name := range hr.Header {
		if config.SecretHeader(name) {
			hr.Header.Set(name, "[key]")
		}
	}
	if e.KeyHeader == "" && e.Key.Reveal() != "" {
		hr.Header.Set("Authorization", "Bearer [key]")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", hr.Method, hr.URL)
	if err := hr.Header.Write(&b); err != nil {
		return "", err
	}
	head := strings.ReplaceAll(b.String(), "\r\n", "\n")
	if tty {
		head = term.Visible(head)
	}
	return head + "\n" + body + "\n", nil
}

// httpRequest returns the request that the client would send, and its body.
func (e *Endpoint) httpRequest(r openai.Request, tty bool) (hr *http.Request, body string, err error) {
	if hr, err = e.Client.HTTPRequest(context.Background(), r); err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(hr.Body)
	if tty {
		return hr, term.EscapeJSON(string(text)), err
	}
	return hr, string(text), err
}

// maxArgument is what a command takes as one argument, in bytes: Linux allows 128 KiB
// (execve(2), MAX_ARG_STRLEN). A longer body goes through a pipe.
const maxArgument = 120 << 10

// Curl returns a command for a POSIX shell that sends the request with curl. Secrets are
// variables in it. Notes in the log say what the person has to know before running it.
func (e *Endpoint) Curl(r openai.Request, tty bool) (command string, err error) {
	hr, body, err := e.httpRequest(r, tty)
	if err != nil {
		return "", err
	}
	c := curl{endpoint: e}
	c.words = append(c.words, "curl -sSN "+report.Quote(hr.URL.String()))
	c.addConnection()
	for _, name := range slices.Sorted(maps.Keys(hr.Header)) {
		c.addHeader(name, hr.Header.Get(name))
	}
	if len(body) > maxArgument {
		c.words[0] = "printf %s " + report.Quote(body) + " |\n" + c.words[0]
		c.words = append(c.words, "--data-binary @-")
	} else {
		c.words = append(c.words, "--data-raw "+report.Quote(body))
	}
	if e.IsDemo() {
		e.options.Log.Note("nothing will answer this command: the demo stops when oax exits")
	}
	return strings.Join(c.words, " \\\n  ") + "\n", nil
}

// curl is a command that is being made.
type curl struct {
	endpoint *Endpoint
	words    []string // each on a line of its own
}

// addConnection adds what the profile says about the connection. curl knows the proxies
// of the environment by itself.
func (c *curl) addConnection() {
	switch proxy := c.endpoint.Proxy.Reveal(); proxy {
	case "":
	case config.NoProxy:
		c.words = append(c.words, "--noproxy '*'")
	default:
		c.words = append(c.words, "--proxy "+report.Quote(config.WithoutUser(proxy)))
		if proxy != config.WithoutUser(proxy) {
			c.endpoint.options.Log.Note("the proxy's password is left out; --proxy-user NAME:PASSWORD adds it")
		}
	}
	if c.endpoint.CAFile != "" {
		c.words = append(c.words, "--cacert "+report.Quote(c.endpoint.caFile()))
	}
}

// addHeader adds a header. The value of one that may be secret is a variable.
func (c *curl) addHeader(name, value string) {
	e := c.endpoint
	key := e.Key.Reveal()
	isKey := key != "" && strings.Contains(value, key)
	if !isKey && !config.SecretHeader(name) {
		c.words = append(c.words, "--header "+report.Quote(name+": "+value))
		return
	}
	variable, source, scheme := strings.ToUpper(strings.ReplaceAll(name, "-", "_")), "the configuration", ""
	if isKey {
		shellName := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).FindString(e.KeyEnv) // what a shell can have
		variable = cmp.Or(shellName, "OPENAI_API_KEY")
		if e.KeySource != "key" {
			source = e.KeySource
		}
		scheme, _, _ = strings.Cut(value, key)
	}
	if source != variable {
		e.options.Log.Note(fmt.Sprintf("the command needs $%s: set it to the value from %s", variable, source))
	}
	c.words = append(c.words, `--header "`+name+": "+scheme+"$"+variable+`"`)
}
