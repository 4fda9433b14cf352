package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// database is an SQLite file that is read through the system's sqlite3: to link one
// would make oax half as large again for what few need once.
type database struct {
	*scan
	program string
	path    string // as it was named
	name    string // as sqlite3 is to open it
	copied  bool
}

// withDatabase calls read with the database at path. Nothing is written to it, nor
// beside it: where a program left a journal, which SQLite would want to put in
// first, a copy is read.
func (s *scan) withDatabase(path string, read func(*database)) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		s.fail(err)
		return
	}
	f, ok := s.open(path)
	if !ok {
		return
	}
	defer f.Close()
	head := make([]byte, 20)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) {
		s.broken(path, "", "is no SQLite database")
		return
	}
	full, err := filepath.Abs(path)
	if err != nil {
		s.broken(path, "", "%s", reason(err))
		return
	}
	db := &database{scan: s, program: program, path: path, name: full}
	switch {
	case hasMore(full+"-wal") || hasMore(full+"-journal"):
		dir, err := os.MkdirTemp("", "oax-import-")
		if err != nil {
			s.broken(path, "", "cannot be copied: %s", reason(err))
			return
		}
		defer os.RemoveAll(dir)
		db.name, db.copied = filepath.Join(dir, "copy.db"), true
		if err := copyDatabase(full, db.name); err != nil {
			s.broken(path, "", "cannot be copied: %s", reason(err))
			return
		}
	case head[18] == 2 || head[19] == 2: // it would get a log beside it even if only read
		db.name = "file:" + (&url.URL{Path: filepath.ToSlash(full)}).EscapedPath() + "?immutable=1"
	}
	read(db)
}

func hasMore(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// copyDatabase copies a database with the journals beside it.
func copyDatabase(from, to string) error {
	for _, suffix := range []string{"", "-wal", "-journal"} {
		if suffix != "" && !hasMore(from+suffix) {
			continue
		}
		if err := copyFile(from+suffix, to+suffix); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// query calls take with each row that sql selects, as a JSON object. It says what
// goes wrong and reports whether nothing did.
func (db *database) query(sql string, take func(row []byte) error) bool {
	// -safe keeps what a stranger put in the schema from reading or writing files.
	args := []string{"-batch", "-init", os.DevNull, "-safe", "-json", "-cmd", ".timeout 5000"}
	if !db.copied {
		args = append(args, "-readonly")
	}
	cmd := exec.CommandContext(db.ctx, db.program, append(args, db.name, sql)...)
	cmd.Env = []string{} // it needs nothing, and there may be keys
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		db.fail(err)
		return false
	}
	unread := rows(out, take)
	_, _ = io.Copy(io.Discard, out) // for it to end
	err = cmd.Wait()
	if db.done() {
		return false
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		db.broken(db.path, "", "sqlite3: %s", cmp.Or(line, err.Error()))
		return false
	}
	if unread != nil {
		db.broken(db.path, "", "%s", unread)
	}
	return unread == nil
}

// rows takes the rows that sqlite3 prints. The error is that of the first that cannot
// be taken.
func rows(out io.Reader, take func(row []byte) error) (unread error) {
	v := newSplitter(out)
	for {
		raw, _, err := v.next()
		if err == io.EOF {
			return unread
		}
		if err == nil {
			err = take(raw)
		}
		if err != nil {
			unread = cmp.Or(unread, err)
		}
	}
}

// columns returns the columns of all tables, by "table.column", and the tables.
func (db *database) columns() (map[string]bool, bool) {
	found := map[string]bool{}
	ok := db.query(`select m.name as t, c.name as c from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'`, func(row []byte) error {
		var r struct{ T, C string }
		err := json.Unmarshal(row, &r)
		found[r.T], found[r.T+"."+r.C] = true, true
		return err
	})
	return found, ok
}

// column returns an expression for a column as text, or an empty text where the
// database is of a time before it had that.
func column(found map[string]bool, table, alias, name string) string {
	if !found[table+"."+name] {
		return "''"
	}
	return fmt.Sprintf("coalesce(cast(%s.%q as text), '')", alias, name)
}
