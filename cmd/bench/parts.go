//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"oax/internal/demo"
)

const question = `{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}`

// ask returns a command of oax in a home of its own.
func (b *bench) ask(home, url string, args ...string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(b.oax, args...)
		cmd.Env = []string{
			"HOME=" + home, "PATH=" + os.Getenv("PATH"), "OPENAI_BASE_URL=" + url,
			"XDG_DATA_HOME=" + filepath.Join(home, "data"),
		}
		return cmd
	}
}

func (b *bench) curl(url string) func() *exec.Cmd {
	return func() *exec.Cmd {
		return exec.Command("curl", "-sN", "-H", "Content-Type: application/json", "-d", question, url+"/chat/completions")
	}
}

func (b *bench) home(name string) (string, error) {
	home := filepath.Join(b.dir, name)
	return home, os.MkdirAll(home, 0o700)
}

// startUp measures what a program costs that does nothing.
func (b *bench) startUp() error {
	home, err := b.home("start")
	if err != nil {
		return err
	}
	programs := []program{
		{"oax", b.ask(home, "", "--version")},
		{"bare", func() *exec.Cmd { return exec.Command(b.bare) }},
	}
	samples, err := alternate(5*b.runs, programs...)
	if err != nil {
		return err
	}
	row("start-up", wall, programs, samples)
	row("start-up", cpu, programs, samples)
	return nil
}

// streams measures whole answers: oax decodes, journals, saves and prints what the
// others only copy.
func (b *bench) streams() error {
	for _, tokens := range []int{1, 1_000, 10_000, 100_000, 1_000_000} {
		if err := b.stream(tokens); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) stream(tokens int) error {
	url, stop, err := endpoint(tokens)
	if err != nil {
		return err
	}
	defer stop()
	home, err := b.home(fmt.Sprint("stream", tokens))
	if err != nil {
		return err
	}
	programs := []program{
		{"oax", b.ask(home, url, "hi")},
		{"curl", b.curl(url)},
		{"bare", func() *exec.Cmd { return exec.Command(b.bare, url+"/chat/completions") }},
	}
	samples, err := alternate(b.runs, programs...)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%d tokens", tokens)
	row(title, first, programs, samples)
	for _, f := range []figure{wall, cpu, memory} {
		row(title, f, programs, samples)
	}
	if want := int64(len(demo.Text(tokens))); samples[0][0].output < want {
		return fmt.Errorf("oax printed %d bytes of %d", samples[0][0].output, want)
	}
	return os.RemoveAll(home)
}

// turns measures going on with a long session.
func (b *bench) turns() error {
	url, stop, err := endpoint(1)
	if err != nil {
		return err
	}
	defer stop()
	var programs []program
	for _, n := range []int{10_000, 1_000, 10} {
		home, err := b.home(fmt.Sprint("turns", n))
		if err != nil {
			return err
		}
		if err := fill(home, 1, n, 150); err != nil {
			return err
		}
		programs = append(programs, program{fmt.Sprintf("%d turns", n), b.ask(home, url, "-c", "hi")})
	}
	samples, err := alternate(b.runs, programs...)
	if err != nil {
		return err
	}
	row("oax -c", wall, programs, samples)
	row("oax -c", memory, programs, samples)
	return nil
}

// sessions measures finding the newest of many.
func (b *bench) sessions() error {
	url, stop, err := endpoint(1)
	if err != nil {
		return err
	}
	defer stop()
	commands := map[string][]string{"ls -n 20": {"ls", "-n", "20"}, "-c": {"-c", "hi"}}
	programs := map[string][]program{}
	for _, n := range []int{100_000, 10_000, 100} {
		home, err := b.home(fmt.Sprint("sessions", n))
		if err != nil {
			return err
		}
		if err := fill(home, n, 2, 150); err != nil {
			return err
		}
		for name, args := range commands {
			programs[name] = append(programs[name], program{fmt.Sprint(n), b.ask(home, url, args...)})
		}
	}
	for name := range commands {
		samples, err := alternate(3*b.runs, programs[name]...)
		if err != nil {
			return err
		}
		row("oax "+name+", of sessions", wall, programs[name], samples)
	}
	return nil
}
