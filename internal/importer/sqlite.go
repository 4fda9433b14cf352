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

// database is an SQLite file that is read with the system's sqlite3. Linking SQLite
// would make oax half as large again for what few people need, and only once.
type database struct {
	*scan
	program string
	path    string // as the user named it
	name    string // for sqlite3
	copied  bool
}

const sqliteMagic = "SQLite format 3\x00"

// withDatabase calls read with the database at path. It writes nothing to it, nor
// beside it: if a program left a journal, which SQLite would apply first, it
// reads a copy.
func (s *scan) withDatabase(path string, read func(*database)) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		s.fail(err)
		return
	}
	s.withFile(path, "", func(f *file) {
		head := make([]byte, 20)
		if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, []byte(sqliteMagic)) {
			s.broken(path, "", "is not an SQLite database")
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
			if err == nil {
				defer os.RemoveAll(dir)
				db.name, db.copied = filepath.Join(dir, "copy.db"), true
				err = copyDatabase(full, db.name)
			}
			if err != nil {
				s.broken(path, "", "cannot be copied: %s", reason(err))
				return
			}
		case head[18] == 2 || head[19] == 2: // sqlite3 would make a log beside it even for reading
			db.name = "file:" + (&url.URL{Path: filepath.ToSlash(full)}).EscapedPath() + "?immutable=1"
		}
		read(db)
	})
}

func hasMore(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// copyDatabase copies a database and the journals beside it.
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

// query calls take with each row that sql selects, as a JSON object of texts by the names of
// columns. It reports the problems and returns whether there were none. SQLite makes the
// object: sqlite3 itself ends a text at a zero byte.
func (db *database) query(names, sql string, take func(row []byte) error) bool {
	var fields []string
	for name := range strings.FieldsSeq(names) {
		fields = append(fields, fmt.Sprintf("'%s', %s || ''", name, name))
	}
	sql = "select json_object(" + strings.Join(fields, ", ") + ") from (" + sql + ")"
	// -safe keeps a hostile schema from reading or writing files.
	args := []string{"-batch", "-init", os.DevNull, "-safe", "-list", "-cmd", ".timeout 5000"}
	if !db.copied {
		args = append(args, "-readonly")
	}
	cmd := exec.CommandContext(db.ctx, db.program, append(args, db.name, sql)...)
	cmd.Env = []string{} // it needs nothing, and may not see API keys
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		db.fail(err)
		return false
	}
	unread := rows(out, take)
	_, _ = io.Copy(io.Discard, out) // so that it can end
	err = cmd.Wait()
	if db.done() {
		return false
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		db.broken(db.path, "", "sqlite3: %s", cmp.Or(line, err.Error()))
		return false
	}
	if unread != nil {
		db.broken(db.path, "", "%s", unread)
	}
	return unread == nil
}

// rows calls take with each row that sqlite3 prints. It goes on after an error, and
// returns the first one.
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

// columns returns all tables, as "table", and their columns, as "table.column".
func (db *database) columns() (map[string]bool, bool) {
	found := map[string]bool{}
	ok := db.query("t c", `select m.name as t, c.name as c from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'`, func(row []byte) error {
		var r struct{ T, C string }
		err := json.Unmarshal(row, &r)
		found[r.T], found[r.T+"."+r.C] = true, true
		return err
	})
	return found, ok
}

// column returns an SQL expression for a column as text, which is empty if the database
// is too old to have the column.
func column(found map[string]bool, table, alias, name string) string {
	if !found[table+"."+name] {
		return "''"
	}
	return fmt.Sprintf("coalesce(cast(%s.%q as text), '')", alias, name)
}
