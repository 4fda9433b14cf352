package session

import (
	"path/filepath"
	"strings"
)

// Open returns the IDs of the sessions that have a part. After Recover those are
// the ones that another process has open.
func (st *Store) Open() map[string]bool {
	names, _ := readNames(filepath.Join(st.dir, openDir))
	open := map[string]bool{}
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, partExtension); ok {
			_, id := cutLast(stem, '_')
			open[id] = true
		}
	}
	return open
}
