package lineedit

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// What the bytes are that a terminal sends for keys (ECMA-48, and ctlseqs of xterm).

// key is a key that was pressed, or text that was typed or pasted.
type key struct {
	name   string // ctrl-a, alt-b, left, ctrl-left, ...; empty: text, or a key without use
	text   string // valid UTF-8
	pasted bool   // the text came in one piece, with line ends and all
	raw    string // the bytes, unless they are a paste
}

// decoder makes keys of bytes that come in pieces. What comes out does not depend on how
// the bytes were cut, but for one thing: a paste that is followed by another end of a
// paste without a pause ends there. Else text on the clipboard that holds ESC[201~ would
// end its own paste, and what follows it would be taken as keys.
type decoder struct {
	pending []byte
	scanned int // how many bytes of a pending paste hold no end, or only ends before it
	end     int // of the pending paste, as far as is known; 0: it has none yet
}

const (
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

func (d *decoder) add(b []byte) { d.pending = append(d.pending, b...) }

// unread puts bytes before those that are pending.
func (d *decoder) unread(b string) { d.pending = append([]byte(b), d.pending...) }

// undecided returns how long nothing must come to tell what is pending; 0 if a pause would
// not tell.
//
// Bytes that a terminal sends together come faster than pasteTime, and no person types as
// fast.
func (d *decoder) undecided() time.Duration {
	const pasteTime, escapeTime = 10 * time.Millisecond, 100 * time.Millisecond
	switch p := string(d.pending); {
	case d.end > 0:
		return pasteTime
	case p == "\x1b", p == "\x1b\x1b":
		return escapeTime
	}
	return 0
}

// next takes the next key. There is none yet if more bytes can change what is pending.
// paused says that no more came for a while: then a paste has ended, and a lone ESC is a
// key.
func (d *decoder) next(paused bool) (k key, ok bool) {
	n := 0
	switch p := d.pending; {
	case len(p) == 0:
	case bytes.HasPrefix(p, []byte(pasteStart)):
		k, n = d.paste(paused)
	case p[0] == esc:
		k, n = escaped(p, paused)
	default:
		k, n = plain(p)
	}
	if !k.pasted {
		k.raw = string(d.pending[:n])
	}
	d.pending = d.pending[n:]
	return k, n > 0
}

const esc = 0x1b

// paste returns the paste that is pending and how many bytes it takes, 0 if it has not
// ended. Two pastes without anything between them are one.
func (d *decoder) paste(paused bool) (key, int) {
	d.scanned = max(d.scanned, len(pasteStart))
	if i := bytes.LastIndex(d.pending[d.scanned:], []byte(pasteEnd)); i >= 0 {
		d.end = d.scanned + i
	}
	d.scanned = max(d.scanned, len(d.pending)-len(pasteEnd)+1)
	if d.end == 0 || !paused {
		return key{}, 0
	}
	text := string(d.pending[len(pasteStart):d.end])
	n := d.end + len(pasteEnd)
	d.scanned, d.end = 0, 0
	text = strings.ReplaceAll(text, pasteEnd+pasteStart, "")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return key{text: strings.ToValidUTF8(text, "\uFFFD"), pasted: true}, n
}

// plain returns the control or the text at the start of p, which is not empty.
func plain(p []byte) (key, int) {
	if name := control(p[0]); name != "" {
		return key{name: name}, 1
	}
	var text strings.Builder
	n := 0
	for n < len(p) && control(p[n]) == "" && utf8.FullRune(p[n:]) {
		r, size := utf8.DecodeRune(p[n:])
		text.WriteRune(r)
		n += size
	}
	return key{text: text.String()}, n
}

// control returns the name of the key that a byte stands for, or nothing for text.
func control(b byte) string {
	switch {
	case b == '\r':
		return "enter"
	case b == '\t':
		return "tab"
	case b == 0x7f, b == 0x08:
		return "backspace"
	case b == esc:
		return "escape"
	case b == 0:
		return "ctrl-@"
	case b < ' ':
		return "ctrl-" + strings.ToLower(string(rune(b|0x40)))
	}
	return ""
}

// escaped returns the key that p, which begins with ESC, is the start of.
func escaped(p []byte, paused bool) (key, int) {
	if len(p) == 1 && paused {
		return key{name: "escape"}, 1
	}
	if len(p) == 1 {
		return key{}, 0
	}
	switch p[1] {
	case '[':
		return sequence(p)
	case 'O':
		if len(p) < 3 {
			return key{}, 0
		}
		return key{name: function("", p[2])}, 3
	case esc:
		if len(p) > 2 && p[2] != '[' && p[2] != 'O' || len(p) == 2 && paused {
			return key{name: "escape"}, 1
		}
		k, n := escaped(p[1:], false) // rxvt's Alt
		return alt(k, n)
	}
	k, n := plain(p[1:])
	if k.text != "" {
		r, size := utf8.DecodeRune(p[1:])
		k.text, n = string(r), size
	}
	return alt(k, n)
}

// alt returns a key as it is with Alt, and how many bytes it takes with the ESC before it.
func alt(k key, n int) (key, int) {
	if n == 0 {
		return k, 0
	}
	return key{name: "alt-" + k.name + k.text}, n + 1
}

// maxSequence is how long a control sequence may be. A longer one is none.
const maxSequence = 64

// sequence returns the key of a control sequence: ESC [, parameters, a final byte.
func sequence(p []byte) (key, int) {
	for n := 2; n < len(p); n++ {
		switch b := p[n]; {
		case n == 2 && b == '[': // the Linux console's function keys: one more byte
			if len(p) == 3 {
				return key{}, 0
			}
			return key{}, 4
		case b == esc || n > maxSequence:
			return key{}, n
		case b >= 0x40 && b <= 0x7e:
			return key{name: sequenceName(string(p[2:n]), b)}, n + 1
		case b < ' ' || b >= 0x7f: // not of a sequence
			return key{}, n
		}
	}
	return key{}, 0
}

// sequenceName returns the name of the key that a terminal sends these parameters and this
// final byte for, or nothing.
func sequenceName(parameters string, final byte) string {
	first, second, _ := strings.Cut(parameters, ";")
	switch {
	case final == '~' && first == "27": // xterm's modifyOtherKeys: 27;modifier;code~
		modifier, code, _ := strings.Cut(second, ";")
		return other(code, modifier)
	case final == 'u': // code;modifier, fixterms and kitty
		return other(first, second)
	case final == '~':
		names := map[string]string{"1": "home", "2": "insert", "3": "delete", "4": "end", "5": "page-up", "6": "page-down", "7": "home", "8": "end"}
		if name := names[first]; name != "" {
			return modified(second) + name
		}
		return ""
	case parameters == "" && final >= 'a' && final <= 'd': // rxvt's Shift
		return function("", final-'a'+'A')
	case parameters == "" && final == 'I':
		return "focus"
	case parameters == "" && final == 'O':
		return "blur"
	}
	return function(second, final)
}

// other returns the name of an Enter, Tab, Backspace or Space that was pressed with
// modifiers.
func other(code, modifier string) string {
	names := map[string]string{"13": "enter", "9": "tab", "127": "backspace", "27": "escape"}
	if name := names[code]; name != "" {
		return modified(modifier) + name
	}
	return ""
}

// function returns the name of a key that has a final byte of its own.
func function(modifier string, final byte) string {
	names := map[byte]string{
		'A': "up", 'B': "down", 'C': "right", 'D': "left", 'F': "end", 'H': "home", 'M': "enter", 'Z': "shift-tab",
		'a': "up", 'b': "down", 'c': "ctrl-right", 'd': "ctrl-left", // rxvt's Ctrl, after ESC O
	}
	if name := names[final]; name != "" {
		return modified(modifier) + name
	}
	return ""
}

// modified returns what the name of a key begins with if it was pressed with modifiers.
func modified(modifier string) string {
	modifier, _, _ = strings.Cut(modifier, ":")
	switch modifier {
	case "2":
		return "shift-"
	case "3", "4", "9", "10":
		return "alt-"
	case "5", "6":
		return "ctrl-"
	case "7", "8":
		return "alt-ctrl-"
	}
	return ""
}
