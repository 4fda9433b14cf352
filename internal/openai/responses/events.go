package responses

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
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
	numbers  map[string]int // of items, by ID, where the service has no output_index
	items    map[int]*item  // by number, which is the output_index where there is one
	last     *item          // that an event was about
	seen     map[piece]bool // of which something came
	lastSeen piece          // that something came of; the map has it
	hash     maphash.Seed   // of the items that were sent on
	reasoned bool           // there is reasoning
	id       string         // of the response
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
	return &decoder{numbers: map[string]int{}, items: map[int]*item{}, seen: map[piece]bool{}, lastSeen: piece{item: -1}, hash: maphash.MakeSeed()}
}

// Decode adds one event's data, or a whole response, to the delta.
func (dec *decoder) Decode(d *chat.Delta, kind string, data []byte) error {
	if kind != "error" {
		if err := dec.event(d, kind, data); err != openai.ErrBroken {
			return err
		}
	}
	return openai.DecodeOther(dec, d, kind, data)
}

// event holds the fields of an event that count, as they are written in the data: nil if
// they are missing. Names are compared exactly, and the last of two equal ones counts.
type event struct {
	kind, outputIndex, itemID, contentIndex, summaryIndex []byte

	delta, text, refusal, arguments []byte

	item, response, err []byte
	object, output      []byte // of a whole response
}

// read returns false if the data is not a JSON object.
func (e *event) read(data []byte) bool {
	d := jsontext.NewDecoder(data)
	if !d.Enter('{') {
		return false
	}
	for d.More('}') {
		if field := e.field(d.ReadName()); field != nil {
			*field = d.ReadValue()
		} else {
			d.SkipValue()
		}
	}
	return d.AtEnd()
}

func (e *event) field(name []byte) *[]byte {
	switch string(name) {
	case "type":
		return &e.kind
	case "output_index":
		return &e.outputIndex
	case "item_id":
		return &e.itemID
	case "content_index":
		return &e.contentIndex
	case "summary_index":
		return &e.summaryIndex
	case "delta":
		return &e.delta
	case "text":
		return &e.text
	case "refusal":
		return &e.refusal
	case "arguments":
		return &e.arguments
	case "item":
		return &e.item
	case "response":
		return &e.response
	case "error":
		return &e.err
	case "object":
		return &e.object
	case "output":
		return &e.output
	}
	return nil
}

// event adds an event to the delta. The kinds are those of OpenAI's API reference
// ("Streaming events"), and reasoning.delta of openresponses.org. All others are passed over:
// what they say, the item says too when it is done.
func (dec *decoder) event(d *chat.Delta, name string, data []byte) error {
	var e event
	if !e.read(data) {
		return openai.ErrBroken
	}
	kind := jsontext.Text(e.kind)
	switch kind {
	case "response.output_text.delta":
		d.Text = dec.add(d.Text, e.piece(dec, text), e.delta)
	case "response.output_text.done":
		d.Text = dec.whole(d.Text, e.piece(dec, text), e.text)
	case "response.refusal.delta":
		d.Refusal = dec.add(d.Refusal, e.piece(dec, refusal), e.delta)
	case "response.refusal.done":
		d.Refusal = dec.whole(d.Refusal, e.piece(dec, refusal), e.refusal)
	case "response.reasoning_summary_text.delta":
		dec.reason(d, e.piece(dec, summary), e.delta)
	case "response.reasoning_text.delta", "response.reasoning.delta":
		dec.reason(d, e.piece(dec, reasoning), e.delta)
	case "response.function_call_arguments.delta":
		dec.argue(d, e.piece(dec, arguments), e.delta)
	case "response.function_call_arguments.done":
		dec.argueWhole(d, e.piece(dec, arguments), e.arguments)
	case "response.output_item.added":
		dec.call(d, dec.itemOf(e.outputIndex, jsontext.Field(e.item, "id")), e.item)
	case "response.output_item.done":
		dec.done(d, dec.itemOf(e.outputIndex, jsontext.Field(e.item, "id")), e.item)
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		return dec.end(d, kind, e.response)
	case "error":
		reported, _ := openai.ParseError(data)
		return &reported
	case "":
		return dec.untyped(d, name, data, e)
	default:
		dec.head(d, e.response)
	}
	return nil
}

// untyped decodes an object without a type: an error of llama.cpp, or the whole response of
// an endpoint that does not stream.
func (dec *decoder) untyped(d *chat.Delta, name string, data []byte, e event) error {
	switch {
	case jsontext.IsText(e.object, "response"), name == "" && len(e.output) > 0:
		return dec.end(d, "response."+jsontext.Text(jsontext.Field(data, "status")), data)
	case !jsontext.IsEmpty(e.err):
		reported, _ := openai.ParseError(data)
		return &reported
	}
	return openai.ErrBroken
}

// piece returns which text of the answer an event is about.
func (e *event) piece(dec *decoder, k kind) piece {
	index := e.contentIndex
	switch k {
	case summary:
		index = e.summaryIndex
	case arguments:
		index = nil
	}
	part, _ := strconv.Atoi(string(index)) // without one it is the first
	return piece{dec.itemOf(e.outputIndex, e.itemID).number, k, part}
}

// itemOf returns the item with an output_index, or else with an ID. Without either it is
// the last one.
func (dec *decoder) itemOf(outputIndex, id []byte) *item {
	number, err := strconv.Atoi(string(outputIndex))
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
	if dec.items[number] == nil {
		dec.items[number] = &item{number: number}
	}
	dec.last = dec.items[number]
	return dec.last
}

// maxSeen is how many texts an answer may have before they are not told apart any more.
const maxSeen = 16 << 10

// add appends the text of a delta.
func (dec *decoder) add(dst []byte, p piece, delta []byte) []byte {
	if p != dec.lastSeen && jsontext.HasText(delta) && len(dec.seen) < maxSeen {
		dec.seen[p], dec.lastSeen = true, p
		dec.items[p.item].came = true
	}
	return jsontext.AppendUnquote(dst, delta)
}

// whole appends a text that is whole, unless something of it came before.
func (dec *decoder) whole(dst []byte, p piece, value []byte) []byte {
	if dec.seen[p] {
		return dst
	}
	return dec.add(dst, p, value)
}

// reason adds reasoning. A blank line separates its parts.
func (dec *decoder) reason(d *chat.Delta, p piece, delta []byte) {
	if !jsontext.HasText(delta) {
		return
	}
	if dec.reasoned && !dec.seen[p] {
		d.Reasoning = append(d.Reasoning, "\n\n"...)
	}
	dec.reasoned = true
	d.Reasoning = dec.add(d.Reasoning, p, delta)
}

// argue adds a fragment of the arguments of a call.
func (dec *decoder) argue(d *chat.Delta, p piece, delta []byte) {
	if fragment := string(dec.add(nil, p, delta)); fragment != "" {
		d.ToolCalls = append(d.ToolCalls, chat.ToolCall{Index: p.item, Arguments: fragment})
	}
}

// argueWhole adds the arguments of a call, unless something of them came before: LM Studio
// sends them only so.
func (dec *decoder) argueWhole(d *chat.Delta, p piece, value []byte) {
	if !dec.seen[p] {
		dec.argue(d, p, value)
	}
}

// call begins a call if an item is one, and returns whether it is. A custom_tool_call is
// none: no such tools are offered, and xAI has items of that type for tools of its own.
func (dec *decoder) call(d *chat.Delta, i *item, raw []byte) bool {
	if !jsontext.IsText(jsontext.Field(raw, "type"), "function_call") {
		return false
	}
	if !i.called {
		i.called = true
		head := chat.ToolCall{Index: i.number, ID: jsontext.Text(jsontext.Field(raw, "call_id")), Name: jsontext.Text(jsontext.Field(raw, "name"))}
		if head.ID == "" {
			head.ID = jsontext.Text(jsontext.Field(raw, "id"))
		}
		d.ToolCalls = append(d.ToolCalls, head)
	}
	return true
}

// done adds an item that is whole: what of its texts has not come before, and the item
// itself, which the service may want back.
func (dec *decoder) done(d *chat.Delta, i *item, raw []byte) {
	if len(raw) == 0 || raw[0] != '{' {
		return
	}
	raw = valid(raw)
	if sum := maphash.Bytes(dec.hash, raw) | 1; sum != i.sent {
		i.sent = sum
		d.Items = append(d.Items, chat.Item{Index: i.number, JSON: raw})
	}
	isCall := dec.call(d, i, raw)
	if i.came {
		return
	}
	switch kind := jsontext.Field(raw, "type"); {
	case isCall:
		dec.argue(d, piece{item: i.number, kind: arguments}, jsontext.Field(raw, "arguments"))
	case jsontext.IsText(kind, "message"):
		for content := range jsontext.Elements(jsontext.Field(raw, "content")) {
			d.Text = dec.add(d.Text, piece{item: i.number, kind: text}, jsontext.Field(content, "text"))
			d.Refusal = dec.add(d.Refusal, piece{item: i.number, kind: refusal}, jsontext.Field(content, "refusal"))
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
		dec.reason(d, piece{i.number, k, part}, jsontext.Field(p, "text"))
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
		d.Usage = valid(usage)
	}
	dec.replace(d, jsontext.Field(response, "output"))
	if failure := jsontext.Field(response, "error"); !jsontext.IsEmpty(failure) {
		reported, _ := openai.ParseError(response)
		return &reported
	}
	d.FinishReason = dec.finishReason(kind, response)
	// After a failure without a reason Azure gives that in an event of its own.
	d.Done = d.FinishReason != "failed"
	return nil
}

// replace adds the items of the terminal event, and removes those that it does not have.
func (dec *decoder) replace(d *chat.Delta, output []byte) {
	n := 0
	for raw := range jsontext.Elements(output) {
		if n == openai.MaxPieces {
			break
		}
		dec.done(d, dec.itemOf(strconv.AppendInt(nil, int64(n), 10), nil), raw)
		n++
	}
	if n == 0 {
		return
	}
	for number, i := range dec.items {
		if number >= n && i.sent != 0 {
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

// valid returns a copy without what is not UTF-8, for JSON that is kept as it is.
func valid(raw []byte) json.RawMessage { return bytes.ToValidUTF8(raw, []byte("\ufffd")) }
