package report

import (
	"encoding/json"
	"strings"
	"testing"

	"oax/internal/chat"
)

func TestServerItems(t *testing.T) {
	for item, want := range map[string]string{
		`{"type":"web_search_call","action":{"type":"search","query":"tides"}}`:                "the service searched the web: tides",
		`{"type":"web_search_call","action":{"type":"open_page","url":"https://a/"}}`:          "the service read: https://a/",
		`{"type":"web_search_call","action":{"type":"find","url":"https://a/","pattern":"p"}}`: "the service searched https://a/: p",
		`{"type":"web_search_call"}`:                                                       "the service searched the web",
		`{"type":"file_search_call","queries":["a","b"]}`:                                  "the service searched files: a; b",
		`{"type":"code_interpreter_call","code":"\nx = 1\nx"}`:                             "the service ran code: x = 1",
		`{"type":"image_generation_call","revised_prompt":"a cat\u001b[2J"}`:               "the service made an image, which oax cat --last --json has: a cat^[[2J",
		`{"type":"mcp_list_tools","server_label":"s"}`:                                     "the service listed the tools of s",
		`{"type":"mcp_call","server_label":"s","name":"n","error":null}`:                   "the service called n of s",
		`{"type":"mcp_call","server_label":"s","name":"n","error":{"code":1}}`:             "the service called n of s; that failed",
		`{"type":"mcp_approval_request","server_label":"s","name":"n"}`:                    "the service asks whether it may call n of s; not supported",
		`{"type":"shell_call","action":{"commands":["ls","pwd"]}}`:                         "shell command: ls; pwd",
		`{"type":"local_shell_call","action":{"command":["ls","-a"]}}`:                     "shell command: ls -a",
		`{"type":"custom_tool_call","name":"n"}`:                                           "custom tool: n",
		`{"type":"other"}`:                                                                 "the answer has an item of the type other",
		`{"type":"web_search_call","action":{"query":"` + strings.Repeat("x", 500) + `"}}`: "the service searched the web: " + strings.Repeat("x", 170) + "…",
		`{"type":"reasoning"}`:                                                             "", `{"type":"message"}`: "", `{"type":"function_call"}`: "",
	} {
		got := strings.Join(ServerItems(chat.Message{Output: []json.RawMessage{json.RawMessage(item)}}), "|")
		if got != want {
			t.Errorf("%s: %q, want %q", item, got, want)
		}
	}
}
