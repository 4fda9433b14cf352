package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/openai"
)

// doctorPatience is how long an endpoint may be silent, unless --timeout says otherwise.
const doctorPatience = 30 * time.Second

// checkNetwork asks for the models, tells the way that took, and then asks for a token.
func (d *doctor) checkNetwork(ctx context.Context, p *place) {
	p.client.Observe(func(next http.RoundTripper) http.RoundTripper {
		return observer{next, func(t trip) { d.trip = t }}
	})
	limited, cancel := context.WithTimeout(ctx, 2*p.client.Limits.Headers)
	defer cancel()
	models, err := p.client.Models(limited)
	if ctx.Err() != nil {
		return
	}
	step := stepOf(err)
	d.checkWay(p, step, err)
	switch {
	case step != "":
		return
	case p.Key.Reveal() == "" && !p.keyless():
		d.none("models", "not asked for without a key", "")
		return
	}
	if d.checkModels(limited, p, models, err) {
		d.checkAnswer(ctx, p)
	}
}

// keyless reports whether the endpoint takes requests without a key.
func (p *place) keyless() bool {
	u, err := url.Parse(p.BaseURL)
	return p.Local || err == nil && config.IsLoopback(u.Hostname())
}

// checkModels tells whether the endpoint has the model. Not every endpoint lists what it
// has, so only the answer can tell that it does not. It reports whether to ask for one.
func (d *doctor) checkModels(ctx context.Context, p *place, models []openai.Model, err error) bool {
	const name = "models"
	if err != nil {
		r := p.worded(ctx, err)
		if r.code != exitRefused {
			d.bad(name, r)
			return false
		}
		d.none(name, "the endpoint lists none: "+r.what, "")
		return p.Model != "" || !p.NeedsModel
	}
	var ids []string
	for _, m := range models {
		ids = append(ids, m.ID)
	}
	switch {
	case p.Model == "":
		d.ok(name, fmt.Sprint(len(ids), " listed"))
		return !p.NeedsModel
	case slices.Contains(ids, p.Model):
		d.ok(name, fmt.Sprintf("%d listed, %s among them", len(ids), p.Model))
	default:
		hint := ""
		if near := nearest(p.Model, ids); near != "" {
			hint = "the nearest is " + near
		}
		d.none(name, fmt.Sprintf("%d listed, %s not among them", len(ids), p.Model), hint)
	}
	return true
}

// worded says what an error of the endpoint means, or that our own limit was reached.
func (p *place) worded(limited context.Context, err error) *report {
	if limited.Err() != nil {
		return &report{what: "it took too long", hint: "--timeout 5m to wait longer", code: exitNetwork, kind: "timeout"}
	}
	return explain(p.addHints(limited, explain(err)))
}

// checkAnswer asks for an answer of one token and goes when that is there.
func (d *doctor) checkAnswer(ctx context.Context, p *place) {
	const name = "answer"
	limited, cancel := context.WithTimeout(ctx, 4*p.client.Limits.Headers)
	defer cancel()
	begun := time.Now()
	token, err := d.firstToken(limited, p)
	took := time.Since(begun)
	t := d.trip
	seconds := map[string]float64{
		"connect": (t.lookup + t.connect + t.handshake).Seconds(), "first_byte": t.replied.Seconds(),
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.bad(name, p.worded(limited, err))
	case !token:
		d.tell(check{Name: name, State: fine, Seconds: seconds, Text: fmt.Sprintf("first byte after %s; no text within one token", millis(t.replied))})
	default:
		seconds["first_token"] = took.Seconds()
		d.tell(check{Name: name, State: fine, Seconds: seconds, Text: fmt.Sprintf("first byte after %s, first token after %s", millis(t.replied), millis(took))})
	}
}

// firstToken reports whether a token came. A model that reasons may have none to show
// within so short an answer, and OpenAI calls that a bad request.
func (d *doctor) firstToken(ctx context.Context, p *place) (bool, error) {
	stream, err := p.client.Stream(ctx, request{
		Model: p.Model, Params: p.Params, Messages: []chat.Message{{Role: chat.User, Text: "Say ok."}},
	})
	if e, ok := errors.AsType[*openai.Error](err); ok && strings.Contains(e.Message, "model output limit was reached") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer stream.Close()
	for {
		delta, err := stream.Next(ctx)
		if delta != nil && len(delta.Text)+len(delta.Reasoning)+len(delta.Refusal) > 0 {
			return true, nil
		}
		if delta != nil && delta.FinishReason != "" {
			return false, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
