package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rsc.io/qr"
)

// certificateAge is how long a certificate is valid. Browsers refuse longer ones.
const certificateAge = 365 * 24 * time.Hour

// Certificate returns the certificate of this server, which it signs itself, and makes one
// in dir if there is none that is still valid for a month. A browser asks once whether to
// trust it; its fingerprint tells that it is the right one. The error is that of the
// operating system.
func Certificate(dir string, now time.Time) (tls.Certificate, error) {
	path := filepath.Join(dir, "certificate.pem")
	if data, err := os.ReadFile(path); err == nil {
		c, err := tls.X509KeyPair(data, data)
		if err == nil && now.Before(c.Leaf.NotAfter.Add(-30*24*time.Hour)) {
			return c, nil
		}
	}
	data, err := newCertificate(now)
	if err != nil {
		return tls.Certificate{}, err
	}
	err = errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(path, data, 0o600))
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(data, data)
}

func newCertificate(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "oax serve"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateAge),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, DNSNames: []string{"localhost"}, IPAddresses: addresses(),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}

// addresses returns the addresses of this machine, those first that others can reach.
func addresses() []net.IP {
	var ips []net.IP
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return append(ips, net.IPv4(127, 0, 0, 1), net.IPv6loopback)
}

// fingerprint returns the SHA-256 of a certificate, as browsers show it.
func fingerprint(c *tls.Certificate) string {
	sum := sha256.Sum256(c.Leaf.Raw)
	return strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":"))
}

// qrCode returns a QR code of a text, two rows of it in each line.
func qrCode(text string) string {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return ""
	}
	var b strings.Builder
	const border = 2
	for y := -border; y < code.Size+border; y += 2 {
		for x := -border; x < code.Size+border; x++ {
			// Light on dark: a terminal is dark more often than not.
			b.WriteString([]string{"█", "▄", "▀", " "}[bit(code.Black(x, y))*2+bit(code.Black(x, y+1))])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func bit(black bool) int {
	if black {
		return 1
	}
	return 0
}
