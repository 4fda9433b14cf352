package config

import (
	"bytes"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Position is a place in the file: the line and the byte in it, from 1; zero if not known.
type Position struct{ Line, Column int }

// positions finds where the settings of a file stand, by their names as
// profiles.work.model. Tables are among them.
func positions(source []byte) map[string]Position {
	found := map[string]Position{}
	var parser unstable.Parser
	parser.Reset(source)
	var table []string
	for parser.NextExpression() {
		node := parser.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = addKey(found, source, nil, node.Key())
		case unstable.KeyValue:
			addValue(found, source, table, node)
		}
	}
	return found
}

// addValue notes a setting, and those of an inline table that it holds.
func addValue(found map[string]Position, source []byte, table []string, node *unstable.Node) {
	path := addKey(found, source, table, node.Key())
	if node.Value().Kind != unstable.InlineTable {
		return
	}
	for inner := node.Value().Children(); inner.Next(); {
		addValue(found, source, path, inner.Node())
	}
}

// addKey notes where the last part of a key stands, and returns the whole path.
func addKey(found map[string]Position, source []byte, table []string, key unstable.Iterator) []string {
	path := append([]string(nil), table...)
	for key.Next() {
		path = append(path, string(key.Node().Data))
		name := strings.Join(path, ".")
		if _, known := found[name]; !known {
			found[name] = position(source, int(key.Node().Raw.Offset))
		}
	}
	return path
}

func position(source []byte, offset int) Position {
	before := source[:offset]
	return Position{bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')}
}

// Position returns where a setting stands in the file.
func (f *File) Position(name string) Position {
	if f.positions == nil {
		return Position{}
	}
	return f.positions()[name]
}
