package config

// Which known name a mistyped one is like.

// Nearest returns the name that a mistyped one is most like, or nothing if none is
// similar: two edits are allowed, or a third of a long word, but not as many as the name
// has bytes, nor more than the word has.
func Nearest(word string, names []string) string {
	best, max := "", max(2, len(word)/3)
	for _, name := range names {
		if d := Distance(word, name); d <= max && d < len(name) && d <= len(word) {
			best, max = name, d-1
		}
	}
	return best
}

// Distance returns how far a typed name is from a known one, in edits of a byte: one
// inserted, removed or replaced, or two neighbours swapped (the optimal string alignment
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
