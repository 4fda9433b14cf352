package openai

import (
	"fmt"
	"time"

	"oax/internal/chat"
)

// Kind says what went wrong with a request or its answer.
type Kind string

// Before the service replied.
const (
	Refused          Kind = "refused"           // nobody listens at the address
	NoHost           Kind = "no host"           // the name does not exist
	NoRoute          Kind = "no route"          // no network
	ConnectTimeout   Kind = "connect timeout"   // no connection within Limits.Connect
	TLSTimeout       Kind = "tls timeout"       // no handshake within Limits.TLS
	Untrusted        Kind = "untrusted"         // the certificate's authority is unknown
	BadCertificate   Kind = "bad certificate"   // expired, not yet valid or for another host
	TLSFailed        Kind = "tls failed"        // the handshake failed otherwise
	SpeaksPlainHTTP  Kind = "speaks plain http" // https asked of a plain port
	ExpectsHTTPS     Kind = "expects https"     // http asked of a TLS port
	ProxyFailed      Kind = "proxy failed"      // the proxy refused or is not there
	ReplyTimeout     Kind = "reply timeout"     // no headers within Limits.Headers
	NoReply          Kind = "no reply"          // the connection was closed without a reply
	ResetBeforeReply Kind = "reset early"       // the connection was reset without a reply
	HeadersTooLarge  Kind = "headers too large"
	NetworkFailed    Kind = "network failed" // anything else on the way
)

// In the reply's status and headers.
const (
	Redirected Kind = "redirected" // to another place; never followed
	Encoded    Kind = "encoded"    // in a content encoding that was not asked for
	BadStatus  Kind = "bad status" // see Status
	NoCredit   Kind = "no credit"  // the account has none left
	TooLong    Kind = "too long"   // the chat does not fit the model's context
	NoModel    Kind = "no model"   // the model does not exist there
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

// Error is a failed request or a broken answer, as facts. What of it came from
// the service (Message, Detail, Location) is as the service sent it, with the key
// replaced by "[key]"; it may hold control characters.
type Error struct {
	Kind     Kind
	Host     string // of the base URL, with its port if it has one
	URL      string // that was asked
	Model    string // that was asked for
	Size     int64  // of the request's body, in bytes
	Status   int    // of the reply, or 0
	Message  string // the service's own words
	Detail   string // more of them, if the service is a gateway that passes on another's
	Code     string // the service's error code or type
	Param    string // the request's field that the error names
	Location string // where a redirect points to
	Encoding string // the content encoding
	Proxy    string // the proxy's URL without user and password

	Limit      time.Duration // the time limit that ended it
	RetryAfter time.Duration // the service's wish, or 0
	Reset      string        // when the rate limit ends, in the service's words
	Tries      int           // how often the request was sent
	Err        error         // what caused it, or nil

	local       bool   // Client.Local
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
