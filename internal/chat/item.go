package chat

import (
	"encoding/json"
	"maps"
	"slices"
)

// Item is an item of the output of the Responses API, as the service sent it. One with the
// same index replaces it; without JSON it is removed.
type Item struct {
	Index int             `json:"index"`
	JSON  json.RawMessage `json:"json,omitempty"`
}

// items are the items of an answer, while they arrive.
type items map[int]json.RawMessage

func (i *items) add(item Item) {
	if *i == nil {
		*i = items{}
	}
	delete(*i, item.Index)
	if len(item.JSON) > 0 {
		(*i)[item.Index] = item.JSON
	}
}

// end returns the items in their order.
func (i items) end() []json.RawMessage {
	var list []json.RawMessage
	for _, index := range slices.Sorted(maps.Keys(i)) {
		list = append(list, i[index])
	}
	return list
}

// ServerItems returns what the output of an answer has beside messages, reasoning and calls
// of functions: what the service did itself, as to search the web, with its type.
func (m Message) ServerItems() []Part {
	var list []Part
	for _, item := range m.Output {
		switch kind := itemType(item); kind {
		case "message", "reasoning", "function_call":
		default:
			list = append(list, Part{Type: kind, JSON: item})
		}
	}
	return list
}

func itemType(item json.RawMessage) string {
	var fields struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(item, &fields) // not an object: no type
	return fields.Type
}

// Citation is a source that an answer names.
type Citation struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	File  string `json:"filename"` // in place of a URL, of a file that the service searched
}

// Citations returns the sources that an answer names, each once, in their order.
func (m Message) Citations() []Citation {
	var list []Citation
	for _, item := range m.Output {
		var message struct {
			Content []struct {
				Annotations []Citation `json:"annotations"`
			} `json:"content"`
		}
		_ = json.Unmarshal(item, &message) // another item, or one of another form: no sources
		for _, content := range message.Content {
			for _, c := range content.Annotations {
				if c.URL+c.File != "" && !slices.ContainsFunc(list, func(other Citation) bool { return other.URL == c.URL && other.File == c.File }) {
					list = append(list, c)
				}
			}
		}
	}
	return list
}
