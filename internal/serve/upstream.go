package serve

import (
	"context"
	"sync"

	"oax/internal/endpoint"
)

// DefaultName stands for the default profile where a profile is named.
const DefaultName = "default"

// upstreams are the endpoints that requests were relayed to, each with a client that keeps
// its connections.
type upstreams struct {
	mu    sync.Mutex
	known map[string]*endpoint.Endpoint
}

// of returns the endpoint of a profile. It is resolved once: a key_command runs with the
// first request. The error says which key or setting is missing.
func (u *upstreams) of(s *Server, ctx context.Context, profile string) (*endpoint.Endpoint, error) {
	if profile == DefaultName {
		profile = ""
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.known[profile]; e != nil {
		return e, nil
	}
	e, err := s.config.Resolve(ctx, profile, "")
	if err != nil {
		e.Close()
		return nil, err
	}
	e.Client.SmallReads()
	if u.known == nil {
		u.known = map[string]*endpoint.Endpoint{}
	}
	u.known[profile] = e
	return e, nil
}

func (u *upstreams) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, e := range u.known {
		e.Close()
	}
}
