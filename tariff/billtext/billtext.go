// SPDX-License-Identifier: Apache-2.0

// Package billtext writes a bill as plain text, the way a driver reads it: one
// row for each rate, then a row for each other charge, what the caps take off,
// the roundings, limits and taxes, what is waived, and what is to pay. In
// Chinese, in English, or both.
//
// The row of a rate says when the rate applies, which is not when the driver
// charged: the hours of the day, days and dates, and tiers, powers and times as
// far as they restrict it ("first 20 kWh", "16-32 kW", "from 30 min after start").
// Elements of a tariff are read from the top. What the one right before takes of
// a tier is left out of the next, and what has no restriction of its own is
// "otherwise". Then the row says how much energy was drawn under the rate, its
// prices, and what comes to pay for each.
//
// Columns line up in a fixed-width font in which Chinese characters are two
// columns wide. Energy is shown to the mWh and prices with all their decimals:
// every figure can be checked with a pocket calculator. Quantities are the
// billed ones; where a step made them more, the measured ones and the step stand
// with them. Columns that would be empty are left out, and long texts go on in a
// second row. An amount to pay below zero is one to be refunded.
//
// The text is for people and may change between versions of this package;
// programs read the bill itself, or its JSON.
package billtext

import (
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/tariff"
)

// Lang is a set of languages.
type Lang uint8

// The languages. Both is the Chinese text, an empty line, and the English text.
const (
	Chinese Lang = 1
	English Lang = 2
	Both    Lang = Chinese | English
)

// Append appends the text of a bill in the languages of lang, each line ended
// by a newline. It validates the bill first and returns the error of
// [tariff.Bill.Check], with nothing appended: a driver is not shown a bill that
// does not add up.
func Append(dst []byte, b *tariff.Bill, lang Lang) ([]byte, error) {
	if err := b.Check(); err != nil {
		return dst, err
	}
	before := len(dst)
	for _, w := range [...]*words{&chinese, &english} {
		if lang&w.lang == 0 {
			continue
		}
		t, err := newTable(b, w)
		if err != nil {
			return dst[:before], err
		}
		if len(dst) > before {
			dst = append(dst, '\n')
		}
		dst = t.append(dst)
	}
	return dst, nil
}

// newTable builds the rows of a bill from top to bottom.
func newTable(b *tariff.Bill, w *words) (*table, error) {
	t := &table{bill: b, words: w, unit: w.unit(b.Net.Currency)}
	t.title = w.title + " (" + t.unit + ")"
	t.decimals = energyDecimals(b.Lines)
	var total sums
	charges, rest := split(b.Lines)
	var rates, items []tariff.Line
	for _, l := range charges {
		if l.Kind == tariff.ChargeLine && l.Dimension == tariff.Energy && l.Class <= tariff.Service {
			rates = append(rates, l)
		} else {
			items = append(items, l)
		}
	}
	t.items = len(items) > 0
	for len(rates) > 0 {
		n := 1
		for n < len(rates) && rates[n].Element == rates[0].Element && rates[n].Billed == rates[0].Billed {
			n++
		}
		if err := t.rate(rates[:n], &total); err != nil {
			return nil, err
		}
		rates = rates[n:]
	}
	for i := range items {
		t.item(w.items(b, &items[i]), items[i].Amount)
	}
	return t, t.totals(rest, &total)
}

// item appends rows of text, the last with an amount.
func (t *table) item(labels []string, amount tariff.Money) {
	for _, label := range labels {
		t.rows = append(t.rows, row{label: label})
	}
	t.rows[len(t.rows)-1].cells[colTotal] = decimal(amount)
}

// split separates the charges and caps from the lines that follow them.
func split(lines []tariff.Line) (charges, rest []tariff.Line) {
	i := slices.IndexFunc(lines, func(l tariff.Line) bool { return l.Kind != tariff.ChargeLine && l.Kind != tariff.CapLine })
	if i < 0 {
		return lines, nil
	}
	return lines[:i], lines[i:]
}

// sums are what the columns add up to.
type sums struct {
	fee    [tariff.Service + 1]tariff.Money
	energy [tariff.Service + 1]int64
	both   bool // some electricity and some service fee
}

// rate appends the row of one element, a row for each further condition, and
// one for what a step added.
func (t *table) rate(lines []tariff.Line, total *sums) error {
	first := &lines[0]
	r := row{}
	r.cells[colRate] = t.words.rate(first.Rate)
	r.cells[colEnergy] = decimalEnergy(first.Billed, t.decimals)
	subtotal := t.zero()
	var err error
	for i := range lines {
		l := &lines[i]
		r.cells[colPrice(l.Class)] = decimal(l.Price)
		r.cells[colFee(l.Class)] = decimal(l.Amount)
		if subtotal, err = subtotal.Add(l.Amount); err != nil {
			return err
		}
		if err = total.add(l); err != nil {
			return err
		}
	}
	r.cells[colTotal] = decimal(subtotal)
	for i, hours := range t.hours(first) {
		if i > 0 {
			t.rows = append(t.rows, r)
			r = row{}
		}
		r.cells[colHours] = hours
	}
	t.rows = append(t.rows, r)
	if stepped := t.words.stepped(first); stepped != "" {
		t.rows = append(t.rows, row{label: "  " + strings.TrimLeft(stepped, " ")})
	}
	return nil
}

// hours returns when a rate applies: each window in a row, then its other
// conditions, as many of them in a row as fit.
func (t *table) hours(l *tariff.Line) (rows []string) {
	w := t.words
	for _, window := range l.When.Windows {
		rows = append(rows, window.String())
	}
	pieces := w.why(t.bill, l)
	t.conditions = t.conditions || len(pieces) > 0
	for i, p := range pieces {
		last := len(rows) - 1
		joined := i > 0 || len(rows) == 1 // several windows are any of them, the rest must hold with each
		if joined && width(rows[last]+w.together+p) <= widestHours {
			rows[last] += w.together + p
		} else {
			rows = append(rows, p)
		}
	}
	if len(rows) == 0 {
		return []string{w.allDay}
	}
	return rows
}

// add books a charge.
func (s *sums) add(l *tariff.Line) error {
	if s.energy[l.Class] += l.Billed; s.fee[l.Class].Currency == "" {
		s.fee[l.Class] = l.Amount
		s.both = s.fee[tariff.Electricity].Currency == s.fee[tariff.Service].Currency
		return nil
	}
	sum, err := s.fee[l.Class].Add(l.Amount)
	s.fee[l.Class] = sum
	return err
}

// totals appends what follows the charges.
func (t *table) totals(lines []tariff.Line, total *sums) error {
	residue, lines := residues(lines)
	if err := t.residue(residue, total); err != nil {
		return err
	}
	t.single = !total.both && !t.items
	included := lines[:0:0]
	for len(lines) > 0 && lines[0].Kind != tariff.PayableLine && lines[0].Kind != tariff.WaivedLine {
		if l := lines[0]; t.bill.TaxIncluded && l.Kind != tariff.LimitLine {
			included = append(included, l)
		} else {
			t.item(t.words.items(t.bill, &l), l.Amount)
		}
		lines = lines[1:]
	}
	t.total(total)
	for i := range included {
		t.item([]string{t.words.included(&included[i])}, included[i].Amount)
	}
	for i := range lines {
		t.item(t.words.items(t.bill, &lines[i]), lines[i].Amount)
	}
	r := row{label: t.words.toPay, suffix: " " + t.unit}
	r.cells[colTotal] = decimal(t.bill.Payable)
	if t.bill.Payable.Units < 0 {
		r.label, r.cells[colTotal] = t.words.toRefund, strings.TrimPrefix(r.cells[colTotal], "-")
	}
	t.rows = append(t.rows, r)
	return nil
}

// residues separates the residue lines from the lines that follow them.
func residues(lines []tariff.Line) (residue, rest []tariff.Line) {
	i := 0
	for i < len(lines) && lines[i].Kind == tariff.ResidueLine {
		i++
	}
	return lines[:i], lines[i:]
}

// residue appends one row for all residues, each under its fee.
func (t *table) residue(lines []tariff.Line, total *sums) error {
	if len(lines) == 0 {
		return nil
	}
	r := row{label: t.words.residue}
	sum := t.zero()
	var err error
	for _, l := range lines {
		if (l.Class == tariff.Electricity || l.Class == tariff.Service) && total.fee[l.Class].Currency != "" {
			r.cells[colFee(l.Class)] = decimal(l.Amount)
			if total.fee[l.Class], err = total.fee[l.Class].Add(l.Amount); err != nil {
				return err
			}
		}
		if sum, err = sum.Add(l.Amount); err != nil {
			return err
		}
	}
	r.cells[colTotal] = decimal(sum)
	t.rows = append(t.rows, r)
	return nil
}

// total appends the sums of the columns, or says that there are none.
func (t *table) total(total *sums) {
	if len(t.bill.Lines) == 0 {
		t.rows = append(t.rows, row{label: t.words.nothing})
		return
	}
	r := row{label: t.words.total, ruled: true}
	for class := tariff.Electricity; class <= tariff.Service; class++ {
		if total.fee[class].Currency != "" {
			r.cells[colFee(class)] = decimal(total.fee[class])
			r.cells[colEnergy] = decimalEnergy(total.energy[class], t.decimals)
		}
	}
	// Under two names at once the same energy stands in two rows: no sum then.
	if total.both && total.energy[tariff.Electricity] != total.energy[tariff.Service] {
		r.cells[colEnergy] = ""
	}
	r.cells[colTotal] = decimal(t.bill.Gross)
	t.rows = append(t.rows, r)
}

func (t *table) zero() tariff.Money {
	return tariff.Money{Scale: t.bill.Net.Scale, Currency: t.bill.Net.Currency}
}

// decimal returns an amount without its currency.
func decimal(m tariff.Money) string { return string(tariff.AppendDecimal(nil, m.Units, m.Scale)) }

// decimalEnergy returns mWh as kWh with 3 to 6 decimals.
func decimalEnergy(mWh int64, decimals uint8) string {
	for range 6 - decimals {
		mWh /= 10
	}
	return string(tariff.AppendDecimal(nil, mWh, decimals))
}

// energyDecimals returns how many decimals of a kWh show every quantity in
// full, at least 3: what a meter's display shows.
func energyDecimals(lines []tariff.Line) uint8 {
	decimals := uint8(3)
	for i := range lines {
		step := int64(1000)
		for d := uint8(3); d < 6; d++ {
			if lines[i].Dimension == tariff.Energy && lines[i].Billed%step != 0 {
				decimals = max(decimals, d+1)
			}
			step /= 10
		}
	}
	return decimals
}
