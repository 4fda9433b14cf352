package manual

import "testing"

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		`a\nb`: `a\enb`, ".TH": `\&.TH`, "x\n.so /etc/passwd": "x\n\\&.so /etc/passwd", "'quoted'": `\(aqquoted\(aq`, "--all": `\-\-all`, "日本": "日本",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
