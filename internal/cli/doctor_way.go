package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/openai"
)

// The steps of the way to an endpoint.
const (
	proxyStep = "proxy"
	dnsStep   = "DNS"
	tcpStep   = "TCP"
	tlsStep   = "TLS"
)

// stepOf returns where on the way a request failed, or nothing if it arrived.
func stepOf(err error) string {
	e, ok := errors.AsType[*openai.Error](err)
	if !ok {
		return ""
	}
	switch e.Kind {
	case openai.ProxyFailed:
		return proxyStep
	case openai.NoHost:
		return dnsStep
	case openai.NoRoute:
		if _, lookup := errors.AsType[*net.DNSError](e.Err); lookup {
			return dnsStep
		}
		return tcpStep
	case openai.Refused, openai.ConnectTimeout:
		return tcpStep
	case openai.Untrusted, openai.BadCertificate, openai.TLSFailed, openai.TLSTimeout, openai.SpeaksPlainHTTP, openai.ExpectsHTTPS:
		return tlsStep
	}
	return ""
}

// checkWay tells each step up to the one that failed.
func (d *doctor) checkWay(p *place, failed string, err error) {
	for _, step := range []struct {
		name string
		tell func(*place)
	}{{proxyStep, d.tellProxy}, {dnsStep, d.tellDNS}, {tcpStep, d.tellTCP}, {tlsStep, d.tellTLS}} {
		if step.name == failed {
			d.bad(step.name, err)
			return
		}
		step.tell(p)
	}
}

func (d *doctor) tellProxy(p *place) {
	hr, err := http.NewRequest(http.MethodGet, p.BaseURL, nil)
	if err != nil || p.client.Proxy == nil {
		d.none(proxyStep, "none", "")
		return
	}
	proxy, err := p.client.Proxy(hr)
	if err != nil || proxy == nil {
		d.none(proxyStep, "none", "")
		return
	}
	from := "the environment"
	if source := p.Source("proxy"); source.Place == config.InFile {
		from = source.Name
	}
	d.ok(proxyStep, config.WithoutUser(proxy.String())+" ("+from+")")
}

func (d *doctor) tellDNS(*place) {
	t := d.trip
	if t.host == "" {
		d.none(dnsStep, "not needed: the host is an address", "")
		return
	}
	d.timed(dnsStep, t.host+" is "+strings.Join(t.addresses, ", "), "lookup", t.lookup)
}

func (d *doctor) tellTCP(*place) {
	if d.trip.reached == "" {
		d.none(tcpStep, "no connection was made", "")
		return
	}
	d.timed(tcpStep, "connected to "+d.trip.reached, "connect", d.trip.connect)
}

func (d *doctor) tellTLS(p *place) {
	t := d.trip
	switch {
	case t.tls != nil && len(t.tls.PeerCertificates) > 0:
		cert := t.tls.PeerCertificates[0]
		by := cert.Issuer.CommonName
		if names := cert.Issuer.Organization; len(names) > 0 {
			by = names[0]
		}
		text := fmt.Sprintf("%s, certificate by %s, good until %s", tls.VersionName(t.tls.Version), by, cert.NotAfter.Format(time.DateOnly))
		d.timed(tlsStep, text, "handshake", t.handshake)
	case strings.HasPrefix(p.BaseURL, "http:") && p.keyless():
		d.none(tlsStep, "none: http to this machine", "")
	case strings.HasPrefix(p.BaseURL, "http:"):
		d.none(tlsStep, "none: what is asked and answered travels unencrypted", "use https in base_url, if the endpoint can")
	default:
		d.none(tlsStep, "no connection was made", "")
	}
}

func (d *doctor) timed(name, text, what string, took time.Duration) {
	d.tell(check{
		Name: name, State: fine, Text: text + ", " + millis(took),
		Seconds: map[string]float64{what: took.Seconds()},
	})
}

func millis(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}
