package live

import "testing"

func TestPosition(t *testing.T) {
	for _, text := range []string{"0", "7c2f:0.0.0", "7c2f:120.3.0", "n1:end"} {
		p, ok := ParsePosition(text)
		if !ok || p.String() != text {
			t.Errorf("%q is read as %q, %v", text, p, ok)
		}
	}
	for _, text := range []string{"", ":end", ":0.0.0", "7c2f", "7c2f:", "7c2f:1.2", "7c2f:1.2.3.4", "7c2f:-1.0.0",
		"7c2f:01.0.0", "7c2f:+1.0.0", "7c2f:1.0.99999999999999999999", "00"} {
		if p, ok := ParsePosition(text); ok {
			t.Errorf("%q is read as %q", text, p)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("7c2f:120.3.0")
	f.Add("a:b:end")
	f.Fuzz(func(t *testing.T, text string) {
		if p, ok := ParsePosition(text); ok && p.String() != text {
			t.Errorf("%q is read as %q", text, p)
		}
	})
}
