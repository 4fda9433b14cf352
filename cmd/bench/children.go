//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"oax/internal/demo"
)

// serve is the child that streams tokens until its standard input ends.
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
	hold, err := cmd.StdinPipe()
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
		hold.Close()
		cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), stop, err
}

// fill is the child that makes sessions.
func fill(home string, counts []string) error {
	if len(counts) != 2 {
		return fmt.Errorf("-fill HOME wants two numbers")
	}
	sessions, err := strconv.Atoi(counts[0])
	if err != nil {
		return err
	}
	turns, err := strconv.Atoi(counts[1])
	if err != nil {
		return err
	}
	return writeSessions(home, sessions, turns)
}

func filled(home string, sessions, turns int) error {
	out, err := exec.Command(os.Args[0], "-fill", home, strconv.Itoa(sessions), strconv.Itoa(turns)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
