package session

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// parsed is what the bytes of a session say.
type parsed struct {
	header  record // the zero record if there is none
	records []record
	damaged []int // the lines, from 1, that are no records
	torn    int64 // where a write was cut: from here on nothing is a record; -1 if nowhere
}

// parse reads whatever bytes. Each line that is a record counts, whatever is
// around it, and so does a last one that only lacks its newline.
func parse(data []byte) parsed {
	p := parsed{torn: -1}
	at, number := int64(0), 0
	for line := range bytes.Lines(data) {
		number++
		p.add(line, at, number)
		at += int64(len(line))
	}
	return p
}

func (p *parsed) add(line []byte, at int64, number int) {
	body, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended {
		body = bytes.TrimRight(line, "\x00") // power loss can leave these at the end
	}
	r, ok := decode(body)
	if ok {
		p.keep(r, at)
	}
	switch {
	case !ok && !ended:
		p.torn = at
	case !ended && len(body) < len(line):
		p.torn = at + int64(len(body))
	case !ok && len(bytes.TrimSpace(body)) > 0:
		p.damaged = append(p.damaged, number)
	}
}

func (p *parsed) keep(r record, at int64) {
	r.at = at
	if r.Kind == kindSession && p.header.Kind == "" {
		p.header = r
		return
	}
	p.records = append(p.records, r)
}

// notes says what is wrong in the middle of the file.
func (p *parsed) notes() []string {
	switch len(p.damaged) {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("record %d is damaged (kept as is)", p.damaged[0])}
	}
	return []string{fmt.Sprintf("%d records are damaged (kept as is), the first is record %d", len(p.damaged), p.damaged[0])}
}

// decode reads one line; ok is whether it is a record. Of one whose kind is not
// ours nothing else has to be as we know it.
func decode(line []byte) (r record, ok bool) {
	if err := json.Unmarshal(line, &r); err == nil {
		return r, r.Kind != ""
	}
	var foreign struct {
		Kind string `json:"kind"`
	}
	err := json.Unmarshal(line, &foreign)
	switch foreign.Kind {
	case "", kindSession, kindMessage, kindError, kindTitle:
		return record{}, false
	}
	return record{Kind: foreign.Kind}, err == nil
}
