package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"oax/internal/chat"
	"oax/internal/schema"

	"github.com/alecthomas/kong"
)

// schemaFile is the value of --schema: a JSON Schema that the answer is to fit. The zero
// value is that of a flag that is not there.
type schemaFile struct {
	path   string
	source json.RawMessage // as in the file: models answer in the order of its properties
	schema *schema.Schema
}

// Decode reads the file, so that one that makes no sense is told before anything is sent.
func (s *schemaFile) Decode(ctx *kong.DecodeContext) error {
	if err := ctx.Scan.PopValueInto("file", &s.path); err != nil {
		return err
	}
	source, err := os.ReadFile(s.path)
	if err != nil {
		return &report{what: fmt.Sprintf("cannot read %s: %s", s.path, plainError(err)), kind: "input", code: exitUsage}
	}
	s.source = bytes.TrimPrefix(source, []byte("\ufeff"))
	if s.schema, err = schema.Parse(s.source); err == nil {
		return nil
	}
	r := &report{what: s.path + ": no JSON Schema: " + err.Error(), kind: "input", code: exitUsage}
	if at, ok := errors.AsType[*schema.SyntaxError](err); ok {
		r.what = fmt.Sprintf("%s:%d:%d: not JSON", s.path, at.Line, at.Column)
	}
	return r
}

// format returns the response_format of a request (OpenAI, "Structured model outputs").
func (s *schemaFile) format() any {
	format := map[string]any{"name": s.name(), "schema": s.source}
	if s.schema.Strict() { // others are refused if the model is to keep strictly to them
		format["strict"] = true
	}
	return map[string]any{"type": "json_schema", "json_schema": format}
}

// name is that of the file, in the characters that the API allows.
func (s *schemaFile) name() string {
	name := strings.TrimSuffix(filepath.Base(s.path), filepath.Ext(s.path))
	name = regexp.MustCompile(`[^a-zA-Z0-9_-]`).ReplaceAllString(name, "_")
	if name == "" {
		return "answer"
	}
	return name[:min(len(name), 64)]
}

// fittedOutput holds an answer against the schema before it ends.
type fittedOutput struct {
	output
	file *schemaFile
}

// fitted adds that to a form, if there is a schema.
func (env *Env) fitted(form output) output {
	if env.flags.Schema.schema == nil {
		return form
	}
	return &fittedOutput{form, &env.flags.Schema}
}

func (o *fittedOutput) end(m chat.Message, id string, r *report) *report {
	if r == nil && m.State == chat.Complete {
		r = o.file.check(m.Text)
	}
	return o.output.end(m, id, r)
}

// notes tell what of the schema was not looked at.
func (o *fittedOutput) notes() []string {
	notes := o.output.notes()
	if unchecked := o.file.schema.Unchecked; len(unchecked) > 0 {
		notes = append(notes, fmt.Sprintf("not checked of %s: %s", o.file.path, strings.Join(unchecked, ", ")))
	}
	return notes
}

// check returns what keeps an answer from fitting, or nil.
func (s *schemaFile) check(answer string) *report {
	err := s.schema.Check([]byte(answer))
	if err == nil {
		return nil
	}
	what := "the answer does not fit " + s.path + ": " + err.Error()
	if at, ok := errors.AsType[*schema.SyntaxError](err); ok {
		what = fmt.Sprintf("the answer is not JSON: line %d, column %d", at.Line, at.Column)
	}
	return &report{what: what, hint: "oax retry --schema " + s.path, kind: "schema", code: exitIncomplete}
}
