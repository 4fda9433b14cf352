package session

import (
	"bytes"
	"errors"
	"os"
)

// Copy makes a session of another one up to the end of a turn, counted from 1; 0
// takes all turns. Every record is copied as it is: answers that were asked for
// again, errors, and what this program does not know. A title that was given goes
// along, wherever in the file it stands, unless another is given here. When Copy
// returns, the copy outlasts a power loss. The error is a NewerError, a FileError or
// that of the system.
func (st *Store) Copy(e Entry, turn int, title string) (Entry, error) {
	data, err := readFile(e.Path)
	if err != nil {
		return Entry{}, missing(e, err)
	}
	p := parse(data)
	if p.header.Version > formatVersion {
		return Entry{}, &NewerError{e.ID, p.header.Version}
	}
	records, turns := p.firstTurns(turn)
	var lines bytes.Buffer
	for _, r := range records {
		lines.Write(lineAt(data, r.at))
		lines.WriteByte('\n')
	}
	if title == "" && titleOf(records) != titleOf(p.records) {
		title = titleOf(p.records)
	}
	w := &Writer{store: st}
	defer w.Close()
	return w.copy(&Fork{e.ID, turns}, title, lines.Bytes())
}

// firstTurns returns the records of the first turns, and how many those are. What the
// system says before a prompt belongs to that.
func (p *parsed) firstTurns(most int) (records []record, turns int) {
	end := 0 // of the records that belong to these turns
	for _, r := range p.records {
		switch {
		case r.Kind == kindSession:
			continue
		case r.isPrompt() && most > 0 && turns == most:
			return records[:end], turns
		case r.isPrompt():
			turns++
		}
		records = append(records, r)
		if !r.isSystem() {
			end = len(records)
		}
	}
	return records, turns
}

// lineAt returns the line that begins at a place, without its end.
func lineAt(data []byte, at int64) []byte {
	line, _, _ := bytes.Cut(data[at:], []byte("\n"))
	return bytes.TrimRight(line, "\x00")
}

// copy writes a session that nobody is to answer.
func (w *Writer) copy(of *Fork, title string, lines []byte) (Entry, error) {
	now := w.store.now()
	if err := w.makeDirs(month(now)); err != nil {
		return Entry{}, err
	}
	if err := w.claimNew(now); err != nil {
		return Entry{}, err
	}
	data, err := encode(headerLine{kindSession, formatVersion, w.entry.ID, now, of})
	if err != nil {
		return Entry{}, err
	}
	data = append(data, lines...)
	if title != "" {
		given, err := encode(titleLine{kindTitle, now, title})
		if err != nil {
			return Entry{}, err
		}
		data = append(data, given...)
	}
	if err := writeNew(w.entry, data); err != nil {
		return Entry{}, err
	}
	err = syncNew(w.entry.Path)
	for _, dir := range w.unsynced {
		err = errors.Join(err, syncDir(dir))
	}
	if err != nil { // whoever is told that there is no copy is to find none
		err = errors.Join(err, os.Remove(w.entry.Path))
	}
	return w.entry, err
}
