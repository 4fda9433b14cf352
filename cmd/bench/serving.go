//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What oax serve adds to a stream, beside a direct connection and a bare reverse proxy that
// decodes, records and saves nothing. The endpoint puts the time at which it sends a token
// into the token.

// gateway is a way to the endpoint.
type gateway struct {
	name, url string // url ends in /v1
	token     string
	process   *os.Process // nil: it is direct
	stop      func()
}

// gateways starts all that are compared, in their order.
func (b *bench) gateways() []gateway {
	endpoint := child("direct", "-stamp")
	proxy := child("proxy", "-proxy", endpoint.url)
	endpoint.process = nil
	return []gateway{endpoint, proxy, b.oaxServe(b.home("serving", 0, 0, 0), endpoint.url)}
}

// oaxServe starts oax serve in a home.
func (b *bench) oaxServe(home, upstream string) gateway {
	cmd := exec.Command(filepath.Join(b.dir, "oax"), "serve", "-q", "--listen", "127.0.0.1:0")
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "OPENAI_BASE_URL=" + upstream, "OPENAI_API_KEY=key", "XDG_DATA_HOME=" + filepath.Join(home, "data")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // also if a measurement fails
	out := must(cmd.StdoutPipe())
	check(cmd.Start())
	line := must(bufio.NewReader(out).ReadString('\n'))
	page, _, _ := strings.Cut(line, "#")
	token := strings.TrimSpace(string(must(os.ReadFile(filepath.Join(home, ".local/state/oax/serve/web.token")))))
	return gateway{"oax", page + "v1", token, cmd.Process, func() { check(cmd.Process.Signal(syscall.SIGTERM)); _ = cmd.Wait() }}
}

// child starts this program as an endpoint or a proxy.
func child(name string, args ...string) gateway {
	cmd := exec.Command(os.Args[0], args...)
	in, out := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	cmd.Stderr = os.Stderr
	check(cmd.Start())
	g := gateway{name: name, process: cmd.Process, stop: func() { in.Close(); check(cmd.Wait()) }}
	must(fmt.Fscanln(out, &g.url))
	return g
}

// listen serves on a port of its own until standard input ends.
func listen(h http.Handler) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("http://%s/v1\n", l.Addr())
	go http.Serve(l, h)
	must(io.Copy(io.Discard, os.Stdin))
}

// stamp is the endpoint: X-Bench says how many tokens it sends, and how far apart.
func stamp() {
	listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var tokens int
		var pace string
		must(fmt.Sscan(r.Header.Get("X-Bench"), &tokens, &pace))
		step := must(time.ParseDuration(pace))
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		next := time.Now()
		for range tokens {
			next = next.Add(step)
			time.Sleep(time.Until(next))
			if _, err := fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%d \"}}]}\n\n", time.Now().UnixNano()); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
}

// proxy is the bare reverse proxy.
func proxy(to string) {
	p := httputil.NewSingleHostReverseProxy(must(url.Parse(strings.TrimSuffix(to, "/v1"))))
	p.FlushInterval = -1
	listen(p)
}

// stream reads an answer and returns how long each token was on its way, in ms, and how
// long the first one took from the question on.
func (g gateway) stream(tokens int, pace time.Duration, number int) (waits []float64, first float64) {
	start := time.Now()
	reply := g.ask(fmt.Sprint("question ", number), tokens, pace)
	defer reply.Body.Close()
	body := bufio.NewReaderSize(reply.Body, 64<<10)
	waits = stamps(body, []byte(`"content":"`), 1)
	first = ms(time.Since(start))
	waits = append(waits, stamps(body, []byte(`"content":"`), tokens-1)...)
	if _, err := io.Copy(io.Discard, body); err != nil || len(waits) != tokens {
		check(fmt.Errorf("%s: %d tokens of %d, %v", g.name, len(waits), tokens, err))
	}
	return waits, first
}

// ask asks for tokens that are so far apart, and returns the reply, whose status is 200.
func (g gateway) ask(prompt string, tokens int, pace time.Duration) *http.Response {
	question := fmt.Sprintf(`{"model":"m","stream":true,"messages":[{"role":"user","content":%q}]}`, prompt)
	r := must(http.NewRequest("POST", g.url+"/chat/completions", strings.NewReader(question)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Bench", fmt.Sprint(tokens, pace))
	return g.send(r)
}

// get returns the reply of the gateway's API, whose status is 200.
func (g gateway) get(path string) *http.Response {
	return g.send(must(http.NewRequest("GET", strings.TrimSuffix(g.url, "v1")+path, nil)))
}

// send returns the reply to a request. With any status but 200 nothing is measured.
func (g gateway) send(r *http.Request) *http.Response {
	r.Header.Set("Authorization", "Bearer "+g.token)
	reply := must(client.Do(r))
	if reply.StatusCode != http.StatusOK {
		text := must(io.ReadAll(reply.Body))
		check(fmt.Errorf("%s: %s %s: status %d: %s", g.name, r.Method, r.URL.Path, reply.StatusCode, text))
	}
	return reply
}

// stamps reads a number of tokens, each behind a mark; a line may hold several.
func stamps(in *bufio.Reader, mark []byte, tokens int) (waits []float64) {
	for len(waits) < tokens {
		line, err := in.ReadSlice('\n')
		now := time.Now().UnixNano()
		if _, text, found := bytes.Cut(line, mark); found {
			text, _, _ = bytes.Cut(text, []byte{'"'})
			for word := range bytes.FieldsSeq(text) {
				sent := must(strconv.ParseInt(string(word), 10, 64))
				waits = append(waits, float64(now-sent)/1e6)
			}
		}
		if err != nil {
			return waits
		}
	}
	return waits
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2000, DisableCompression: true}}

// many reads streams at once and returns the waits of all.
func (g gateway) many(streams, tokens int, pace time.Duration) []float64 {
	all := make([][]float64, streams)
	var wait sync.WaitGroup
	for i := range streams {
		wait.Go(func() {
			time.Sleep(time.Duration(i) * pace / time.Duration(streams)) // as people ask, not all at once
			all[i], _ = g.stream(tokens, pace, i)
		})
	}
	wait.Wait()
	return slices.Concat(all...)
}

// used returns the CPU time in ms that a process has used, and its peak memory in MiB.
func (g gateway) used() (cpu, memory float64) {
	if g.process == nil {
		return 0, 0
	}
	stat := string(must(os.ReadFile(fmt.Sprintf("/proc/%d/stat", g.process.Pid))))
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+2:])
	const user, system, tick = 11, 12, 10 // proc(5); 100 ticks a second
	cpu = tick * float64(must(strconv.Atoi(fields[user]))+must(strconv.Atoi(fields[system])))
	_, peak, _ := strings.Cut(string(must(os.ReadFile(fmt.Sprintf("/proc/%d/status", g.process.Pid)))), "VmHWM:")
	must(fmt.Sscan(peak, &memory))
	return cpu, memory / 1024
}

// serving measures oax serve.
func (b *bench) serving() {
	if b.against {
		return
	}
	all := b.gateways()
	defer func() {
		for _, g := range slices.Backward(all) {
			g.stop()
		}
	}()
	show := func(title string, values func(gateway) string) {
		fmt.Printf("%-34s", title)
		for _, g := range all {
			fmt.Printf("  %s %s", g.name, values(g))
		}
		fmt.Println()
	}
	for _, g := range all { // what is done once does not count
		g.stream(100, 0, 0)
	}
	const thinking = 20 * time.Millisecond // of the endpoint; the prompt is saved meanwhile
	requests := make([][]float64, len(all))
	tokens := make([][]float64, len(all))
	for round := range 20 * b.runs {
		for i, g := range all {
			_, first := g.stream(1, thinking, round)
			requests[i] = append(requests[i], first-ms(thinking))
		}
	}
	for range b.runs {
		for i, g := range all {
			waits, _ := g.stream(200, 2*time.Millisecond, 0)
			tokens[i] = append(tokens[i], waits...)
		}
	}
	quantiles := func(values [][]float64) func(gateway) string {
		return func(g gateway) string {
			own := values[slices.IndexFunc(all, func(o gateway) bool { return o.name == g.name })]
			return fmt.Sprintf("%.3f ms, p99 %.3f", quantile(own, 0.5), quantile(own, 0.99))
		}
	}
	show("serve: a request, to its first token", quantiles(requests))
	show("serve: a token on its way", quantiles(tokens))
	fmt.Printf("  oax adds to a direct connection %.3f ms a request, %.3f ms a token, %.3f at p99\n",
		quantile(requests[2], 0.5)-quantile(requests[0], 0.5), quantile(tokens[2], 0.5)-quantile(tokens[0], 0.5), quantile(tokens[2], 0.99)-quantile(tokens[0], 0.99))
	for _, load := range []struct{ streams, tokens int }{{100, 100}, {1000, 200}} {
		cpu := map[string]float64{}
		title := fmt.Sprintf("serve: %d streams of 20 tokens/s", load.streams)
		show(title, func(g gateway) string {
			before, _ := g.used()
			waits := g.many(load.streams, load.tokens, 50*time.Millisecond)
			after, memory := g.used()
			cpu[g.name] = 1000 * (after - before) / float64(len(waits))
			return fmt.Sprintf("%.3f ms, p99 %.2f, %.1f us CPU a token, %.0f MiB;", quantile(waits, 0.5), quantile(waits, 0.99), cpu[g.name], memory)
		})
		fmt.Printf("  CPU of oax: %.2f x proxy; %d streams, none cut\n", cpu["oax"]/cpu["proxy"], load.streams)
	}
	all[2].viewers(200)
	b.opening()
}

// opening measures how the page opens a long chat, beside one of 100 turns: as the first
// thing that a server does, and again.
func (b *bench) opening() {
	type opened struct{ list, first, again, bytes []float64 }
	get := func(g gateway, path string) (data []byte, took float64) {
		start := time.Now()
		reply := g.get(path)
		defer reply.Body.Close()
		return must(io.ReadAll(reply.Body)), ms(time.Since(start))
	}
	sizes := []int{10_000, 100}
	all := make([]opened, len(sizes))
	homes := make([]string, len(sizes))
	for i, turns := range sizes {
		homes[i] = b.home(fmt.Sprint("opening", turns), 1, turns, 150)
	}
	for range b.runs {
		for i := range sizes {
			g := b.oaxServe(homes[i], "http://127.0.0.1:1/v1")
			_, list := get(g, "api/sessions")
			chat, first := get(g, "api/sessions/b0000000?html=1&limit=40") // as the page does; see writeSession for the ID
			_, again := get(g, "api/sessions/b0000000?html=1&limit=40")
			g.stop()
			o := &all[i]
			o.list, o.first, o.again, o.bytes = append(o.list, list), append(o.first, first), append(o.again, again), append(o.bytes, float64(len(chat)))
		}
	}
	for _, row := range []struct {
		title, unit string
		of          func(opened) []float64
	}{
		{"serve: the list", "ms", func(o opened) []float64 { return o.list }},
		{"serve: a chat is opened", "ms", func(o opened) []float64 { return o.first }},
		{"serve: a chat is opened again", "ms", func(o opened) []float64 { return o.again }},
		{"serve: what is sent of a chat", "bytes", func(o opened) []float64 { return o.bytes }},
	} {
		long, short := quantile(row.of(all[0]), 0.5), quantile(row.of(all[1]), 0.5)
		fmt.Printf("%-34s  %d turns %.1f %s, %d turns %.1f %s: %.2f x\n", row.title, sizes[0], long, row.unit, sizes[1], short, row.unit, long/short)
	}
}

// viewers measures one answer that n viewers follow.
func (g gateway) viewers(n int) {
	const tokens, pace = 200, 20 * time.Millisecond
	reply := g.ask("to be watched", tokens, pace)
	defer reply.Body.Close()
	waits := make([][]float64, n)
	var wait sync.WaitGroup
	for i := range waits {
		wait.Go(func() {
			events := g.get("api/sessions/" + reply.Header.Get("X-Oax-Session") + "/events?until=end")
			defer events.Body.Close()
			waits[i] = stamps(bufio.NewReader(events.Body), []byte(`"text":"`), tokens)
		})
	}
	own := stamps(bufio.NewReader(reply.Body), []byte(`"content":"`), tokens)
	wait.Wait()
	var late []float64
	for _, w := range waits {
		if len(w) != tokens {
			check(fmt.Errorf("a viewer got %d tokens of %d", len(w), tokens))
		}
		late = append(late, w[tokens/4:]...) // without what had come before it
	}
	fmt.Printf("%-34s  asker %.3f ms, p99 %.3f  viewers %.3f ms, p99 %.3f\n", fmt.Sprintf("serve: one answer, %d viewers", n),
		quantile(own, 0.5), quantile(own, 0.99), quantile(late, 0.5), quantile(late, 0.99))
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}
