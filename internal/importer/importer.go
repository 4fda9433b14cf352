// Package importer reads chats that other programs keep, as they are on disk or in
// an export. It writes nothing anywhere, and changes none of what it reads.
//
// What is damaged costs only itself: a chat that can be read in part is yielded as
// far as it goes, and a Problem says what is missing and where. Sizes are bounded,
// so that neither a mistaken path nor a hostile file takes all memory. The text of a
// message is kept as it is, but for bytes that are not UTF-8, which become U+FFFD.
package importer

import (
	"context"
	"fmt"
	"iter"
	"time"

	"oax/internal/chat"
)

// Chat is one chat as its source has it. ID is what the source calls it, the same
// each time it is read. Time is when it began, as near as the source tells.
type Chat struct {
	ID       string
	Title    string // empty if the source has none
	Time     time.Time
	Messages []Message
	Branch   *Branch // nil unless it branches off from another
}

// Branch says from which chat, yielded before, and after how many turns.
type Branch struct {
	ID   string
	Turn int
}

// Message is a message of a chat. Its time is zero if the source has none.
type Message struct {
	chat.Message
	Time time.Time
}

// Problem says what could not be read, and where. Refused says that it was not even
// tried, because of what it is: a device, a file that is too large, an unsafe name.
type Problem struct {
	Path    string
	Place   string // in the file, or empty
	What    string
	Refused bool
}

func (p *Problem) Error() string {
	if p.Place != "" {
		return fmt.Sprintf("%s, %s: %s", p.Path, p.Place, p.What)
	}
	return p.Path + ": " + p.What
}

// The limits. A chat of 32 MiB is five thousand pages.
const (
	maxChat  = 32 << 20 // bytes of text
	maxFile  = 32 << 20 // of a file that has to be in memory as a whole
	maxFiles = 200_000  // in a directory and below
	maxDepth = 12       // directories
)

// source is a program whose chats can be read.
type source struct {
	name, of string
	read     func(*scan, string)
	places   func(Dirs) []string
}

// sources are all there are, in the order of the help.
func sources() []source {
	return []source{
		{"oax", "the earlier oax, by shuntaka9576 (TOML)", (*scan).earlierOax, placesOfEarlierOax},
		{"mods", "mods, by Charm (mods.db and its files)", (*scan).mods, placesOfMods},
		{"llm", "llm, by Simon Willison (logs.db)", (*scan).llm, placesOfLLM},
		{"aichat", "aichat, by sigoden (YAML sessions)", (*scan).aichat, placesOfAichat},
		{"chatgpt-cli", "chatgpt-cli, by kardolus (JSON threads)", (*scan).chatgptCLI, placesOfChatgptCLI},
		{"sgpt", "sgpt, by tbckr (JSON lines)", (*scan).sgpt, placesOfSgpt},
		{"chatgpt", "ChatGPT's data export (.zip or conversations.json)", (*scan).chatgpt, nil},
		{"openai", "plain message arrays (JSON or JSON lines)", (*scan).openai, nil},
	}
}

// Source is a program whose chats can be read, by the name to call it, in words.
type Source struct{ Name, Of string }

// Sources returns all there are.
func Sources() []Source {
	var all []Source
	for _, s := range sources() {
		all = append(all, Source{s.name, s.of})
	}
	return all
}

func sourceNamed(name string) (source, bool) {
	for _, s := range sources() {
		if s.name == name {
			return s, true
		}
	}
	return source{}, false
}

// Read yields the chats of a source that are at path, a file or a directory. now is
// the time: later ones are taken for none. Errors are of type *Problem, or an
// *exec.Error if a program is missing that the source needs; others follow.
// It ends early, in silence, when ctx does.
func Read(ctx context.Context, name, path string, now time.Time) iter.Seq2[Chat, error] {
	return func(yield func(Chat, error) bool) {
		s, ok := sourceNamed(name)
		if !ok {
			yield(Chat{}, fmt.Errorf("no source %q", name))
			return
		}
		s.read(&scan{ctx: ctx, now: now, yield: yield}, path)
	}
}

// Dirs are where programs keep their files. Env looks up what may move them.
type Dirs struct {
	Home, Config, Data, Cache string
	Env                       func(string) string
}

// Places returns where a source keeps its chats unless it is told otherwise, most
// likely first; none if it is no program.
func Places(name string, dirs Dirs) []string {
	if s, ok := sourceNamed(name); ok && s.places != nil {
		return s.places(dirs)
	}
	return nil
}
