// Package importer reads chats that other programs keep, as they are on disk or in
// an export. It does not write anything, and does not change what it reads.
//
// Damage costs only what is damaged: a chat that can be read in part is yielded as far
// as it goes, and a Problem says what is missing and where. Sizes are bounded, so that
// neither a wrong path nor a hostile file takes all memory. The text of a message is
// kept as it is, except that bytes that are not UTF-8 become U+FFFD.
package importer

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"oax/internal/chat"
)

// Chat is one chat as its source has it. ID is the source's name for it, and always
// the same. Time is when it began, as far as the source tells.
type Chat struct {
	ID       string
	Title    string // empty if the source has none
	Time     time.Time
	Messages []Message
	Branch   *Branch // nil unless it branches off from another

	size int  // of what fits has taken
	cut  bool // there is more than fits
}

// Branch says from which chat, which was yielded before, and after how many turns.
type Branch struct {
	ID   string
	Turn int
}

// Message is a message of a chat. Its time is zero if the source has none.
type Message struct {
	chat.Message
	Time time.Time
}

// Problem says what could not be read, and where. Refused says that nothing was read
// because of what it is: a device, a file that is too large, an unsafe name.
type Problem struct {
	Path     string
	Position string // in the file, or empty
	What     string
	Refused  bool
}

func (p *Problem) Error() string {
	if p.Position != "" {
		return fmt.Sprintf("%s, %s: %s", p.Path, p.Position, p.What)
	}
	return p.Path + ": " + p.What
}

// The limits. A chat of 32 MiB is five thousand pages.
const (
	maxChat  = 32 << 20 // bytes of text, each message counted as messageSize more
	maxFile  = 32 << 20 // bytes of a file that is read as a whole
	maxFiles = 200_000  // in a directory and below
	maxDepth = 12       // directories
)

// Source is a program or an export whose chats can be read: its name on the command
// line, and a description.
type Source struct {
	Name, Of string

	read  func(*scan, string)
	paths func(Dirs) []string // nil if it keeps its chats at no fixed path
}

// Sources returns all sources, in the order of the help.
func Sources() []Source {
	return []Source{
		{"oax", "oax itself, or the earlier oax, by shuntaka9576 (TOML)", (*scan).earlierOax, earlierOaxPaths},
		{"mods", "mods, by Charm (mods.db and its files)", (*scan).mods, modsPaths},
		{"llm", "llm, by Simon Willison (logs.db)", (*scan).llm, llmPaths},
		{"aichat", "aichat, by sigoden (YAML sessions)", (*scan).aichat, aichatPaths},
		{"chatgpt-cli", "chatgpt-cli, by kardolus (JSON threads)", (*scan).chatgptCLI, chatgptCLIPaths},
		{"sgpt", "sgpt, by tbckr (JSON lines)", (*scan).sgpt, sgptPaths},
		{"chatgpt", "ChatGPT's data export (.zip or conversations.json)", (*scan).chatgpt, nil},
		{"openai", "plain message arrays (JSON or JSON lines)", (*scan).openai, nil},
	}
}

// Find returns the source with this name.
func Find(name string) (s Source, ok bool) {
	all := Sources()
	i := slices.IndexFunc(all, func(s Source) bool { return s.Name == name })
	if i < 0 {
		return Source{}, false
	}
	return all[i], true
}

// Read yields the chats at path, a file or a directory. now is the current time: later
// times are ignored. Errors are of type *Problem, or an *exec.Error if a program
// is missing that the source needs; more chats and errors may follow one. It ends
// early, without an error, when ctx does.
func (s Source) Read(ctx context.Context, path string, now time.Time) iter.Seq2[Chat, error] {
	return func(yield func(Chat, error) bool) {
		s.read(&scan{ctx: ctx, now: now, yield: yield}, path)
	}
}

// Dirs are the directories where programs keep their files. Env looks up the
// environment variables that move them.
type Dirs struct {
	Home, Config, Data, Cache string
	Env                       func(string) string
}

// DefaultPaths returns where the program keeps its chats, most likely first; none if
// the source is not a program.
func (s Source) DefaultPaths(dirs Dirs) []string {
	if s.paths == nil {
		return nil
	}
	return s.paths(dirs)
}
