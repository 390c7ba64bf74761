// SPDX-License-Identifier: Apache-2.0

package billtext

import "github.com/seed81979277/qrcharge/tariff"

// The columns of a bill.
const (
	colRate = iota
	colHours
	colEnergy
	colElectricityPrice
	colServicePrice
	colElectricityFee
	colServiceFee
	colTotal
	columns
)

const gap = 2 // spaces between columns

func colPrice(c tariff.Class) int { return colElectricityPrice + int(c-tariff.Electricity) }
func colFee(c tariff.Class) int   { return colElectricityFee + int(c-tariff.Electricity) }

// row is one line of a table.
type row struct {
	label  string // stands in the place of rate and hours together
	cells  [columns]string
	suffix string // after the last cell
	ruled  bool   // under a rule
}

// table is a bill in one language.
type table struct {
	bill       *tariff.Bill
	words      *words
	title      string
	unit       string // of the amounts
	decimals   uint8  // of energy
	conditions bool   // some rate applies under more than hours
	items      bool   // there are charges that are no rate
	single     bool   // one fee class only: its column and the subtotals are the same
	rows       []row
	widths     [columns]int // 0 for a column left out
}

// append lays the table out.
func (t *table) append(dst []byte) []byte {
	header := row{cells: t.words.columns}
	if t.conditions {
		header.cells[colHours] = t.words.conditions
	}
	if t.single {
		t.mergeFees(&header)
	}
	t.measure(&header)
	if t.widths[colEnergy] == 0 {
		header = row{}
	}
	dst = append(append(dst, t.title...), '\n')
	if header != (row{}) && len(t.bill.Lines) > 0 {
		dst = t.appendRow(dst, &header)
	}
	for i := range t.rows {
		if t.rows[i].ruled {
			dst = t.appendRule(dst)
		}
		dst = t.appendRow(dst, &t.rows[i])
	}
	return dst
}

// mergeFees empties the fee columns and gives their heading to the subtotals.
func (t *table) mergeFees(header *row) {
	for class := tariff.Electricity; class <= tariff.Service; class++ {
		used := false
		for i := range t.rows {
			used = used || t.rows[i].cells[colFee(class)] != ""
			t.rows[i].cells[colFee(class)] = ""
		}
		if used {
			header.cells[colTotal] = header.cells[colFee(class)]
		}
	}
}

// measure sets the widths. A column without a cell is left out, whatever its heading.
func (t *table) measure(header *row) {
	for i := range t.rows {
		for c, cell := range t.rows[i].cells {
			t.widths[c] = max(t.widths[c], width(cell))
		}
	}
	for c := range t.widths {
		if t.widths[c] > 0 && len(t.bill.Lines) > 0 {
			t.widths[c] = max(t.widths[c], width(header.cells[c]))
		}
	}
	for i := range t.rows {
		t.widths[colHours] += t.short(&t.rows[i])
	}
}

// short returns how many columns a label lacks in front of its row's first
// figure; it may run on below figures of other rows.
func (t *table) short(r *row) int {
	if r.label == "" {
		return 0
	}
	end := t.left()
	for c := colEnergy; c < columns; c++ {
		if t.widths[c] > 0 {
			end += gap + t.widths[c]
		}
		if r.cells[c] != "" {
			return max(0, width(r.label)+gap+width(r.cells[c])-end)
		}
	}
	return max(0, width(r.label)-end)
}

// left returns the width of rate and hours together.
func (t *table) left() int {
	if t.widths[colRate] == 0 {
		return t.widths[colHours]
	}
	return t.widths[colRate] + gap + t.widths[colHours]
}

// appendRow appends one line: names to the left, figures to the right.
func (t *table) appendRow(dst []byte, r *row) []byte {
	dst = append(dst, r.label...)
	at := width(r.label)
	if t.widths[colRate] > 0 && r.label == "" {
		dst = append(dst, r.cells[colRate]...)
		at = width(r.cells[colRate])
		if r.cells[colHours] != "" {
			dst = pad(dst, t.widths[colRate]+gap-at)
			at = t.widths[colRate] + gap
		}
	}
	dst = append(dst, r.cells[colHours]...)
	at += width(r.cells[colHours])
	end := t.left()
	for c := colEnergy; c < columns; c++ {
		if t.widths[c] > 0 {
			end += gap + t.widths[c]
		}
		if r.cells[c] != "" && t.widths[c] > 0 {
			dst = append(pad(dst, end-width(r.cells[c])-at), r.cells[c]...)
			at = end
		}
	}
	return append(append(dst, r.suffix...), '\n')
}

// appendRule appends a line of dashes as wide as the table.
func (t *table) appendRule(dst []byte) []byte {
	total := t.left()
	for _, w := range t.widths[colEnergy:] {
		if w > 0 {
			total += gap + w
		}
	}
	for range total {
		dst = append(dst, '-')
	}
	return append(dst, '\n')
}

// pad appends n spaces.
func pad(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

// wide lists the ranges of Unicode that fixed-width fonts draw two columns
// wide (East Asian Width W and F, UAX #11), as far as scripts use them.
var wide = [...][2]rune{
	{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF},
	{0xA000, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60},
	{0xFFE0, 0xFFE6}, {0x20000, 0x3FFFD},
}

// width returns the number of columns that a text takes.
func width(text string) (columns int) {
	for _, r := range text {
		columns++
		for _, w := range wide {
			if w[0] <= r && r <= w[1] {
				columns++
			}
		}
	}
	return columns
}
