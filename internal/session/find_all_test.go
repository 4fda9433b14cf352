package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Many references find what each of them finds.
func TestFindAll(t *testing.T) {
	st := newStore(t, Options{})
	refs := []string{"@", "@2", "@99", "@0", "@x", "", "zz", "A", "../x"}
	for i := range 40 {
		id := fmt.Sprintf("%c%c%06d", 'a'+i%7, 'a'+i%3, i)
		place(t, st, fmt.Sprintf("2026-1%d/2026-1%d-01_00-00-%02d_%s", i%2, i%2, i, id))
		refs = append(refs, id, id[:3], id[:2], id[:1], id+"0")
	}
	place(t, st, "2026-09/2026-09-01_00-00-00_aa000000") // twice
	for _, n := range []int{3, len(refs)} {
		entries, errs := st.FindAll(refs[:n])
		for i, ref := range refs[:n] {
			want, err := st.Find(ref)
			if entries[i] != want || fmt.Sprint(errs[i]) != fmt.Sprint(err) {
				t.Errorf("%q: got %v, %v; want %v, %v", ref, entries[i], errs[i], want, err)
			}
		}
	}
	write(t, filepath.Join(st.dir, "2027-01"), "a file")
	_, errs := st.FindAll(append(refs, "@", "nothing"))
	if len(errs) != len(refs)+2 || errs[0] == nil || errs[len(refs)+1] == nil || errs[9] != nil {
		t.Errorf("%v", errs)
	}
}

func TestForks(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	e, other := save(t, st, "q1", "a1"), save(t, st, "q2", "a2")
	first, err := st.Copy(e, 0, "")
	must(t, err)
	_, err = st.Copy(other, 0, "")
	must(t, err)
	second, err := st.Copy(e, 1, "x")
	must(t, err)
	place(t, st, "2026-11/damaged_00000000")
	must(t, os.Symlink(e.Path, filepath.Join(st.dir, "2026-11", "link_00000001.jsonl")))
	must(t, st.Trash().Take(e))
	forks, err := st.Forks(context.Background(), trashed(t, st)[0].Entry)
	if err != nil || !slices.Equal(forks, []Entry{second, first}) {
		t.Errorf("%v %v", forks, err)
	}
}
