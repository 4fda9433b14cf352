package term

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// EscapeJSON returns JSON with each character that a terminal would obey or not show
// escaped as \uXXXX. Line breaks and tabs stay: between values they are white space.
func EscapeJSON(json string) string {
	if Visible(json) == json {
		return json
	}
	var b strings.Builder
	var before rune
	for _, r := range json {
		one := string(r)
		selected := r > 0xa0 && classOf(r) == selecting && selects(r, before)
		if before = r; selected || Visible(one) == one {
			b.WriteString(one)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
