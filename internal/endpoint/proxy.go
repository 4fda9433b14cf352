package endpoint

// Which proxy a request goes through.

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/report"
)

// proxy returns the function that finds the proxy of a request. The profile's proxy is for
// all its requests. Else it is that of the environment: HTTPS_PROXY or HTTP_PROXY by the
// scheme of the endpoint, then ALL_PROXY, except for the hosts in NO_PROXY and this
// machine. The error is a *report.Error for a variable that holds no proxy.
func (e *Endpoint) proxy() (func(*http.Request) (*url.URL, error), error) {
	switch text := e.Proxy.Reveal(); text {
	case "":
		return e.environmentProxy()
	case config.NoProxy:
		return nil, nil
	default:
		proxy, err := url.Parse(text)
		return http.ProxyURL(proxy), err
	}
}

func (e *Endpoint) environmentProxy() (func(*http.Request) (*url.URL, error), error) {
	https, plain, all := e.variable("HTTPS_PROXY"), e.variable("HTTP_PROXY"), e.variable("ALL_PROXY")
	if strings.HasPrefix(e.BaseURL, "https:") {
		https = cmp.Or(https, all)
	} else {
		plain = cmp.Or(plain, all)
	}
	for _, v := range []variable{https, plain} {
		if err := v.check(); err != nil {
			return nil, err
		}
	}
	return openai.Proxies{HTTP: plain.value, HTTPS: https.value, Except: e.variable("NO_PROXY").value}.For, nil
}

// variable is an environment variable.
type variable struct{ name, value string }

// variable returns the variable of that name, else the one in small letters.
func (e *Endpoint) variable(name string) variable {
	for _, name := range []string{name, strings.ToLower(name)} {
		if value, _ := e.options.Settings.Env(name); value != "" {
			return variable{name, value}
		}
	}
	return variable{}
}

// check refuses a proxy that net/http would ignore without a word, to connect directly.
// The error does not repeat it, since it may hold a password.
func (v variable) check() error {
	value := v.value
	if value == "" {
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return report.Config(v.name+" is not a URL", "set "+v.name+" to http://host:port, or remove it from the environment")
	}
	if !config.ProxyURL(value) {
		return report.Config(v.name+" names a kind of proxy that oax cannot use: "+u.Scheme, v.name+"=socks5://"+u.Host)
	}
	return nil
}
