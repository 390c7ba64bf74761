// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// The grid form of a tariff (SPEC.md, section 14.2):
//
//	[rules, scale, currency, slots, + (electricity, service), ? options]
//
// It holds each tariff that is a tariff.Grid, alone or with one fee of class
// Occupancy for idle time under the rules that IdleRule has.

const (
	slots    = 48
	slot     = 86400 / slots
	maxRates = 8
)

// A gridForm is a normal form that the grid form holds.
type gridForm struct {
	rates []tariff.Element // of energy
	slots [slots]uint8     // index into rates
	idle  *tariff.Element  // nil: no occupancy fee
}

// gridOf looks at a normal form, and returns false where only the general form
// holds it.
func gridOf(n *tariff.Tariff) (g gridForm, ok bool) {
	g.rates = n.Elements
	last := &n.Elements[len(n.Elements)-1]
	if last.Components[0].Dimension == tariff.IdleTime {
		g.rates, g.idle = n.Elements[:len(n.Elements)-1], last
		if len(last.Components) != 1 || last.Components[0].Class != tariff.Occupancy || last.Rate != 0 || !bare(last) {
			return g, false
		}
	}
	if len(g.rates) == 0 || len(g.rates) > maxRates || n.Limit != (tariff.PriceLimit{}) {
		return g, false
	}
	filled := 0
	for i := range g.rates {
		e := &g.rates[i]
		if !fees(e) || e.Rate != 0 && i > 0 && e.Rate == g.rates[i-1].Rate || !g.fill(uint8(i), e.When.Windows, &filled) {
			return g, false
		}
	}
	return g, filled == slots
}

// fees reports whether an element is a rate of a grid: electricity and service
// by energy, without steps.
func fees(e *tariff.Element) bool {
	c := e.Components
	return len(c) == 2 && c[0].Dimension == tariff.Energy && c[1].Class == tariff.Service && c[0].Step|c[1].Step == 0 && bare(e)
}

// bare reports whether an element has no restriction but windows, and no taxes.
func bare(e *tariff.Element) bool {
	for i := range e.Components {
		if len(e.Components[i].Taxes) > 0 {
			return false
		}
	}
	return timeOfDay(&e.When)
}

// fill enters a rate in the slots of its windows and counts them; it returns
// false where a window does not keep to half hours.
func (g *gridForm) fill(rate uint8, windows []tariff.Window, filled *int) bool {
	if len(windows) == 0 {
		windows = []tariff.Window{{To: 86400}}
	}
	for _, w := range windows {
		if w.From%slot != 0 || w.To%slot != 0 {
			return false
		}
		from, to := int(w.From)/slot, int(w.To)/slot
		if to <= from {
			to += slots
		}
		for i := from; i < to; i++ {
			g.slots[i%slots] = rate
		}
		*filled += to - from
	}
	return true
}

// appendGrid writes a normal form.
func appendGrid(dst []byte, n *tariff.Tariff, g *gridForm) []byte {
	options := g.options(n)
	dst = appendFront(dst, n, 4+2*len(g.rates)+min(options.count, 1))
	dst = canon.AppendBytes(dst, packSlots(&g.slots, len(g.rates)))
	for i := range g.rates {
		c := g.rates[i].Components
		dst = canon.AppendInt(canon.AppendInt(dst, c[0].Price), c[1].Price)
	}
	return options.appendTo(dst)
}

func (g *gridForm) options(n *tariff.Tariff) (e entries) {
	var names [maxRates]byte
	standard := true
	for i := range g.rates {
		names[i] = byte(g.rates[i].Rate)
		standard = standard && int(names[i]) == i+1
	}
	if !standard {
		e.under(optionNames)
		e.b = canon.AppendBytes(e.b, names[:len(g.rates)])
	}
	e.rounding(n)
	if g.idle != nil {
		e.under(optionOccupancy)
		e.list(occupancy(n, g.idle)...)
	}
	return e
}

// Items of the occupancy fee.
const (
	feeZeros = iota // how many zeros price and caps end in, which are left off
	feePrice
	feeStep
	feeGrace
	feeKinds
	feeSessionCap
	feePeriodCap
	feeWindows // and on
)

// occupancy is an occupancy fee as numbers.
func occupancy(n *tariff.Tariff, e *tariff.Element) []int64 {
	r, c := &n.Idle, &e.Components[0]
	zeros, price, session, period := int64(0), c.Price, r.SessionCap, r.PeriodCap
	for price|session|period != 0 && price%10 == 0 && session%10 == 0 && period%10 == 0 {
		zeros, price, session, period = zeros+1, price/10, session/10, period/10
	}
	numbers := []int64{zeros, price, wholeOr(c.Step, minute), wholeOr(r.Grace, minute), idleKinds(r), session, period}
	for _, w := range e.When.Windows {
		numbers = append(numbers, wholeOr(int64(w.From), quarter), wholeOr(int64(w.To), quarter))
	}
	return numbers[:max(len(trimmed(numbers)), feePrice+1)]
}
