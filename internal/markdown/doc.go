// Package markdown reads Markdown while it arrives: CommonMark 0.31 with GitHub's tables,
// strikethrough, task lists and bare links, and with footnotes and formulas.
//
// One parser reads blocks, in block.go and start.go. It gives them to a sink line by line,
// and within a line as soon as it is known what the line is; how the text was cut makes no
// difference. HTML keeps each block until it ends and reads its text by the algorithm of
// CommonMark. CodeBlocks takes the code alone.
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
// Time is linear, and memory is bounded by the largest block: containers are nested 64
// deep, further markers are text; a line can be the header of a table up to 64 KiB, a
// label has 1,000 bytes, a formula in a line 400.
package markdown
