package used

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// Lists that write what they found into one cache at once do not write the lines of each other
// again and again.
func TestListsThatWriteAtOnce(t *testing.T) {
	c := Cache{t.TempDir()}
	c.Open(nil, false, nil).Close() // makes the cache
	start := time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC)
	var found []use
	for i := range 1000 {
		at := start.Add(time.Duration(i) * time.Minute).UnixNano()
		found = append(found, use{fmt.Sprintf("2026-11/2026-11-01_00-00-00_z%07d.jsonl", i), at, at})
	}
	const lists = 8
	var opened, all sync.WaitGroup
	opened.Add(lists)
	for range lists {
		all.Go(func() {
			u := c.Open(nil, false, nil)
			defer u.Close()
			opened.Done()
			opened.Wait() // each now takes what the others write for lines that it may not have seen
			u.write(found, nil)
		})
	}
	all.Wait()
	cache, err := os.ReadFile(c.path())
	if lines := bytes.Count(cache, []byte("\n")); err != nil || lines < len(found) || lines > (lists+2)*(len(found)+1) {
		t.Errorf("%d lines in the cache, %v", lines, err)
	}
}
