package importer

const gobDefinition = 16 // is the type of the definitions of types

// gobField is a field of a struct and the number of its type.
type gobField struct {
	name string
	kind int64
}

// newGobReader returns a reader that knows the types that need no definition.
func newGobReader(data []byte) *gobReader {
	g := &gobReader{data: data, structs: map[int64][]gobField{
		gobDefinition: {{"ArrayT", 17}, {"SliceT", 19}, {"StructT", 20}, {"MapT", 23}, {"GobEncoderT", 24}, {"BinaryMarshalerT", 24}, {"TextMarshalerT", 24}},
		17:            {{"CommonType", 18}, {"Elem", 2}, {"Len", 2}},
		18:            {{"Name", 6}, {"Id", 2}},
		19:            {{"CommonType", 18}, {"Elem", 2}},
		20:            {{"CommonType", 18}, {"Field", 22}},
		21:            {{"Name", 6}, {"Id", 2}},
		23:            {{"CommonType", 18}, {"Key", 2}, {"Elem", 2}},
		24:            {{"CommonType", 18}},
	}}
	g.others = map[int64]func() any{
		1:  func() any { return g.uint() != 0 },
		2:  func() any { return g.int() },
		3:  func() any { return g.uint() },
		4:  func() any { return g.float() },
		5:  func() any { return g.bytes() },
		6:  func() any { return string(g.bytes()) },
		7:  func() any { return complex(g.float(), g.float()) },
		8:  g.skipInterface,
		22: g.list(21),
	}
	return g
}

// define reads the definition of a type.
func (g *gobReader) define(id int64) {
	definition, _ := g.value(gobDefinition).(gobStruct)
	if g.structs[id] != nil || g.others[id] != nil || len(definition) != 1 {
		g.fail("is damaged: type %d has not one definition", id)
		return
	}
	kind, _ := definition[0].value.(gobStruct)
	switch definition[0].field {
	case "StructT":
		g.structs[id] = gobFields(gobValueOf[[]any](kind, "Field"))
	case "ArrayT", "SliceT":
		g.others[id] = g.list(gobValueOf[int64](kind, "Elem"))
	case "MapT":
		g.others[id] = g.list(gobValueOf[int64](kind, "Key"), gobValueOf[int64](kind, "Elem"))
	default:
		g.others[id] = func() any { return g.bytes() }
	}
}

func gobFields(defined []any) []gobField {
	fields := []gobField{}
	for _, d := range defined {
		field, _ := d.(gobStruct)
		fields = append(fields, gobField{gobValueOf[string](field, "Name"), gobValueOf[int64](field, "Id")})
	}
	return fields
}
