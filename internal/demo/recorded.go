package demo

import (
	"bytes"
	"net/http"
	"strings"
)

// Recorded returns the exchange of a reply that was written down as it came: the
// status line, the headers, an empty line, the body. What belongs to the connection
// it came over is left out (RFC 9110, section 7.6.1).
func Recorded(status int, reply []byte) Exchange {
	head, body, _ := bytes.Cut(bytes.ReplaceAll(reply, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	header := http.Header{}
	for _, line := range strings.Split(string(head), "\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "content-length", "transfer-encoding", "connection", "content-encoding":
		default:
			header.Add(name, strings.TrimSpace(value))
		}
	}
	return Exchange{Status: status, Header: header, Body: []Step{Send(body)}}
}
