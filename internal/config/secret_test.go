package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSecretPrintsAsKey(t *testing.T) {
	const text = "sk-CANARY-0123456789abcd"
	type holder struct {
		Open   Secret
		closed Secret
		inside *Secret
	}
	s := secret(text)
	h := holder{s, s, &s}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, s); got != "[key]" {
			t.Errorf("%s prints %s", verb, got)
		}
		for _, v := range []any{s, &s, h, &h, []Secret{s}, map[string]Secret{"a": s}, Endpoint{Key: s}, &KeyError{Source: "x"}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "CANARY") || strings.Contains(got, fmt.Sprintf("%x", "CANARY")) {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
	}
	if got := fmt.Sprint(s) + s.String(); got != "[key][key]" {
		t.Error(got)
	}
	if got, err := json.Marshal(Endpoint{Key: s}); err != nil || strings.Contains(string(got), "CANARY") || !strings.Contains(string(got), `"Key":"[key]"`) {
		t.Errorf("%s %v", got, err)
	}
	if s.Reveal() != text || (Secret{}).Reveal() != "" {
		t.Error("Reveal does not")
	}
}

func TestTail(t *testing.T) {
	for text, want := range map[string]string{"": "", "0123456789012345678": "", "01234567890123456789": "6789"} {
		if got := secret(text).Tail(); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestClean(t *testing.T) {
	for _, tt := range []struct {
		text, key string
		bad       string
	}{
		{"abc", "abc", ""},
		{"abc\n", "abc", ""},
		{"abc\r\n", "abc", ""},
		{"\n", "", ""},
		{"CANARY\nx", "", "the API key holds a line break; check here"},
		{"\nCANARY", "", "the API key holds a line break; check here"},
		{"CANARY\rx", "", "the API key holds a line break; check here"},
		{"CANARY\tx", "", "the API key holds a control character; check here"},
		{"CANARY\x00", "", "the API key holds a control character; check here"},
		{"CANARY\x7f\n", "", "the API key holds a control character; check here"},
	} {
		got, err := clean(tt.text, "here")
		if got.Reveal() != tt.key {
			t.Errorf("%q gives %q", tt.text, got.Reveal())
		}
		if e, _ := errors.AsType[*KeyError](err); (e == nil) != (tt.bad == "") || e != nil && e.Error() != tt.bad {
			t.Errorf("%q: %v", tt.text, err)
		}
	}
}
