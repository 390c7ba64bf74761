// SPDX-License-Identifier: Apache-2.0

package billtext

import "github.com/seed81979277/qrcharge/tariff"

// item returns the text of a line that has a row of its own.
func (w *words) item(b *tariff.Bill, l *tariff.Line) string {
	switch l.Kind {
	case tariff.ChargeLine:
		return w.charge(l)
	case tariff.CapLine:
		return w.capped
	case tariff.LimitLine:
		return w.limit(b, l)
	case tariff.TaxLine:
		return w.taxed(l)
	case tariff.TaxResidueLine:
		return w.taxResidue
	case tariff.WaivedLine:
		return w.waived
	}
	return w.payableRounding
}

// charge returns "class, dimension: quantity × price", of a flat fee without
// the quantity.
func (w *words) charge(l *tariff.Line) string {
	text := w.classes[l.Class] + " ("
	if l.When.Reservation != tariff.NoReservation {
		text += w.reserved
	}
	text += w.dimensions[l.Dimension]
	if rate := w.rate(l.Rate); rate != "" {
		text += ", " + rate
	}
	text += ")"
	if l.Dimension == tariff.FlatFee {
		return text
	}
	text += " " + w.quantity(l, l.Billed) + " × " + decimal(l.Price) + w.per[l.Dimension]
	if l.Billed != l.Measured {
		text += " (" + w.measured + w.quantity(l, l.Measured) + ")"
	}
	return text
}

// quantity returns a quantity with its unit; time as hours, minutes and seconds.
func (w *words) quantity(l *tariff.Line, n int64) string {
	switch l.Dimension {
	case tariff.TimeSpent, tariff.IdleTime:
		return string(appendTwo(append(appendTwo(append(appendTwo(nil, n/3600), ':'), n/60%60), ':'), n%60))
	case tariff.Volume:
		return string(tariff.AppendDecimal(nil, n, 3)) + w.units[l.Dimension]
	}
	return string(tariff.AppendDecimal(nil, n, 6)) + w.units[l.Dimension]
}

// appendTwo appends a number with at least two digits.
func appendTwo(dst []byte, n int64) []byte {
	if n < 10 {
		dst = append(dst, '0')
	}
	return tariff.AppendDecimal(dst, n, 0)
}

// limit returns the text of a group's share in a minimum or maximum.
func (w *words) limit(b *tariff.Bill, l *tariff.Line) string {
	if b.Limit.Min > 0 {
		return w.atLeast + ", " + w.classes[l.Class]
	}
	return w.atMost + ", " + w.classes[l.Class]
}

// taxed returns "class: name rate %".
func (w *words) taxed(l *tariff.Line) string {
	name := l.Tax.Name
	if name == "" {
		name = w.tax
	}
	rate := string(tariff.AppendDecimal(nil, int64(l.Tax.Rate), 3))
	for rate[len(rate)-1] == '0' {
		rate = rate[:len(rate)-1]
	}
	if rate[len(rate)-1] == '.' {
		rate = rate[:len(rate)-1]
	}
	return name + " " + rate + " %, " + w.classes[l.Class]
}
