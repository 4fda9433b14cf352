package cli

import (
	"testing"
	"time"
)

func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		10 * time.Minute: "10m", 10 * time.Second: "10s", 20 * time.Hour: "20h", time.Hour + 10*time.Minute: "1h10m",
		61 * time.Second: "1m1s", 100 * time.Millisecond: "100ms", time.Hour + 30*time.Second: "1h0m30s",
	} {
		if got := shortDuration(d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}
