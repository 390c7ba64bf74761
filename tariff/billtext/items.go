// SPDX-License-Identifier: Apache-2.0

package billtext

import (
	"strings"

	"github.com/seed81979277/qrcharge/tariff"
)

// The widest texts that stand in one row: in place of rate and hours, and in
// the column of hours alone.
const (
	widestItem  = 48
	widestHours = 26
)

// items returns the rows of a line that is no rate; the last one has the amount.
func (w *words) items(b *tariff.Bill, l *tariff.Line) []string {
	switch l.Kind {
	case tariff.ChargeLine:
		return w.charge(b, l)
	case tariff.CapLine:
		return []string{w.capped}
	case tariff.LimitLine:
		name := w.atMost
		if b.Limit.Min > 0 {
			name = w.atLeast
		}
		return []string{name + fill(w.of, w.fees[l.Class])}
	case tariff.TaxLine:
		return []string{w.taxed(l, w.tax)}
	case tariff.TaxResidueLine:
		return []string{w.taxResidue}
	case tariff.WaivedLine:
		return []string{w.waived}
	}
	return []string{w.payableRounding}
}

// included returns the text of a tax that the prices contain.
func (w *words) included(l *tariff.Line) string {
	if l.Kind == tariff.TaxResidueLine {
		return fill(w.contained, w.containedResidue)
	}
	return fill(w.contained, w.taxed(l, w.containedTax))
}

// charge returns "class (dimension, rate, why) quantity × price", of a flat fee
// without the quantity.
func (w *words) charge(b *tariff.Bill, l *tariff.Line) []string {
	conditions := []string{w.reserved[l.When.Reservation] + w.dimensions[l.Dimension]}
	if rate := w.rate(l.Rate); rate != "" {
		conditions = append(conditions, rate)
	}
	for _, window := range l.When.Windows {
		conditions = append(conditions, window.String())
	}
	conditions = append(conditions, w.why(b, l)...)
	pieces := w.list(w.classes[l.Class]+w.open, conditions)
	if l.Dimension != tariff.FlatFee {
		pieces = append(pieces, " "+w.quantity(l, l.Billed)+" × "+decimal(l.Price)+w.per[l.Dimension])
		pieces = append(pieces, w.stepped(l))
	}
	return wrap(pieces, widestItem)
}

// list returns conditions between brackets as pieces to wrap.
func (w *words) list(before string, conditions []string) (pieces []string) {
	for i, c := range conditions {
		text := w.space + c
		if i == 0 {
			text = before + c
		}
		if i == len(conditions)-1 {
			text += w.shut
		} else {
			text += w.comma
		}
		pieces = append(pieces, text)
	}
	return pieces
}

// stepped returns what was measured, and by which step more is billed, "" where
// no more is.
func (w *words) stepped(l *tariff.Line) string {
	if l.Billed == l.Measured {
		return ""
	}
	name := ""
	switch l.Dimension {
	case tariff.TimeSpent, tariff.IdleTime:
		unit, seconds := w.timeUnit(l.Step, 0)
		name = trimmed(l.Step/seconds, 0) + unit
	case tariff.Volume:
		name = trimmed(l.Step, 3) + w.litre
	default:
		name = trimmed(l.Step, 6) + w.kWh
	}
	return w.open + fill(w.measured, w.quantity(l, l.Measured)) + w.comma + w.space + fill(w.step, name) + w.shut
}

// quantity returns a quantity with its unit; time as hours, minutes and seconds.
func (w *words) quantity(l *tariff.Line, n int64) string {
	switch l.Dimension {
	case tariff.TimeSpent, tariff.IdleTime:
		return string(appendTwo(append(appendTwo(append(appendTwo(nil, n/3600), ':'), n/60%60), ':'), n%60))
	case tariff.Volume:
		return string(tariff.AppendDecimal(nil, n, 3)) + w.units[l.Dimension]
	}
	return decimalEnergy(n, energyDecimals([]tariff.Line{{Dimension: tariff.Energy, Billed: n}})) + w.units[l.Dimension]
}

// appendTwo appends a number with at least two digits.
func appendTwo(dst []byte, n int64) []byte {
	if n < 10 {
		dst = append(dst, '0')
	}
	return tariff.AppendDecimal(dst, n, 0)
}

// taxed returns "name rate % on class", unnamed where the tax has no name.
func (w *words) taxed(l *tariff.Line, unnamed string) string {
	name := l.Tax.Name
	if name == "" {
		name = unnamed
	}
	return name + " " + trimmed(int64(l.Tax.Rate), 3) + w.percent + fill(w.on, w.fees[l.Class])
}

// trimmed returns a decimal without zeros at its end.
func trimmed(units int64, scale uint8) string {
	text := string(tariff.AppendDecimal(nil, units, scale))
	if scale > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// fill puts text in place of {}.
func fill(format, text string) string { return strings.Replace(format, "{}", text, 1) }

// wrap joins pieces to rows no wider than widest, if no piece is; the second
// row and those that follow are indented.
func wrap(pieces []string, widest int) (rows []string) {
	for _, p := range pieces {
		last := len(rows) - 1
		switch {
		case last >= 0 && width(rows[last])+width(p) <= widest:
			rows[last] += p
		case last >= 0:
			rows = append(rows, "  "+strings.TrimLeft(p, " "))
		default:
			rows = append(rows, p)
		}
	}
	return rows
}
