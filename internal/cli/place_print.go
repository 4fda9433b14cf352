package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"oax/internal/config"
)

// print shows the request as it would be sent, with the key masked.
func (p *place) print(env *Env, r request) error {
	hr, err := p.client.HTTPRequest(context.Background(), r)
	if err != nil {
		return err
	}
	if env.flags.curl {
		return p.printCurl(env, hr)
	}
	for name := range hr.Header {
		if config.SecretHeader(name) {
			hr.Header.Set(name, "[key]")
		}
	}
	if p.KeyHeader == "" && p.Key.Reveal() != "" {
		hr.Header.Set("Authorization", "Bearer [key]")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", hr.Method, hr.URL)
	if err := hr.Header.Write(&b); err != nil {
		return err
	}
	body, err := hr.GetBody()
	if err != nil {
		return err
	}
	var object json.RawMessage
	if err := json.NewDecoder(body).Decode(&object); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n%s\n", object)
	return env.print(strings.ReplaceAll(b.String(), "\r\n", "\n"))
}
