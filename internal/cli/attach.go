package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"oax/internal/chat"
	"oax/internal/term"
)

// attached is what the files of --attach add to a prompt: a text, and the images and PDFs
// that go along as they are. The text has a note of each of those.
type attached struct {
	text  string
	media []chat.Attachment
	most  int64 // MiB of text that may come
	size  int64 // bytes of text that have come
}

// attach reads files. All their text together is at most --max-input. "-" is standard
// input.
func (env *Env) attach(ctx context.Context, names []string) (attached, error) {
	all := attached{most: env.maxInput()}
	piped := false
	for _, name := range names {
		if name == "-" && piped {
			return attached{}, &report{what: "standard input is attached twice", hint: "leave out one -a -", kind: "usage", code: exitUsage}
		}
		piped = piped || name == "-"
		file, err := env.readAttachment(ctx, name)
		if err != nil {
			return attached{}, err
		}
		if r := all.add(file); r != nil {
			return attached{}, r
		}
	}
	env.sayAttached(names)
	return all, nil
}

// add takes one file, or says why it cannot.
func (all *attached) add(file chat.Attachment) *report {
	kind, problem := kindOf(file.Data)
	size := int64(len(file.Data))
	switch {
	case problem != "":
		r := &report{what: fmt.Sprintf("cannot attach %s: it is %s", file.Name, problem), kind: "input", code: exitUsage}
		if problem == utf16 {
			r.hint = "iconv -f UTF-16 -t UTF-8 " + file.Name + " | oax -a - ..."
		}
		return r
	case kind == "" && all.size+size > all.most<<20:
		what := fmt.Sprintf("with %s the attached text is over %d MiB (limit)", file.Name, all.most)
		return &report{what: what, hint: "--max-input to raise it", kind: "input", code: exitUsage}
	case size > mostMedia:
		return &report{what: "cannot attach " + file.Name + ": it is over 20 MiB (limit)", kind: "input", code: exitUsage}
	case kind == "":
		all.size += size
		all.append(fenced(file.Name, string(file.Data)))
		return nil
	}
	describe(&file, kind)
	all.media = append(all.media, file)
	all.append(note(file))
	return nil
}

func (all *attached) append(piece string) { all.text = joined(all.text, piece) }

// joined puts a blank line between two texts, if there are two.
func joined(before, after string) string {
	switch {
	case before == "" || after == "" || strings.HasSuffix(before, "\n\n"):
		return before + after
	case strings.HasSuffix(before, "\n"):
		return before + "\n" + after
	}
	return before + "\n\n" + after
}

// note stands in the prompt for a file that is no text: the model knows by it that there
// is one, in a later turn also that there was one.
func note(file chat.Attachment) string {
	if strings.HasPrefix(file.Type, "image/") {
		return "[image: " + file.Name + "]"
	}
	return "[PDF: " + file.Name + "]"
}

// attaches reports whether a flag that awaits a value is --attach. The files right behind
// its value are attached too: a shell makes many words of -a *.go.
func attaches(flag string) bool {
	return flag == "--attach" || !strings.HasPrefix(flag, "--") && strings.HasSuffix(flag, "a")
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// sayAttached tells a person which files go along, if there are several: a word of the
// prompt may have been taken for one.
func (env *Env) sayAttached(names []string) {
	if len(names) > 1 && term.IsTerminal(env.Stderr) {
		env.said.note(fmt.Sprintf("attached %d files: %s", len(names), strings.Join(names, ", ")))
	}
}
