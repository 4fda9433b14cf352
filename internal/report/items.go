package report

// What a service did itself for an answer, and the sources that the answer names.

import (
	"encoding/json"
	"fmt"
	"strings"

	"oax/internal/chat"
	"oax/internal/term"
)

// ServerItems returns a line for each thing that the service did itself for an answer.
func ServerItems(m chat.Message) []string {
	var lines []string
	for _, p := range m.ServerItems() {
		lines = append(lines, cut(term.Line(serverItem(p)), 200))
	}
	return lines
}

// serverItem names an item of the Responses API. The fields are those of OpenAI's API
// reference; what they do not have is left out.
func serverItem(p chat.Part) string {
	var item struct {
		Action struct {
			Type, Query, URL, Pattern string
			Commands, Command         []string
		}
		Queries []string
		Code    string
		Prompt  string `json:"revised_prompt"`
		Name    string
		Server  string `json:"server_label"`
		Error   json.RawMessage
	}
	_ = json.Unmarshal(p.JSON, &item) // then its type says something
	said := func(what, detail string) string {
		first, _, _ := strings.Cut(strings.TrimSpace(detail), "\n")
		return withWords(what, first)
	}
	switch a := item.Action; p.Type {
	case "web_search_call":
		switch {
		case a.Pattern != "":
			return said("the service searched "+a.URL, a.Pattern)
		case a.URL != "":
			return said("the service read", a.URL)
		}
		return said("the service searched the web", a.Query)
	case "file_search_call":
		return said("the service searched files", strings.Join(item.Queries, "; "))
	case "code_interpreter_call":
		return said("the service ran code", item.Code)
	case "image_generation_call":
		return said("the service made an image, which oax cat --last --json has", item.Prompt)
	case "mcp_list_tools":
		return "the service listed the tools of " + item.Server
	case "mcp_call":
		what := fmt.Sprintf("the service called %s of %s", item.Name, item.Server)
		if len(item.Error) > 0 && string(item.Error) != "null" {
			what += "; that failed"
		}
		return what
	case "mcp_approval_request":
		return fmt.Sprintf("the service asks whether it may call %s of %s; not supported", item.Name, item.Server)
	case "shell_call", "local_shell_call":
		if len(a.Command) > 0 {
			a.Commands = []string{strings.Join(a.Command, " ")}
		}
		return said("shell command", strings.Join(a.Commands, "; "))
	case "custom_tool_call":
		return said("custom tool", item.Name)
	}
	return "the answer has an item of the type " + p.Type
}

// Sources returns a line for each source that an answer names.
func Sources(m chat.Message) []string {
	var lines []string
	for i, c := range m.Citations() {
		line := fmt.Sprintf("[%d]", i+1)
		for _, fact := range []string{c.Title, c.URL, c.File} {
			if fact != "" && (fact != c.File || c.URL == "") {
				line += " " + fact
			}
		}
		lines = append(lines, term.Line(line))
	}
	return lines
}
