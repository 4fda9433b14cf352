package responses

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/openai"
)

// What the events of an answer say.
//
// The field type of the data decides, not the name of the event, which OpenRouter leaves
// out. An item is known by its output_index, because Copilot changes the IDs of items; by
// its ID only where there is no index (llama.cpp). The terminal event ends the answer:
// only OpenRouter sends [DONE].

// decoder is the openai.Decoder of the Responses API.
type decoder struct {
	event    jsontext.Object // that is decoded
	numbers  map[string]int  // of items, by ID, where the service has no output_index
	items    map[int]*item   // by number, which is the output_index where there is one
	last     *item           // that an event was about
	seen     map[piece]bool  // of which something came
	lastSeen piece           // that something came of; the map has it
	calls    map[string]int  // numbers of the items that are calls, by the IDs of the calls
	hash     maphash.Seed    // of the items that were sent on
	reasoned bool            // there is reasoning
	id       string          // of the response
}

// item is an item of the output while it arrives.
type item struct {
	number int
	called bool   // the head of the call was sent on
	came   bool   // something of its texts came
	sent   uint64 // the hash of the item as it was sent on; 0: it was not
}

// piece names a text within an answer.
type piece struct {
	item int
	kind kind
	part int // content_index or summary_index
}

type kind byte

const (
	text kind = iota
	refusal
	arguments
	reasoning // as the model wrote it
	summary   // of the reasoning
)

// Decoder returns a decoder for one answer.
func (API) Decoder() openai.Decoder {
	return &decoder{
		numbers: map[string]int{}, items: map[int]*item{}, calls: map[string]int{},
		seen: map[piece]bool{}, lastSeen: piece{item: -1}, hash: maphash.MakeSeed(),
	}
}

// Decode adds an event, or a whole response, to the delta. The kinds are those of OpenAI's
// API reference ("Streaming events"), and reasoning.delta of openresponses.org. All others
// are passed over: what they say, the item says too when it is done.
func (dec *decoder) Decode(d *chat.Delta, name string, data []byte) error {
	if !dec.event.Read(data) {
		return openai.ErrBroken
	}
	e := dec.event
	kind := jsontext.Text(e.Get("type"))
	switch kind {
	case "response.output_text.delta":
		dec.add(d, dec.piece(text, "content_index"), e.Get("delta"))
	case "response.output_text.done":
		dec.addWhole(d, dec.piece(text, "content_index"), e.Get("text"))
	case "response.refusal.delta":
		dec.add(d, dec.piece(refusal, "content_index"), e.Get("delta"))
	case "response.refusal.done":
		dec.addWhole(d, dec.piece(refusal, "content_index"), e.Get("refusal"))
	case "response.reasoning_summary_text.delta":
		dec.add(d, dec.piece(summary, "summary_index"), e.Get("delta"))
	case "response.reasoning_text.delta", "response.reasoning.delta":
		dec.add(d, dec.piece(reasoning, "content_index"), e.Get("delta"))
	case "response.function_call_arguments.delta":
		dec.add(d, dec.piece(arguments, ""), e.Get("delta"))
	case "response.function_call_arguments.done": // LM Studio has no deltas of them
		dec.addWhole(d, dec.piece(arguments, ""), e.Get("arguments"))
	case "response.output_item.added":
		dec.call(d, dec.itemOf(jsontext.Field(e.Get("item"), "id")), e.Get("item"))
	case "response.output_item.done":
		dec.done(d, dec.itemOf(jsontext.Field(e.Get("item"), "id")), e.Get("item"))
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		return dec.end(d, kind, e.Get("response"))
	case "error":
		return openai.ParseError(data)
	case "":
		return dec.untyped(d, name, data)
	default:
		dec.head(d, e.Get("response"))
	}
	return nil
}

// untyped decodes an object without a type: an error of llama.cpp, or the whole response of
// an endpoint that does not stream.
func (dec *decoder) untyped(d *chat.Delta, name string, data []byte) error {
	e := dec.event
	switch {
	case jsontext.IsText(e.Get("object"), "response"), name == "" && len(e.Get("output")) > 0:
		return dec.end(d, "response."+jsontext.Text(e.Get("status")), data)
	case !jsontext.IsEmpty(e.Get("error")):
		return openai.ParseError(data)
	}
	return openai.ErrBroken
}

// piece returns which text of the answer the event is about. index is the field that counts
// the texts of the item; without one it is the first.
func (dec *decoder) piece(k kind, index string) piece {
	part, _ := strconv.Atoi(string(dec.event.Get(index)))
	return piece{dec.itemOf(dec.event.Get("item_id")).number, k, part}
}

// itemOf returns the item that the event is about: the one with its output_index, or else
// with an ID. Without either it is the last one.
func (dec *decoder) itemOf(id []byte) *item {
	number, err := strconv.Atoi(string(dec.event.Get("output_index")))
	switch {
	case err == nil && number >= 0 && number < openai.MaxPieces:
	case jsontext.HasText(id):
		known := false
		if number, known = dec.numbers[string(id)]; !known {
			if number = len(dec.numbers); number < openai.MaxPieces {
				dec.numbers[string(id)] = number
			}
		}
	case dec.last != nil:
		return dec.last
	default:
		number = 0
	}
	return dec.item(number)
}

func (dec *decoder) item(number int) *item {
	if dec.items[number] == nil {
		dec.items[number] = &item{number: number}
	}
	dec.last = dec.items[number]
	return dec.last
}

// maxSeen is how many texts an answer may have before they are not told apart any more.
const maxSeen = 16 << 10

// add adds what comes of a text. A blank line separates the texts of the reasoning.
func (dec *decoder) add(d *chat.Delta, p piece, value []byte) {
	if !jsontext.HasText(value) {
		return
	}
	first := p != dec.lastSeen && !dec.seen[p]
	if p != dec.lastSeen && len(dec.seen) < maxSeen {
		dec.seen[p], dec.lastSeen = true, p
		dec.items[p.item].came = true
	}
	switch p.kind {
	case text:
		d.Text = jsontext.AppendUnquote(d.Text, value)
	case refusal:
		d.Refusal = jsontext.AppendUnquote(d.Refusal, value)
	case arguments:
		d.ToolCalls = append(d.ToolCalls, chat.ToolCall{Index: p.item, Arguments: jsontext.Text(value)})
	default:
		if dec.reasoned && first {
			d.Reasoning = append(d.Reasoning, "\n\n"...)
		}
		dec.reasoned = true
		d.Reasoning = jsontext.AppendUnquote(d.Reasoning, value)
	}
}

// addWhole adds a text that is whole, unless something of it came before.
func (dec *decoder) addWhole(d *chat.Delta, p piece, value []byte) {
	if !dec.seen[p] {
		dec.add(d, p, value)
	}
}

// isCall reports whether an item is a call. A custom_tool_call is none: no such tools are
// offered, and xAI has items of that type for tools of its own.
func isCall(item []byte) bool {
	return jsontext.IsText(jsontext.Field(item, "type"), "function_call")
}

// callID returns the ID of the call that an item is.
func callID(item []byte) string {
	return cmp.Or(jsontext.Text(jsontext.Field(item, "call_id")), jsontext.Text(jsontext.Field(item, "id")))
}

// call begins a call if an item is one, and returns whether it is.
func (dec *decoder) call(d *chat.Delta, i *item, raw []byte) bool {
	if !isCall(raw) {
		return false
	}
	if !i.called {
		i.called = true
		id := callID(raw)
		if _, taken := dec.calls[id]; taken {
			id = "" // another item is another call
		} else {
			dec.calls[id] = i.number
		}
		d.ToolCalls = append(d.ToolCalls, chat.ToolCall{Index: i.number, ID: id, Name: jsontext.Text(jsontext.Field(raw, "name"))})
	}
	return true
}

// done adds an item that is whole: what of its texts has not come before, and the item
// itself, which the service may want back.
func (dec *decoder) done(d *chat.Delta, i *item, raw []byte) {
	if len(raw) == 0 || raw[0] != '{' {
		return
	}
	raw = jsontext.Copy(raw)
	if sum := maphash.Bytes(dec.hash, raw) | 1; sum != i.sent {
		i.sent = sum
		d.Items = append(d.Items, chat.Item{Index: i.number, JSON: raw})
	}
	called := dec.call(d, i, raw)
	if i.came {
		return
	}
	switch kind := jsontext.Field(raw, "type"); {
	case called:
		dec.add(d, piece{item: i.number, kind: arguments}, jsontext.Field(raw, "arguments"))
	case jsontext.IsText(kind, "message"):
		for content := range jsontext.Elements(jsontext.Field(raw, "content")) {
			dec.add(d, piece{item: i.number, kind: text}, jsontext.Field(content, "text"))
			dec.add(d, piece{item: i.number, kind: refusal}, jsontext.Field(content, "refusal"))
		}
	case jsontext.IsText(kind, "reasoning"):
		dec.reasonWhole(d, i, reasoning, jsontext.Field(raw, "content"))
		if !i.came {
			dec.reasonWhole(d, i, summary, jsontext.Field(raw, "summary"))
		}
	}
}

func (dec *decoder) reasonWhole(d *chat.Delta, i *item, k kind, parts []byte) {
	part := 0
	for p := range jsontext.Elements(parts) {
		dec.add(d, piece{i.number, k, part}, jsontext.Field(p, "text"))
		part++
	}
}

// head takes what the first events say of a response, and the last one again.
func (dec *decoder) head(d *chat.Delta, response []byte) {
	jsontext.SetText(&d.Model, jsontext.Field(response, "model"))
	jsontext.SetText(&dec.id, jsontext.Field(response, "id"))
}

// ResponseID returns the ID of the response, by which a later request may go on with it
// (previous_response_id), or nothing while it is not known.
func (dec *decoder) ResponseID() string { return dec.id }

// end adds the terminal event: the response as a whole. Its items win over those that came
// before, unless it has none (ChatGPT's Codex).
func (dec *decoder) end(d *chat.Delta, kind string, response []byte) error {
	dec.head(d, response)
	if usage := jsontext.Field(response, "usage"); len(usage) > 0 && usage[0] == '{' {
		d.Usage = jsontext.Copy(usage)
	}
	dec.replace(d, jsontext.Field(response, "output"))
	if failure := jsontext.Field(response, "error"); !jsontext.IsEmpty(failure) {
		return openai.ParseError(response)
	}
	d.FinishReason = dec.finishReason(kind, response)
	// After a failure without a reason Azure gives that in an event of its own.
	d.Done = d.FinishReason != "failed"
	return nil
}

// replace adds the items of the terminal event, and removes those that it does not have. Where
// it has as many as came before they are the same ones in that order, whatever their numbers:
// some services leave numbers out.
func (dec *decoder) replace(d *chat.Delta, output []byte) {
	list := slices.Collect(openai.Elements(output))
	known, listed := slices.Sorted(maps.Keys(dec.items)), map[int]bool{}
	for number, raw := range list {
		if len(known) == len(list) {
			number = known[number]
		} else if n, came := dec.calls[callID(raw)]; came && isCall(raw) && slices.Contains(known, n) {
			number = n
		}
		listed[number] = true
		dec.done(d, dec.item(number), raw)
	}
	for number, i := range dec.items {
		if len(list) > 0 && !listed[number] && i.sent != 0 {
			d.Items = append(d.Items, chat.Item{Index: number})
		}
	}
}

// finishReason returns why an answer ended, in the words of chat completions where they
// have one (see chat.Turn.End).
func (dec *decoder) finishReason(kind string, response []byte) string {
	reason := jsontext.Text(jsontext.Field(jsontext.Field(response, "incomplete_details"), "reason"))
	status := jsontext.Text(jsontext.Field(response, "status"))
	switch {
	case reason == "max_output_tokens" || reason == "max_tokens":
		return "length"
	case reason == "content_filter":
		return reason
	case reason != "" || status == "incomplete" || kind == "response.incomplete":
		return "incomplete"
	case kind == "response.failed" || kind == "response.cancelled":
		return kind[len("response."):]
	}
	for _, i := range dec.items {
		if i.called {
			return "tool_calls"
		}
	}
	return "stop"
}
