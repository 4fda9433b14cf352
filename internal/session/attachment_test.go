package session

import (
	"reflect"
	"strings"
	"testing"

	"oax/internal/chat"
)

// What is attached is named in the record of the prompt; its bytes are not in it.
func TestAttachments(t *testing.T) {
	st := newStore(t, Options{})
	kept := []chat.Attachment{{Name: "a.png", Path: "/home/a.png", Type: "image/png", Size: 3, SHA256: "ab"}}
	prompt := user("what is this?")
	prompt.Attachments = []chat.Attachment{kept[0]}
	prompt.Attachments[0].Data = []byte("xyz")
	w, err := st.Create(prompt)
	must(t, err)
	must(t, w.Finish(answer("a cat")))
	e := Entry{w.ID(), w.Path()}
	const want = `"attachments":[{"name":"a.png","path":"/home/a.png","type":"image/png","size":3,"sha256":"ab"}]`
	if line := read(t, e.Path); !strings.Contains(line, want) || strings.Contains(line, "xyz") {
		t.Errorf("%s\nwant %s", line, want)
	}
	s := load(t, st, e)
	if got := s.History()[0].Attachments; !reflect.DeepEqual(got, kept) {
		t.Errorf("%+v", got)
	}
	if got, _, _ := s.LastPrompt(); !reflect.DeepEqual(got.Attachments, kept) {
		t.Errorf("%+v", got)
	}
}
