// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"math"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// grid reads what is behind the currency.
func (r *tariffReader) grid(t *tariff.Tariff, items int) (*tariff.Tariff, error) {
	g := tariff.Grid{Scale: t.Scale, Rounding: t.Rounding}
	packed := r.String(canon.Bytes)
	for r.Next() <= canon.Nint && len(g.Rates) < maxRates {
		rate := tariff.GridRate{Name: tariff.Rate(len(g.Rates) + 1), Electricity: r.Int(), Service: r.Int()}
		g.Rates = append(g.Rates, rate)
	}
	var idle *tariff.Element
	if items -= 4 + 2*len(g.Rates); items == 1 {
		idle = r.gridOptions(t, &g)
		g.Rounding = t.Rounding
	}
	if !r.Done() || items < 0 || items > 1 || t.Rules != tariff.Rules1 || !unpackSlots(&g, packed) {
		return nil, r.refused("not a tariff in its one encoding")
	}
	n, err := tariff.FromGrid(g, t.Currency)
	if err != nil {
		return nil, tariffError(err)
	}
	if idle == nil {
		return n, nil
	}
	rescale(n, t.Scale)
	n.Elements, n.Idle = append(n.Elements, *idle), t.Idle
	return n, checkNormal(n)
}

// rescale writes prices with more decimals again, which had ended in zeros.
func rescale(n *tariff.Tariff, scale uint8) {
	for ; n.Scale < scale; n.Scale++ {
		for i := range n.Elements {
			for j := range n.Elements[i].Components {
				n.Elements[i].Components[j].Price *= 10
			}
		}
	}
}

// gridOptions reads the options into t and g, and returns the occupancy fee.
func (r *tariffReader) gridOptions(t *tariff.Tariff, g *tariff.Grid) (idle *tariff.Element) {
	for n := r.Pairs(); n > 0 && !r.Failed(); n-- {
		switch r.Int() {
		case optionNames:
			names := r.String(canon.Bytes)
			if len(names) != len(g.Rates) {
				r.failAt("options")
				return nil
			}
			for i, name := range names {
				g.Rates[i].Name = tariff.Rate(name)
			}
		case optionRounding:
			r.rounding(t)
		case optionOccupancy:
			idle = r.occupancy(&t.Idle)
		default:
			r.Fail()
		}
		if r.Failed() {
			r.failAt("options")
		}
	}
	return idle
}

// occupancy reads an occupancy fee.
func (r *tariffReader) occupancy(rule *tariff.IdleRule) *tariff.Element {
	var power int64
	c := tariff.Component{Dimension: tariff.IdleTime, Class: tariff.Occupancy}
	e := new(tariff.Element)
	n := r.Items()
	if n <= feePrice {
		r.Fail()
	}
	for i := 0; i < n && i < feeWindows; i++ {
		switch i {
		case feeZeros:
			power = r.powerOfTen()
		case feePrice:
			c.Price = r.times(power)
		case feeStep:
			c.Step = r.quantity(minute)
		case feeGrace:
			rule.Grace = r.quantity(minute)
		case feeKinds:
			setIdleKinds(rule, r.Small())
		case feeSessionCap:
			rule.SessionCap = r.times(power)
		case feePeriodCap:
			rule.PeriodCap = r.times(power)
		}
	}
	if n > feeWindows {
		e.When.Windows = r.windows(n - feeWindows)
	}
	e.Components = []tariff.Component{c}
	return e
}

// powerOfTen reads n and returns 10^n.
func (r *tariffReader) powerOfTen() int64 {
	p := int64(1)
	for n := r.Small(); n > 0; n-- {
		if p > math.MaxInt64/10 {
			r.Fail()
			return 0
		}
		p *= 10
	}
	return p
}

// times reads a number and returns it times p, which is positive.
func (r *tariffReader) times(p int64) int64 {
	v := r.Int()
	if r.Failed() || v > math.MaxInt64/p || v < -math.MaxInt64/p {
		r.Fail()
		return 0
	}
	return v * p
}

// slotBits is the number of bits that an index below n takes.
func slotBits(n int) int {
	bits := 0
	for 1<<bits < n {
		bits++
	}
	return bits
}

func packSlots(of *[slots]uint8, rates int) []byte {
	bits := slotBits(rates)
	out := make([]byte, slots*bits/8)
	for i, s := range of {
		for b := range bits {
			at := i*bits + b
			out[at/8] |= s >> (bits - 1 - b) & 1 << (7 - at%8)
		}
	}
	return out
}

func unpackSlots(g *tariff.Grid, packed []byte) bool {
	bits := slotBits(len(g.Rates))
	if len(packed) != slots*bits/8 {
		return false
	}
	for i := range g.Slots {
		for b := range bits {
			at := i*bits + b
			g.Slots[i] = g.Slots[i]<<1 | packed[at/8]>>(7-at%8)&1
		}
	}
	return true
}
