package openai

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"oax/internal/chat"
)

// Kind is the kind of a failure of a request or its answer.
type Kind string

// Before the service replied.
const (
	Refused          Kind = "refused"           // nothing listens at the address
	NoHost           Kind = "no host"           // the name does not exist
	NoRoute          Kind = "no route"          // no network
	ConnectTimeout   Kind = "connect timeout"   // no connection within Limits.Connect
	TLSTimeout       Kind = "tls timeout"       // no handshake within Limits.TLS
	Untrusted        Kind = "untrusted"         // the certificate's authority is unknown
	BadCertificate   Kind = "bad certificate"   // expired, not yet valid or for another host
	TLSFailed        Kind = "tls failed"        // the handshake failed otherwise
	SpeaksPlainHTTP  Kind = "speaks plain http" // https was used for a port of http
	ExpectsHTTPS     Kind = "expects https"     // http was used for a port of https
	ProxyFailed      Kind = "proxy failed"      // the proxy refused or is not there
	SendTimeout      Kind = "send timeout"      // nothing more of the request taken within Limits.Send
	ReplyTimeout     Kind = "reply timeout"     // no headers within Limits.Headers
	NoReply          Kind = "no reply"          // the connection was closed without a reply
	ResetBeforeReply Kind = "reset early"       // the connection was reset without a reply
	HeadersTooLarge  Kind = "headers too large"
	NetworkFailed    Kind = "network failed" // anything else on the way
)

// In the reply's status and headers.
const (
	Redirected Kind = "redirected" // to another URL; never followed
	Encoded    Kind = "encoded"    // in a content encoding that was not requested
	BadStatus  Kind = "bad status" // see Status
	NoCredit   Kind = "no credit"  // the account has none left
	TooLong    Kind = "too long"   // the chat does not fit the model's context
	NoModel    Kind = "no model"   // the model does not exist there
	OtherAPI   Kind = "other api"  // the service has the model in another API; see OnlyIn
)

// In the body.
const (
	WebPage      Kind = "web page"       // HTML instead of an answer
	EmptyReply   Kind = "empty reply"    // no bytes at all
	ServiceError Kind = "service error"  // an error object at status 200
	NoList       Kind = "no list"        // not a list of models
	BrokenEvent  Kind = "broken event"   // not JSON, or not an object
	EventTooLong Kind = "event too long" // over sse.MaxEvent
	AnswerLimit  Kind = "answer limit"   // over MaxAnswer
	ResetLate    Kind = "reset late"     // the connection broke inside the body
	Silence      Kind = "silence"        // no bytes for Limits.Silence
	NoText       Kind = "no text"        // bytes, but no event for Limits.NoEvent
)

// Error is a failed request or a broken answer, as facts. What of it came from the
// service is as the service sent it, with secrets replaced by "[key]"; it may hold control
// characters.
type Error struct {
	Kind     Kind
	Host     string // of the base URL, with its port if it has one
	URL      string // of the request
	Model    string // of the request
	Size     int64  // of the request's body, in bytes
	Status   int    // of the reply, or 0
	Message  string // the service's own words
	Detail   string // more of them, if the service is a gateway that passes on another's
	Code     string // the service's error code or type
	Param    string // the request's field that the error names
	OnlyIn   string // the path of the API that the service has the model in, if it says so
	Location string // where a redirect points to
	Encoding string // the content encoding
	Proxy    string // the proxy's URL without user and password

	Limit      time.Duration // the time limit that ended it
	RetryAfter time.Duration // the service's wish, or 0
	Reset      string        // when the rate limit ends, in the service's words
	Tries      int           // how often the request was sent
	Err        error         // what caused it, or nil

	local       bool   // Config.Local
	stale       bool   // it met a connection that had been closed
	shouldRetry string // the header x-should-retry
}

func (e *Error) Error() string {
	text := string(e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// as returns an error with the facts of e.
func (e Error) as(kind Kind, limit time.Duration, err error) *Error {
	e.Kind, e.Limit, e.Err = kind, limit, err
	return &e
}

func (e *Error) Unwrap() error { return e.Err }

// Why returns the reason an answer that this error ended is incomplete.
func (e *Error) Why() chat.Why {
	switch e.Kind {
	case ServiceError:
		return chat.Failed
	case AnswerLimit:
		return chat.Limit
	case Silence, NoText:
		return chat.Stall
	case ResetLate:
		return chat.Reset
	}
	return chat.Protocol
}

// maxRetries follow the first try, unless the kind of error allows fewer.
const maxRetries = 2

// retries returns how often a request that failed so is sent again.
func (e *Error) retries() int {
	switch e.Kind {
	case NoReply, ResetBeforeReply:
		return 1
	case Refused:
		if !e.local {
			return maxRetries
		}
	case BadStatus, ServiceError:
		if e.RetryAfter <= longestWait && e.mayPass() {
			return maxRetries
		}
	}
	return 0
}

// mayPass reports whether the service may answer the same request later.
func (e *Error) mayPass() bool {
	switch e.Status {
	case 408, 409, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529:
		return e.shouldRetry != "false"
	case http.StatusOK:
		return e.Busy()
	}
	return e.shouldRetry == "true"
}

// Busy reports whether an error at status 200 speaks of load.
func (e *Error) Busy() bool {
	return containsAny(strings.ToLower(e.Code+" "+e.Message),
		"rate limit", "rate_limit", "overload", "429", "503", "529", "too many requests")
}

const (
	// longestWait is the longest Retry-After that is followed.
	longestWait = 60 * time.Second
	firstWait   = 500 * time.Millisecond
	maxWait     = 8 * time.Second
)

// wait returns the time before a retry, the first of which is 1: what the service asked
// for, or half a second doubled each time, less up to a quarter so that many clients do
// not come back together.
func (e *Error) wait(try int) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	wait := min(firstWait<<(try-1), maxWait)
	return wait - rand.N(wait/4)
}

// retryAfter returns how long the service wants the client to wait, or 0 if its headers
// do not say so, or in no valid form. retry-after-ms, in milliseconds,
// goes before Retry-After, in seconds or as a date (RFC 9110, section 10.2.3).
func retryAfter(header http.Header, now time.Time) time.Duration {
	if wait, ok := positive(header.Get("Retry-After-Ms"), time.Millisecond); ok {
		return wait
	}
	value := header.Get("Retry-After")
	if wait, ok := positive(value, time.Second); ok {
		return wait
	}
	if date, err := http.ParseTime(value); err == nil && date.After(now) {
		return date.Sub(now)
	}
	return 0
}

// positive parses a number of units above 0; what a Duration cannot hold is cut.
func positive(value string, unit time.Duration) (time.Duration, bool) {
	number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(number) || number <= 0 {
		return 0, false
	}
	if number > float64(math.MaxInt64/unit) {
		return math.MaxInt64, true
	}
	return time.Duration(number * float64(unit)), true
}
