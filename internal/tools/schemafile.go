package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"oax/internal/config"
	"oax/internal/schema"
)

// The file that describes a program: a JSON object with name, description and parameters,
// or one as the chat completions API has it, with these in function.

// maxSchemaFile is the largest such file, in bytes.
const maxSchemaFile = 1 << 20

type description struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
	Function    *description    `json:"function"`
}

// program returns the tool that the configuration describes. The error is a
// *SchemaFileError.
func program(c config.Tool) (*Tool, error) {
	source, err := readSchemaFile(c.Schema)
	if err == nil {
		var t *Tool
		if t, err = describe(source); err == nil {
			t.Name, t.Approve, t.Argv, t.limit = c.Name, c.Approve, c.Command, c.Limit()
			return t, nil
		}
	}
	failed := &SchemaFileError{Tool: c.Name, Path: c.Schema, Err: err}
	if at, ok := errors.AsType[*schema.PositionError](err); ok {
		failed.Line, failed.Column = at.Line, at.Column
	}
	return nil, failed
}

func readSchemaFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // checked before opening: a FIFO would wait for its writer
		return nil, errors.New("it is not a regular file")
	case info.Size() > maxSchemaFile:
		return nil, fmt.Errorf("it is larger than %d MiB", maxSchemaFile>>20)
	}
	return os.ReadFile(path)
}

// describe returns the tool that a schema file describes.
func describe(source []byte) (*Tool, error) {
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	if _, err := schema.Decode(source); err != nil {
		return nil, err
	}
	var d description
	if err := json.Unmarshal(source, &d); err != nil {
		return nil, errors.New("it must be an object with name, description and parameters")
	}
	if d.Function != nil {
		d = *d.Function
	}
	t := &Tool{Wire: d.Name, Description: d.Description}
	return t, t.setParameters(d.Parameters)
}

// setParameters sets the parameters of a tool: without any, it has none.
func (t *Tool) setParameters(parameters json.RawMessage) (err error) {
	if len(parameters) == 0 || string(parameters) == "null" {
		parameters = json.RawMessage(`{"type":"object","properties":{}}`)
	}
	if t.schema, err = schema.Parse(parameters); err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	if kind, ok := t.schema.Document["type"]; ok && kind != "object" {
		return errors.New(`parameters: the type must be "object"`)
	}
	t.Parameters = t.schema.Source
	return nil
}

// SchemaFileError says why the file that describes a program cannot be used. Line and
// Column, in bytes from 1, are 0 if not known.
type SchemaFileError struct {
	Tool         string
	Path         string
	Line, Column int
	Err          error // of the file system, or what is wrong with the file
}

func (e *SchemaFileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: not JSON", e.Path, e.Line, e.Column)
	}
	if path, ok := errors.AsType[*os.PathError](e.Err); ok {
		return fmt.Sprintf("the schema of the tool %s cannot be read: %s: %v", e.Tool, e.Path, path.Err)
	}
	return fmt.Sprintf("%s: %v", e.Path, e.Err)
}

func (e *SchemaFileError) Unwrap() error { return e.Err }
