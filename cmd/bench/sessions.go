//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// months is over how many months generated sessions are spread.
const months = 24

// writeSessions fills a home with so many sessions of so many turns each.
func writeSessions(home string, sessions, turns int) error {
	dir := filepath.Join(home, "data", "oax", "sessions")
	newest := time.Now().UTC().Add(-time.Hour)
	step := months * 30 * 24 * time.Hour / time.Duration(sessions)
	for i := range sessions {
		if err := writeSession(dir, newest.Add(-time.Duration(i)*step), i, turns); err != nil {
			return err
		}
	}
	return nil
}

func writeSession(dir string, at time.Time, number, turns int) error {
	id := fmt.Sprintf("b%07x", number)
	stamp := at.Format(time.RFC3339Nano)
	var b strings.Builder
	fmt.Fprintf(&b, `{"kind":"session","version":1,"id":"%s","time":"%s"}`+"\n", id, stamp)
	for turn := range turns {
		fmt.Fprintf(&b, `{"kind":"message","time":"%s","role":"user","text":"question %d of session %d","model":"m"}`+"\n", stamp, turn+1, number)
		fmt.Fprintf(&b, `{"kind":"message","time":"%s","role":"assistant","text":"%s","model":"m","finish_reason":"stop","state":"complete"}`+"\n", stamp, strings.Repeat("an answer in some words. ", 40))
	}
	month := filepath.Join(dir, at.Format("2006-01"))
	if err := os.MkdirAll(month, 0o700); err != nil {
		return err
	}
	name := at.Format("2006-01-02_15-04-05") + "_" + id + ".jsonl"
	return os.WriteFile(filepath.Join(month, name), []byte(b.String()), 0o600)
}
