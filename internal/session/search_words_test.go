package session

import (
	"context"
	"slices"
	"testing"
)

func TestHolding(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	first := save(t, st, "Why is the sky blue?", "Because of \"Rayleigh\" scattering\nof light")
	second := save(t, st, "and at night?", "no light", "そして朝は", "赤い SKY")
	for _, c := range []struct {
		words []string
		most  int
		want  []Entry
	}{
		{nil, 0, []Entry{second, first}},
		{nil, 1, []Entry{second}},
		{[]string{"sky", "LIGHT"}, 0, []Entry{second, first}},
		{[]string{"sky", "light"}, 1, []Entry{second}},
		{[]string{"night"}, 0, []Entry{second}},
		{[]string{`"rayleigh"`}, 0, []Entry{first}},
		{[]string{"朝は"}, 5, []Entry{second}},
		{[]string{"complete"}, 0, nil},
		{[]string{"sky", "\xff"}, 0, nil},
		{[]string{"night", "blue"}, 0, nil},
	} {
		var got []Entry
		for e, err := range st.Holding(context.Background(), c.words, c.most) {
			must(t, err)
			got = append(got, e)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.words, got, c.want)
		}
	}
}

func TestHoldingStops(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	save(t, st, "q", "a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n := 0
	for _, err := range st.Holding(ctx, []string{"a"}, 0) {
		if err != context.Canceled {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d yields", n)
	}
}
