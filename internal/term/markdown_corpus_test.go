package term

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Every recorded answer, and every reasoning, is shown as a Filter shows it, plus
// styles, however it is cut.
func TestMarkdownShowsRecordedAnswers(t *testing.T) {
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	index, err := os.ReadFile(filepath.Join(dir, "streams", "INDEX.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recordings []struct {
		Text      string `json:"expect_text"`
		Reasoning string `json:"expect_reasoning"`
	}
	if err := json.Unmarshal(index, &recordings); err != nil {
		t.Fatal(err)
	}
	characters := 0
	for _, r := range recordings {
		for _, text := range []string{r.Text, r.Reasoning} {
			styled := styledText(text)
			checkStyled(t, text, styled)
			for seed := range uint64(5) {
				if got := inPieces(cut(text, seed)...); got != styled {
					t.Fatalf("in pieces:\n got %q\nwant %q", got, styled)
				}
			}
			characters += len(text)
		}
	}
	t.Logf("%d bytes of answers", characters)
}

// cut cuts a text into pieces of up to 20 bytes.
func cut(text string, seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var pieces []string
	for text != "" {
		n := min(rng.IntN(20)+1, len(text))
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	return pieces
}
