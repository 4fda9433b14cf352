package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oax/internal/demo"
)

// secure serves a handler over TLS with a certificate that nobody trusts, or with
// the one that is given. It sends a value for each connection.
func secure(t *testing.T, handler http.Handler, certificates ...tls.Certificate) (*httptest.Server, <-chan bool) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	begun := make(chan bool, 16)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			begun <- true
		}
	}
	server.TLS = &tls.Config{Certificates: certificates}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, begun
}

// trust makes a home trust a server's certificate.
func (h *home) trust(server *httptest.Server) {
	h.t.Helper()
	file := filepath.Join(h.dir, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	must(h.t, os.WriteFile(file, text, 0o600))
	h.env["SSL_CERT_FILE"] = file
}

// certify returns a certificate that signs itself, valid from and to days from now.
func certify(t *testing.T, from, to int, address string, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().AddDate(0, 0, from),
		NotAfter:     time.Now().AddDate(0, 0, to),
		DNSNames:     names,
		IPAddresses:  []net.IP{net.ParseIP(address)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func badCertificates(t *testing.T) {
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format("2006-01-02") }
	for _, test := range []struct {
		certificate tls.Certificate
		day         string // that is told
	}{
		{certify(t, -20, -2, "127.0.0.1"), day(-2)}, // expired
		{certify(t, 2, 20, "127.0.0.1"), day(2)},    // not valid yet
		{certify(t, -2, 2, "192.0.2.7", "a.example", "b\x1b.example"), ""},
	} {
		h, script := newHome(t), demo.Script()
		server, begun := secure(t, script, test.certificate)
		h.trust(server)
		h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
		r := h.run("hi")
		h.check(r, unsent("tls", 6))
		holdsAll(t, r.stderr, test.day)
		requested(t, script, 0)
		equal(t, "connections", len(begun), 1)
	}
}
