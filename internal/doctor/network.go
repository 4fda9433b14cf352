package doctor

// The network: the connection to the endpoint, its models, and an answer of one token.

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/term"
)

// silence is how long an endpoint may be silent, unless something else is set.
const silence = 30 * time.Second

func (d *doctor) checkNetwork(ctx context.Context, e *endpoint.Endpoint) {
	limited, cancel := context.WithTimeout(ctx, 2*e.Limits().Headers)
	defer cancel()
	models, err := e.Client.Models(limited)
	failure, _ := errors.AsType[*openai.Error](err)
	switch {
	case ctx.Err() != nil:
		return
	case failure != nil && d.trace.FirstByte == 0 && failure.Kind != openai.ReplyTimeout:
		d.fail("network", err)
		return
	}
	d.passNetwork(e, d.trace)
	if e.Key.Reveal() == "" && !e.Local && !onThisMachine(e.BaseURL) {
		d.skip("models", "not asked for without a key", "")
		return
	}
	if d.checkModels(ctx, limited, e, models, err) {
		d.checkAnswer(ctx, e)
	}
}

// see keeps how a request was carried. One that takes the connection of an earlier one has
// its steps.
func (d *doctor) see(t endpoint.Trace) {
	if t.Connected != "" {
		d.trace = t
	}
	d.trace.Sent, d.trace.FirstByte = t.Sent, t.FirstByte
}

func onThisMachine(link string) bool {
	u, err := url.Parse(link)
	return err == nil && config.IsLoopback(u.Hostname())
}

// passNetwork prints how the endpoint was reached.
func (d *doctor) passNetwork(e *endpoint.Endpoint, t endpoint.Trace) {
	text := "connected to " + t.Connected + " in " + term.Duration(t.Connect)
	steps := map[string]time.Duration{"connect": t.Connect}
	if t.Host != "" {
		text += fmt.Sprintf(", found %s in %s", t.Host, term.Duration(t.Lookup))
		steps["lookup"] = t.Lookup
	}
	if proxy := e.Client.Proxy(); proxy != nil {
		text += ", through the proxy " + config.WithoutUser(proxy.String())
	}
	switch {
	case t.TLS != nil && len(t.TLS.PeerCertificates) > 0:
		cert := t.TLS.PeerCertificates[0]
		issuer := append(slices.Clone(cert.Issuer.Organization), cert.Issuer.CommonName)[0]
		text += fmt.Sprintf(", %s in %s, certificate by %s, good until %s", tls.VersionName(t.TLS.Version), term.Duration(t.Handshake), issuer, cert.NotAfter.Format(time.DateOnly))
		steps["handshake"] = t.Handshake
	case strings.HasPrefix(e.BaseURL, "http:") && !e.Local && !onThisMachine(e.BaseURL):
		d.skip("network", text+": prompts and answers travel unencrypted", "use https in base_url, if the endpoint can")
		return
	}
	d.timed("network", text, steps)
}

// checkModels checks whether the endpoint lists the model, and reports whether to ask it
// for an answer. Not every endpoint lists what it has: only the answer tells.
func (d *doctor) checkModels(ctx, limited context.Context, e *endpoint.Endpoint, models []openai.Model, err error) bool {
	const name = "models"
	if err != nil {
		failure := report.Of(explain(ctx, limited, e, err))
		if failure.Code != report.ExitRefused {
			d.fail(name, failure)
			return false
		}
		d.skip(name, "the endpoint lists none: "+failure.What, "")
		return e.Model != "" || !e.NeedsModel
	}
	var ids []string
	for _, m := range models {
		ids = append(ids, m.ID)
	}
	switch {
	case e.Model == "":
		d.pass(name, fmt.Sprintf("%d listed", len(ids)))
	case slices.Contains(ids, e.Model):
		d.pass(name, fmt.Sprintf("%d listed, %s among them", len(ids), e.Model))
	default:
		hint := ""
		if near := config.Nearest(e.Model, ids); near != "" {
			hint = "the nearest is " + near
		}
		d.skip(name, fmt.Sprintf("%d listed, %s not among them", len(ids), e.Model), hint)
	}
	return e.Model != "" || !e.NeedsModel
}

// explain adds to an error what the endpoint can tell, or replaces it if the time that
// doctor allows has passed.
func explain(ctx, limited context.Context, e *endpoint.Endpoint, err error) error {
	if limited.Err() != nil {
		return report.New(report.ExitNetwork, "timeout", "it took too long", "--timeout 5m to wait longer")
	}
	return e.Explain(ctx, err)
}

// checkAnswer asks for an answer of one token.
func (d *doctor) checkAnswer(ctx context.Context, e *endpoint.Endpoint) {
	limited, cancel := context.WithTimeout(ctx, 4*e.Limits().Headers)
	defer cancel()
	begun := time.Now()
	came, err := firstToken(limited, e)
	took := time.Since(begun)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.fail("answer", explain(ctx, limited, e, err))
	case came:
		text := fmt.Sprintf("first byte after %s, first token after %s", term.Duration(d.trace.FirstByte), term.Duration(took))
		d.timed("answer", text, map[string]time.Duration{"first_byte": d.trace.FirstByte, "first_token": took})
	default:
		text := fmt.Sprintf("first byte after %s; no text within one token", term.Duration(d.trace.FirstByte))
		d.timed("answer", text, map[string]time.Duration{"first_byte": d.trace.FirstByte})
	}
}

// firstToken reports whether a token came. A model that reasons may have none to show
// within so short an answer, and OpenAI calls that a bad request.
func firstToken(ctx context.Context, e *endpoint.Endpoint) (bool, error) {
	request, err := e.Request(nil, "", chat.Message{Role: chat.User, Text: "Say ok."})
	if err != nil {
		return false, err
	}
	stream, err := e.Client.Stream(ctx, request)
	if failure, ok := errors.AsType[*openai.Error](err); ok && strings.Contains(failure.Message, "model output limit was reached") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer stream.Close()
	for {
		delta, err := stream.Next(ctx)
		switch {
		case delta != nil && delta.Len() > 0:
			return true, nil
		case delta != nil && delta.FinishReason != "", err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		}
	}
}
