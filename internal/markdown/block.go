package markdown

// kind is what a block is.
type kind uint8

const (
	document kind = iota
	quote
	list
	item
	paragraph
	note // a paragraph that is the text of a footnote
	heading
	rule
	fenced
	indented
	rawHTML
	table
	mathBlock
)

// block is a part of the document. The parser fills in what its marker says before it
// announces the block; children and rows are kept for a whole document only.
type block struct {
	kind     kind
	parent   *block
	children []*block
	empty    bool // no block has begun in it
	from, to int  // its first and last line that are not blank

	text []byte // of a leaf

	level int    // of a heading
	info  string // of a fence, or the label of a footnote

	fence  byte // ` or ~, or what closes a formula: $ or ]
	length int  // of the fence
	indent int  // columns before the fence, taken off each line of code
	closed bool // the fence has been closed

	marker byte // - + * . ) of a list
	start  int  // the number of an item
	offset int  // columns by which the content of an item is indented
	task   byte // the box of an item: 0, ' ' or 'x'

	aligns []align
	rows   [][]byte // the header first
	html   int      // which of the seven conditions began raw HTML
}

// sink takes the blocks as they are read. Whatever the text holds comes to it once and in
// order, as mark or as text.
type sink interface {
	open(b *block)
	// mark is a part of the text that makes blocks and is not theirs: the markers of
	// containers, fences, space and line ends.
	mark(src []byte, of kind)
	// text is content of the open leaf: a piece of a line, or a line end.
	text(b *block, src []byte)
	// extra is content of the open leaf that is not in the text here: columns of a tab, and
	// what was a mark until more followed.
	extra(b *block, src []byte)
	// task says that an item has a box.
	task(b *block)
	// setext says that the open paragraph is a heading.
	setext(b *block)
	// table says that the last line of paragraph b is the header of a table with these
	// columns, which follows. The paragraph had nothing else if whole is true.
	table(b *block, columns []align, whole bool)
	close(b *block)
}
