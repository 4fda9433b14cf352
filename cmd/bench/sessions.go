//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"oax/internal/demo"
)

// What needs memory runs in children of this program, since Linux counts a parent's
// memory as the peak of each child that it starts.

// serve streams so many tokens to whoever asks, until its standard input ends.
func serve(tokens int) error {
	server, err := demo.Start(demo.Tokens(tokens))
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Println(server.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// endpoint starts a child that streams tokens. stop ends it.
func endpoint(tokens int) (url string, stop func(), err error) {
	cmd := exec.Command(os.Args[0], "-serve", strconv.Itoa(tokens))
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		in.Close()
		cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), stop, err
}

// fill makes sessions in a home, in a child: their number, the turns of each and the words
// of an answer.
func fill(home string, sessions, turns, words int) error {
	out, err := exec.Command(os.Args[0], "-fill", home, fmt.Sprint(sessions), fmt.Sprint(turns), fmt.Sprint(words)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// fillChild is that child.
func fillChild(home string, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("-fill HOME takes three numbers")
	}
	var n [3]int
	for i, arg := range args {
		var err error
		if n[i], err = strconv.Atoi(arg); err != nil {
			return err
		}
	}
	sessions, turns, words := n[0], n[1], n[2]
	const span = 2 * 365 * 24 * time.Hour // from the oldest to the newest
	newest := time.Now().UTC().Add(-time.Hour)
	for i := range sessions {
		at := newest.Add(-time.Duration(i) * span / time.Duration(sessions))
		if err := writeSession(filepath.Join(home, "data", "oax", "sessions"), at, i, turns, words); err != nil {
			return err
		}
	}
	return nil
}

func writeSession(dir string, at time.Time, number, turns, words int) error {
	id := fmt.Sprintf("b%07x", number)
	random := rand.New(rand.NewPCG(uint64(number), 1)) // the same text whenever it is made
	var b strings.Builder
	record := func(fields map[string]any) {
		fields["time"] = at
		line, _ := json.Marshal(fields) // of strings and numbers: cannot fail
		b.Write(append(line, '\n'))
	}
	record(map[string]any{"kind": "session", "version": 1, "id": id})
	for turn := range turns {
		record(map[string]any{"kind": "message", "role": "user", "model": "m", "text": fmt.Sprintf("question %d of session %d", turn+1, number)})
		record(map[string]any{"kind": "message", "role": "assistant", "model": "m", "text": prose(random, words), "finish_reason": "stop", "state": "complete"})
	}
	month := filepath.Join(dir, at.Format("2006-01"))
	if err := os.MkdirAll(month, 0o700); err != nil {
		return err
	}
	name := at.Format("2006-01-02_15-04-05") + "_" + id + ".jsonl"
	return os.WriteFile(filepath.Join(month, name), []byte(b.String()), 0o600)
}

// commonWords are the most frequent words of prose, in order.
var commonWords = strings.Fields(`the of and to a in is you that it for on with as are this be or by from an can will not if
	at your use which when value function error time file one all has code but more new they any then same each other
	returns example first line data so what does into string list out type test server command set before because session
	where how number way run need make read key write after without message most called default between case than very user`)

// prose returns so many words, the k-th most frequent about 1/k as often as the first, as in
// any language; the rare ones are made of syllables. One answer in 10,000 or so holds
// rareWord.
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

const rareWord = "zugzwang"
