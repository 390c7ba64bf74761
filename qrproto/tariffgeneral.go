// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// The general form of a tariff (SPEC.md, section 14.3):
//
//	[rules, scale, currency, [+ element], ? options]
//	element = [+ (kind, price, ? step, ? tax set), ? when]
//
// Kind counts the pairs of dimension and class from 0 to 19 and says by 20 and
// 40 more whether a step and a tax set follow.
const (
	kinds      = 20
	withStep   = 20
	withTaxes  = 40
	classKinds = 4
)

// Keys of when. Spans begin at whenSpans, the lower edge first.
const (
	whenRate = 1 + iota
	whenWindows
	whenDays
	whenFrom
	whenUntil
	whenReservation
	whenSpans
)

// Units in which quantities are written where they are whole.
const (
	perThousand = 1000 // Wh of mWh, L of mL, kW of W, A of mA
	minute      = 60
	quarter     = 900 // of an hour, for the time of day
)

// spans lists the ranges of restrictions in the order of their keys, with the
// unit of each.
func spans(w *tariff.Restrictions) [7]struct {
	span *tariff.Span
	unit int64
} {
	return [7]struct {
		span *tariff.Span
		unit int64
	}{
		{&w.Energy, perThousand}, {&w.Time, minute}, {&w.Volume, perThousand}, {&w.Power, perThousand},
		{&w.Current, perThousand}, {&w.Duration, minute}, {&w.Idle, minute},
	}
}

func stepUnit(d tariff.Dimension) int64 {
	if d == tariff.TimeSpent || d == tariff.IdleTime {
		return minute
	}
	return perThousand
}

// appendQuantity writes a quantity in a unit where it is whole, else as it is
// and below zero. Quantities are not negative.
func appendQuantity(dst []byte, q, unit int64) []byte {
	if q%unit == 0 {
		return canon.AppendInt(dst, q/unit)
	}
	return canon.AppendInt(dst, -q)
}

// entries are the pairs of a map, which stands behind its head at last.
type entries struct {
	count int
	b     []byte
}

// under begins a pair; keys ascend, and all are below 24.
func (e *entries) under(key int64) {
	e.count++
	e.b = canon.AppendInt(e.b, key)
}

func (e *entries) appendTo(dst []byte) []byte {
	if e.count == 0 {
		return dst
	}
	return append(canon.AppendHead(dst, canon.Map, uint64(e.count)), e.b...)
}

// appendGeneral writes a normal form.
func appendGeneral(dst []byte, n *tariff.Tariff) []byte {
	sets := taxSets(n)
	options := generalOptions(n, sets)
	dst = appendFront(dst, n, 4+min(options.count, 1))
	dst = canon.AppendHead(dst, canon.Array, uint64(len(n.Elements)))
	for i := range n.Elements {
		dst = appendElement(dst, &n.Elements[i], sets)
	}
	return options.appendTo(dst)
}

// appendFront begins a tariff of so many items: its head and the three items
// that both forms have.
func appendFront(dst []byte, n *tariff.Tariff, items int) []byte {
	dst = canon.AppendHead(dst, canon.Array, uint64(items))
	dst = canon.AppendInt(dst, int64(n.Rules))
	dst = canon.AppendInt(dst, int64(n.Scale))
	return canon.AppendText(dst, string(n.Currency))
}

func appendElement(dst []byte, e *tariff.Element, sets [][]tariff.Tax) []byte {
	var buf [128]byte
	when := entries{b: buf[:0]}
	when.restrict(e)
	items := min(when.count, 1)
	for i := range e.Components {
		c := &e.Components[i]
		items += 2
		if c.Step > 0 {
			items++
		}
		if taxSet(sets, c.Taxes) > 0 {
			items++
		}
	}
	dst = canon.AppendHead(dst, canon.Array, uint64(items))
	for i := range e.Components {
		dst = appendComponent(dst, &e.Components[i], taxSet(sets, e.Components[i].Taxes))
	}
	return when.appendTo(dst)
}

func appendComponent(dst []byte, c *tariff.Component, set int) []byte {
	kind := classKinds*(int64(c.Dimension)-1) + int64(c.Class) - 1
	if c.Step > 0 {
		kind += withStep
	}
	if set > 0 {
		kind += withTaxes
	}
	dst = canon.AppendInt(canon.AppendInt(dst, kind), c.Price)
	if c.Step > 0 {
		dst = appendQuantity(dst, c.Step, stepUnit(c.Dimension))
	}
	if set > 0 {
		dst = canon.AppendInt(dst, int64(set))
	}
	return dst
}

// restrict writes an element's name and restrictions.
func (e *entries) restrict(of *tariff.Element) {
	w := &of.When
	number := func(key, v int64) {
		if v != 0 {
			e.under(key)
			e.b = canon.AppendInt(e.b, v)
		}
	}
	number(whenRate, int64(of.Rate))
	if len(w.Windows) > 0 {
		e.under(whenWindows)
		e.b = canon.AppendHead(e.b, canon.Array, uint64(2*len(w.Windows)))
		e.b = appendWindows(e.b, w.Windows)
	}
	number(whenDays, int64(w.Days))
	number(whenFrom, int64(w.From))
	number(whenUntil, int64(w.Until))
	number(whenReservation, int64(w.Reservation))
	for i, s := range spans(w) {
		for side, edge := range [...]int64{s.span.Min, s.span.Max} {
			if edge != 0 {
				e.under(int64(whenSpans + 2*i + side))
				e.b = appendQuantity(e.b, edge, s.unit)
			}
		}
	}
}

// appendWindows writes the edges of windows.
func appendWindows(dst []byte, windows []tariff.Window) []byte {
	for _, w := range windows {
		dst = appendQuantity(appendQuantity(dst, int64(w.From), quarter), int64(w.To), quarter)
	}
	return dst
}
