package config

// nearest returns the name that a mistyped one was meant to be: at most two
// edits away and nearer than a rewrite. It is empty if there is none.
func nearest(typed string, names []string) string {
	best, near := 3, ""
	for _, name := range names {
		if d := Distance(typed, name); d < best && d < len(name) {
			best, near = d, name
		}
	}
	return near
}

// Distance returns how far a typed name is from a known one, in edits of a byte: one more,
// one less, another one, or two neighbours swapped (the optimal string alignment
// distance).
func Distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
