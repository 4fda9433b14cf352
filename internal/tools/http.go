package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"oax/internal/config"
)

// Servers that are reached by streamable HTTP.

// overHTTP returns the transport to the URL of the server.
func (s *server) overHTTP(ctx context.Context, l *link) (mcp.Transport, error) {
	l.base = http.DefaultTransport.(*http.Transport).Clone()
	sender := &sender{server: s, base: l.base}
	if err := sender.renew(ctx); err != nil {
		return nil, err
	}
	client := &http.Client{Transport: sender, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme || len(via) > 5 {
			return errors.New("it redirects to another address")
		}
		return nil
	}}
	return &mcp.StreamableClientTransport{
		Endpoint: s.config.URL, HTTPClient: client, DisableStandaloneSSE: true, MaxRetries: 1, MaxEventSize: maxMessage,
	}, nil
}

// ErrUnauthorized is in the error of a server that wants a token, or another one.
var ErrUnauthorized = errors.New("401 Unauthorized")

// sender sends requests with the server's token. It asks for a new one when the server
// does not take it any more.
type sender struct {
	server *server
	base   *http.Transport

	mu    sync.Mutex
	token config.Secret
}

func (s *sender) renew(ctx context.Context) error {
	token, err := s.server.config.Token(ctx, s.server.options.Environ)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.token = token
	}
	return err
}

func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	reply, err := s.send(r)
	if err == nil && reply.StatusCode == http.StatusUnauthorized && s.server.config.TokenCommand != "" && r.GetBody != nil {
		reply.Body.Close()
		if err = s.renew(r.Context()); err != nil {
			return nil, err
		}
		again := r.Clone(r.Context())
		if again.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
		reply, err = s.send(again)
	}
	if err == nil && reply.StatusCode == http.StatusUnauthorized {
		reply.Body.Close()
		err = ErrUnauthorized
	}
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(reply.Header.Get("Content-Type"), "text/event-stream") { // whose events are bounded one by one
		reply.Body = &boundedBody{reply.Body, maxMessage}
	}
	return reply, nil
}

func (s *sender) send(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	token := s.token.Reveal()
	s.mu.Unlock()
	if token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return s.base.RoundTrip(r)
}

// boundedBody is a body of at most left bytes: reading one byte more is an error.
type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if n > b.left {
		n, err = b.left, fmt.Errorf("the reply is larger than %d MiB", maxMessage>>20)
	}
	b.left -= n
	return n, err
}
