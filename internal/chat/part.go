package chat

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Part is what a message holds beside its text: a file that goes with a prompt, or what
// the API has as an element of a message's content, kept as JSON.
//
// A session keeps which file it was and not its bytes, so a file can go along again only
// as long as it is what it was.
type Part struct {
	Name   string `json:"name,omitempty"`   // of a file, as it was given
	Path   string `json:"path,omitempty"`   // absolute; empty if it was no file that stays
	Type   string `json:"type"`             // the media type of a file, as image/png; else that of the API, as image_url
	Size   int64  `json:"size,omitempty"`   // of a file, in bytes
	SHA256 string `json:"sha256,omitempty"` // of a file, in hexadecimal

	Text string          `json:"text,omitempty"` // what is said in audio
	JSON json.RawMessage `json:"json,omitempty"` // an element of the content, as the API has it

	Data []byte `json:"-"` // of a file; empty until it is read
	Gone bool   `json:"-"` // the file was looked for and is not what it was
}

// Audio is the Type of what a service says in audio. Of that, the Text is kept.
const Audio = "audio"

// IsFile reports whether the part is a file that was attached to a prompt.
func (p Part) IsFile() bool { return p.Type != Audio && len(p.JSON) == 0 }

// IsImage reports whether a file is a picture.
func (p Part) IsImage() bool { return strings.HasPrefix(p.Type, "image/") }

// DataURL returns the bytes of a file as a URL that holds them (RFC 2397).
func (p Part) DataURL() string {
	return "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}
