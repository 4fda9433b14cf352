// Package sse reads server-sent events exactly as the HTML Living Standard,
// section 9.2 (https://html.spec.whatwg.org/multipage/server-sent-events.html)
// says, and hands over beside them what a strict reader would throw away: the
// event that was pending when the stream ended.
//
// Reader turns bytes into events and does nothing else. Read runs a Reader in a
// goroutine and sends what each read of the body completed over a channel.
package sse

// Event is one dispatched event.
type Event struct {
	Type  string // "message" unless an event field named another
	Data  []byte // the data lines joined by LF; valid until the next Fill
	ID    string // the last event ID at dispatch
	Retry int64  // reconnection time in milliseconds set since the event before, or -1
}

// field takes one line that is neither blank nor a comment (section 9.2.6).
// The line lies in r.buf at from.
func (r *Reader) field(from, to int) {
	line := r.buf[from:to]
	name, value := line, to
	for i, c := range line {
		if c == ':' {
			name, value = line[:i], from+i+1
			break
		}
	}
	if value < to && r.buf[value] == ' ' {
		value++
	}
	switch string(name) {
	case "data":
		r.addData(value, to)
	case "event":
		r.typ = r.text(value, to, r.name)
		r.name = r.typ
	case "id":
		r.setID(value, to)
	case "retry":
		r.setRetry(r.buf[value:to])
	case "error":
		r.failure = r.ErrorField
		if r.failure {
			r.addData(value, to)
		}
	}
}

// addData appends a line to the data buffer, which lies in r.buf before the
// line itself: joining only ever moves bytes to the left.
func (r *Reader) addData(from, to int) {
	if !r.hasData {
		r.hasData = true
		r.dataStart, r.dataEnd = from, to
		return
	}
	r.buf[r.dataEnd] = '\n'
	r.dataEnd += 1 + copy(r.buf[r.dataEnd+1:], r.buf[from:to])
}

// text returns a field value as a string, and last if it is the same, so that a
// name repeated with every event costs nothing.
func (r *Reader) text(from, to int, last string) string {
	if value := r.buf[from:to]; string(value) != last {
		return string(AppendValid(nil, value))
	}
	return last
}

// setID ignores a value with a NUL in it.
func (r *Reader) setID(from, to int) {
	for _, c := range r.buf[from:to] {
		if c == 0 {
			return
		}
	}
	r.newID, r.id = true, r.text(from, to, r.id)
}

// setRetry takes ASCII digits and nothing else. A time beyond any clock is kept
// at the largest that fits.
func (r *Reader) setRetry(value []byte) {
	if len(value) == 0 {
		return
	}
	const most = 1<<63 - 1
	ms := int64(0)
	for _, c := range value {
		if c < '0' || c > '9' {
			return
		}
		if digit := int64(c - '0'); ms > (most-digit)/10 {
			ms = most
		} else if ms != most {
			ms = ms*10 + digit
		}
	}
	r.retry = ms
}

// dispatch ends the event at a blank line. Without data there is no event, but
// the ID holds all the same.
func (r *Reader) dispatch(event *Event) bool {
	*event = Event{Type: "message", Data: r.data(), ID: r.id, Retry: r.retry}
	switch {
	case r.failure:
		event.Type = "error"
	case r.typ != "":
		event.Type = r.typ
	}
	dispatched := r.hasData
	r.newID, r.lastID = false, r.id
	r.typ, r.failure, r.hasData = "", false, false
	if dispatched {
		r.retry = -1
	}
	return dispatched
}

func (r *Reader) data() []byte {
	if !r.hasData {
		return nil
	}
	return r.clean(r.dataStart, r.dataEnd)
}

// clean returns data that lies in r.buf, without what is not UTF-8.
func (r *Reader) clean(from, to int) []byte {
	data := r.buf[from:to:to]
	if r.Raw {
		return data
	}
	return validUTF8(data)
}
