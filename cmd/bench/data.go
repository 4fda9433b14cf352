//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/demo"
)

// What needs memory runs in children of this program, since Linux counts a parent's
// memory as the peak of each child that it starts.

// serve streams a number of tokens to each client, until standard input ends. They are the
// tokens of text, or of demo.Text if text is empty.
func serve(tokens int, text string) {
	handler := demo.Tokens(tokens)
	if text != "" {
		handler = demo.Repeat(tokens, tokensOf(text))
	}
	server := must(demo.Start(handler))
	defer server.Close()
	fmt.Println(server.URL())
	must(io.Copy(io.Discard, os.Stdin))
}

// endpoint starts a child that serves tokens, of a text if there is one. stop ends it.
func endpoint(tokens int, text ...string) (url string, stop func()) {
	cmd := exec.Command(os.Args[0], append([]string{"-serve", fmt.Sprint(tokens)}, text...)...)
	in, out := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	check(cmd.Start())
	must(fmt.Fscanln(out, &url))
	return url, func() { in.Close(); check(cmd.Wait()) }
}

// home makes a home with a number of sessions, in a child.
func (b *bench) home(name string, sessions, turns, words int) string {
	home := filepath.Join(b.dir, name)
	execute(os.Args[0], "-fill", home, fmt.Sprint(sessions), fmt.Sprint(turns), fmt.Sprint(words))
	return home
}

// fill makes the sessions, the oldest two years before the newest.
func fill(home string, args []string) {
	var sessions, turns, words int
	must(fmt.Sscan(strings.Join(args, " "), &sessions, &turns, &words))
	const span = 2 * 365 * 24 * time.Hour
	newest := time.Now().UTC().Add(-time.Hour)
	check(os.MkdirAll(home, 0o700))
	for i := range sessions {
		at := newest.Add(-time.Duration(i) * (span / time.Duration(sessions)))
		writeSession(filepath.Join(home, "data", "oax", "sessions", at.Format("2006-01")), at, i, turns, words)
	}
}

func writeSession(month string, at time.Time, number, turns, words int) {
	id := fmt.Sprintf("b%07x", number)
	random := rand.New(rand.NewPCG(uint64(number), 1)) // the same text each time
	var b bytes.Buffer
	when := at.Format(time.RFC3339Nano)
	fmt.Fprintf(&b, "{\"kind\":\"session\",\"version\":1,\"id\":%q,\"time\":%q}\n", id, when)
	for turn := range turns { // as oax writes them: it recognizes most lines by how they begin
		fmt.Fprintf(&b, "{\"kind\":\"message\",\"time\":%q,\"role\":\"user\",\"text\":\"question %d of session %d\",\"model\":\"m\",\"turn\":\"%08d\"}\n", when, turn+1, number, turn)
		fmt.Fprintf(&b, "{\"kind\":\"message\",\"time\":%q,\"role\":\"assistant\",\"text\":%q,\"model\":\"m\",\"finish_reason\":\"stop\",\"state\":\"complete\",\"turn\":\"%08d\"}\n", when, prose(random, words), turn)
	}
	check(os.MkdirAll(month, 0o700))
	check(os.WriteFile(filepath.Join(month, at.Format("2006-01-02_15-04-05")+"_"+id+".jsonl"), b.Bytes(), 0o600))
}

// commonWords are the most frequent words of prose, in order.
var commonWords = strings.Fields(`the of and to a in is you that it for on with as are this be or by from an can will not if
	at your use which when value function error time file one all has code but more new they any then same each other
	returns example first line data so what does into string list out type test server command set before because session
	where how number way run need make read key write after without message most called default between case than very user`)

const rareWord = "zugzwang"

// prose returns a number of random words. The k-th most frequent word comes about 1/k as
// often as the first, as in any language. The rare ones are made of syllables. About one answer in 10,000
// contains rareWord.
func prose(random *rand.Rand, words int) string {
	const vocabulary = 30_000
	syllables := [...]string{"ka", "to", "mi", "ren", "sal", "ver", "dun", "pel", "con", "pro", "lam", "tes", "bri", "fen", "gol", "har"}
	var b strings.Builder
	for range words {
		k := int(math.Exp(random.Float64()*math.Log(vocabulary))) - 1
		if k < len(commonWords) {
			b.WriteString(commonWords[k] + " ")
			continue
		}
		for n := k; n > 0; n /= len(syllables) {
			b.WriteString(syllables[n%len(syllables)])
		}
		b.WriteByte(' ')
	}
	if random.IntN(10_000) == 0 {
		b.WriteString(rareWord)
	}
	return b.String()
}
