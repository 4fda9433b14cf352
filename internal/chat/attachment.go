package chat

// Attachment is a file that goes with a prompt and is no text: an image or a PDF. A
// session keeps which file it was and not its bytes, so it can go along again only as
// long as the file is what it was.
type Attachment struct {
	Name   string `json:"name"`           // as it was given
	Path   string `json:"path,omitempty"` // absolute; empty if it was no file that stays
	Type   string `json:"type"`           // as image/png
	Size   int64  `json:"size"`           // in bytes
	SHA256 string `json:"sha256"`         // in hexadecimal

	Data []byte `json:"-"` // empty until it is read
	Gone bool   `json:"-"` // it was looked for and is not what it was
}
