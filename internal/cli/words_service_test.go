package cli

import (
	"testing"
	"time"

	"oax/internal/openai"
)

// TestExplainService holds the words of the failures that no test of the whole
// program can bring about in a second.
func TestExplainService(t *testing.T) {
	for _, tt := range []struct {
		err        openai.Error
		what, hint string
		kind       string
		code       int
	}{
		{openai.Error{Kind: openai.ConnectTimeout, Limit: 10 * time.Second},
			"no connection to a.example:8443 within 10 s", "", "net", 6},
		{openai.Error{Kind: openai.TLSTimeout, Limit: 10 * time.Second},
			"TLS handshake with a.example:8443 took over 10 s", "", "tls", 6},
		{openai.Error{Kind: openai.ReplyTimeout, Limit: 300 * time.Second},
			"no reply from a.example:8443 for 300 s", "--timeout 10m to wait longer", "timeout", 6},
		{openai.Error{Kind: openai.NoRoute},
			"no network route (looking up a.example)", "", "net", 6},
	} {
		tt.err.Host = "a.example:8443"
		r := explainService(&tt.err)
		if r.what != tt.what || r.hint != tt.hint || r.kind != tt.kind || r.code != tt.code {
			t.Errorf("%s: %+v", tt.err.Kind, *r)
		}
	}
}
