// SPDX-License-Identifier: Apache-2.0

package qrimage

import "io"

// Ink says how Terminal tells dark from light.
type Ink uint8

const (
	// InkColour sets both colours with escape sequences, black from the fixed part
	// of the 256-colour palette on white from there, so that neither the terminal's
	// own colours nor its theme matter. It is what an interactive terminal wants.
	InkColour Ink = iota
	// InkDark writes no escape sequences and draws dark modules: for a terminal, a
	// file or a mail that shows dark characters on a light ground.
	InkDark
	// InkLight writes no escape sequences and draws light modules: for a terminal
	// that shows light characters on a dark ground.
	InkLight
)

// Black and white from the colour cube: themes redefine colours 0 to 15 only.
const (
	blackOnWhite = "\x1b[38;5;16;48;5;231m"
	resetColours = "\x1b[0m"
)

// halves are the characters that ink the upper half (bit 0) and the lower half
// (bit 1) of a cell.
var halves = [4]string{" ", "▀", "▄", "█"}

// Terminal writes the symbol with its quiet zone as lines of half-block
// characters, one module wide and two modules high each, which is about square
// in most fonts. An Ink other than the three is taken as InkColour. The error is
// that of w.
func (m *Matrix) Terminal(w io.Writer, ink Ink) error {
	var b []byte
	// The side is odd, so the last line has one more row of quiet zone.
	for y := -QuietZone; y < m.Size()+QuietZone; y += 2 {
		b = m.appendLine(b, y, ink)
	}
	_, err := w.Write(b)
	return err
}

// appendLine appends the cells for the rows y and y+1.
func (m *Matrix) appendLine(b []byte, y int, ink Ink) []byte {
	coloured := ink != InkDark && ink != InkLight
	if coloured {
		b = append(b, blackOnWhite...)
	}
	for x := -QuietZone; x < m.Size()+QuietZone; x++ {
		cell := 0
		if m.Dark(x, y) != (ink == InkLight) {
			cell |= 1
		}
		if m.Dark(x, y+1) != (ink == InkLight) {
			cell |= 2
		}
		b = append(b, halves[cell]...)
	}
	if coloured {
		b = append(b, resetColours...)
	}
	return append(b, '\n')
}
