// Package markdown reads Markdown while it arrives: CommonMark 0.31 with GitHub's tables,
// strikethrough, task lists and bare links, and with footnotes and formulas.
//
// One parser reads blocks, in parser.go and start.go. It gives them to a sink line by line,
// and within a line as soon as it is known what the line is; how the text was cut makes no
// difference. HTML keeps each block until it ends and reads its text by the algorithm of
// CommonMark. CodeBlocks takes the code alone.
//
// Terminal shows text as it arrives, words wrapped, in terminal.go, layout.go, stream.go,
// wrap.go and tabletext.go, or as it is written, in source.go.
//
// # What a stream decides before CommonMark can know
//
// The HTML of a text that has ended is CommonMark's. A Terminal prints what it has decided:
//
//   - A paragraph is one until its underline comes, which is drawn as a line below it.
//   - The header of a table begins with a bar; else it is text, and its rows are a table
//     without a header.
//   - What opens is taken to be closed later: *, _, ~~ and backticks (see inline).
//   - A label of a link is known if its definition has come before; else it is text.
//     Definitions are text.
//   - Blank lines stand where the text has them, and around code: whether a list is loose
//     does not matter.
//   - Cells beyond the columns of a table, which a page leaves out, belong to the last one.
//   - Containers that would leave too little room for the text are not indented (hanging).
//   - A line end in a paragraph stays one, unless the line has 50 to 100 columns, which is
//     what text that was wrapped looks like.
//
// # Differences from CommonMark
//
//   - Raw HTML is text, but for <br>. A fence ends a block of it.
//   - Emphasis next to Chinese, Japanese and Korean punctuation works as elsewhere.
//   - [^label] is a footnote, and [^label]: at the start of a line begins its text.
//   - Formulas stand between \( and \), \[ and \], $$ and $$, or $ and $ where that is no
//     amount of money (scanMath). One that begins a line with $$ or \[ is a block, which
//     ends at a blank line at the latest.
//   - Links lead to http, https and mailto addresses alone. An image is a link.
//
// # Limits
//
// Time is linear, and memory is bounded by the largest block, on a terminal by a word, 64
// KiB of a paragraph, and 20,000 cells or 4 MiB of a table. Containers are nested 64 deep, further
// markers are text; a line can be the header of a table up to 64 KiB, a label has 1,000
// bytes, a formula in a line 400, and the text of a link on a terminal too.
package markdown
