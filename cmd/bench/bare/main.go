// Bare is what oax is measured against: a Go program that links net/http and
// encoding/json and does no more than it must. Without arguments it prints a line;
// with a URL it posts a request there and copies the body to standard output.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	body, _ := json.Marshal(map[string]any{"model": "m", "stream": true, "messages": []map[string]string{{"role": "user", "content": "hi"}}})
	if len(os.Args) < 2 {
		fmt.Println("a request has", len(body), "bytes")
		return
	}
	resp, err := http.Post(os.Args[1], "application/json", bytes.NewReader(body))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
