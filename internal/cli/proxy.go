package cli

import (
	"net/http"
	"net/url"
	"strings"

	"oax/internal/config"
	"oax/internal/openai"
)

// proxy returns what finds the proxy of a request. That of the profile is for all its
// requests. Else it is that of the environment: HTTPS_PROXY or HTTP_PROXY by the scheme
// of the endpoint, then ALL_PROXY, but for the hosts in NO_PROXY and this machine.
func (env *Env) proxy(p *place) (func(*http.Request) (*url.URL, error), error) {
	switch text := p.Proxy.Reveal(); text {
	case "":
		return env.environmentProxy(p)
	case config.NoProxy:
		return nil, nil
	default:
		proxy, err := url.Parse(text)
		return http.ProxyURL(proxy), err
	}
}

func (env *Env) environmentProxy(p *place) (func(*http.Request) (*url.URL, error), error) {
	all, https, plain := env.firstSet("ALL_PROXY", "all_proxy"), env.firstSet("HTTPS_PROXY", "https_proxy"), env.firstSet("HTTP_PROXY", "http_proxy")
	used := []variable{https, plain}
	if https.value == "" && strings.HasPrefix(p.BaseURL, "https:") || plain.value == "" && strings.HasPrefix(p.BaseURL, "http:") {
		used = append(used, all)
	}
	for _, v := range used {
		if v.value == "" {
			continue
		}
		if err := checkProxy(v); err != nil {
			return nil, err
		}
	}
	for _, v := range []*variable{&https, &plain} {
		if v.value == "" {
			*v = all
		}
	}
	except := env.firstSet("NO_PROXY", "no_proxy")
	return openai.Proxies{HTTP: plain.value, HTTPS: https.value, Except: except.value}.For, nil
}

// variable is one of the environment.
type variable struct{ name, value string }

func (env *Env) firstSet(names ...string) variable {
	for _, name := range names {
		if value := env.getenv(name); value != "" {
			return variable{name, value}
		}
	}
	return variable{}
}

// checkProxy refuses a proxy setting that net/http would pass over in silence and
// go directly. It does not repeat it, since it may hold a password.
func checkProxy(v variable) error {
	value := v.value
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	r := &report{what: v.name + " is not a URL", hint: "unset " + v.name + ", or give it as http://host:port", code: exitUsage, kind: "config"}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return r
	}
	if !config.ProxyURL(value) {
		r.what = v.name + " names a kind of proxy that oax cannot use: " + u.Scheme
		r.hint = v.name + "=socks5://" + u.Host
		return r
	}
	return nil
}
