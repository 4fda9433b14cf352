package merge

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzMerge wants of any two files that no whole line of either is lost, that their order
// does not matter, and that to merge again changes nothing.
func FuzzMerge(f *testing.F) {
	head := `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12Z"}` + "\n"
	say := func(role, text, at string) string {
		return `{"kind":"message","time":"2026-11-21T23:` + at + `Z","role":"` + role + `","text":"` + text + `"}` + "\n"
	}
	title := `{"kind":"title","time":"2026-11-21T23:50:00Z","text":"t"}` + "\n"
	both := head + say("user", "hi", "46:00") + say("assistant", "ho", "46:10")
	f.Add(both, both+say("user", "a", "47:00"))
	f.Add(both+say("user", "b", "48:00"), both+say("user", "a", "47:00")+title)
	f.Add(both+title, both+strings.Replace(title, `"t"`, `"u"`, 1))
	f.Add(both+"\n\nnot JSON\n"+title[:20], both+`{"kind":"request","x":1}`+"\n")
	f.Add(head+say("assistant", "x", "46:00"), strings.Replace(head, "12Z", "13Z", 1)+say("assistant", "y", "46:00"))
	f.Add("", "\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		m := Copies("k3f9q2ab", []byte(a), []byte(b))
		there := map[string]bool{}
		for _, line := range bytes.SplitAfter(append(m.Session, m.Branch...), []byte("\n")) {
			there[string(line)] = true
		}
		for _, line := range append(strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")...) {
			if strings.HasSuffix(line, "\n") && !there[line] {
				t.Errorf("%q is lost", line)
			}
		}
		sameMerge(t, m, Copies("k3f9q2ab", []byte(b), []byte(a)))
		for _, copied := range []string{a, b} {
			again := Copies("k3f9q2ab", m.Session, []byte(copied))
			if !bytes.Equal(again.Session, m.Session) {
				t.Errorf("merged again with %q:\n%q, was\n%q", copied, again.Session, m.Session)
			}
			if again.Branch != nil && !bytes.Equal(again.Branch, m.Branch) {
				t.Errorf("another branch:\n%q, was\n%q", again.Branch, m.Branch)
			}
		}
	})
}

func sameMerge(t *testing.T, a, b Merged) {
	t.Helper()
	if !bytes.Equal(a.Session, b.Session) || !bytes.Equal(a.Branch, b.Branch) || a.ForkID != b.ForkID || !bytes.Equal(bytes.Join(a.Torn, nil), bytes.Join(b.Torn, nil)) {
		t.Errorf("in the other order:\n%q\n%q\nis not\n%q\n%q", b.Session, b.Branch, a.Session, a.Branch)
	}
}
