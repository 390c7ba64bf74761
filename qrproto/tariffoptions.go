// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"slices"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// Keys of the options of both forms. Names and occupancy belong to the grid
// form, what is behind them to the general one.
const (
	optionNames = 1 + iota
	optionRounding
	optionOccupancy
	optionTaxes    // on top of prices
	optionIncluded // taxes in the prices
	optionLimit    // without taxes
	optionGross    // the limit with taxes
	optionIdle
)

func defaultRounding(c tariff.Currency) tariff.Rounding {
	exponent, _ := c.Exponent()
	return tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: uint8(exponent)}
}

func (e *entries) rounding(n *tariff.Tariff) {
	if r := n.Rounding; r != defaultRounding(n.Currency) {
		e.under(optionRounding)
		e.list(int64(r.Unit), int64(r.Mode), int64(r.Payable))
	}
}

// list writes an array of numbers.
func (e *entries) list(numbers ...int64) {
	e.b = canon.AppendHead(e.b, canon.Array, uint64(len(numbers)))
	for _, v := range numbers {
		e.b = canon.AppendInt(e.b, v)
	}
}

// generalOptions returns what of a normal form stands behind the elements.
func generalOptions(n *tariff.Tariff, sets [][]tariff.Tax) (e entries) {
	e.rounding(n)
	if len(sets) > 0 {
		e.under(optionTaxes + int64(btoi(n.TaxIncluded)))
		e.b = appendTaxSets(e.b, sets)
	}
	if l := n.Limit; l != (tariff.PriceLimit{}) {
		e.under(optionLimit + int64(btoi(l.Gross)))
		e.list(trimmed([]int64{l.Min, l.Max})...)
	}
	if n.Idle != (tariff.IdleRule{}) {
		e.under(optionIdle)
		e.list(trimmed([]int64{wholeOr(n.Idle.Grace, minute), idleKinds(&n.Idle), n.Idle.SessionCap, n.Idle.PeriodCap})...)
	}
	return e
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// trimmed leaves out the zeros at the end.
func trimmed(numbers []int64) []int64 {
	for len(numbers) > 0 && numbers[len(numbers)-1] == 0 {
		numbers = numbers[:len(numbers)-1]
	}
	return numbers
}

// wholeOr is the number that appendQuantity writes.
func wholeOr(q, unit int64) int64 {
	if q%unit == 0 {
		return q / unit
	}
	return -q
}

// idleKinds is 1 for a grace per episode, 2 for a retroactive one, and 4 times
// the period of the cap.
func idleKinds(r *tariff.IdleRule) int64 {
	return int64(btoi(r.PerEpisode) + 2*btoi(r.Retroactive) + 4*int(r.Period))
}

func setIdleKinds(r *tariff.IdleRule, kinds uint8) {
	r.PerEpisode, r.Retroactive, r.Period = kinds&1 != 0, kinds&2 != 0, tariff.Period(kinds/4)
}

// taxSets lists the sets of taxes of a normal form in the order of their first
// use, the empty one too; nil where nothing is taxed. Components of the first
// one do not say so.
func taxSets(n *tariff.Tariff) (sets [][]tariff.Tax) {
	for i := range n.Elements {
		for j := range n.Elements[i].Components {
			if taxes := n.Elements[i].Components[j].Taxes; taxSet(sets, taxes) < 0 {
				sets = append(sets, taxes)
			}
		}
	}
	if len(sets) == 1 && len(sets[0]) == 0 {
		return nil
	}
	return sets
}

// taxSet returns the index of a set.
func taxSet(sets [][]tariff.Tax, taxes []tariff.Tax) int {
	return slices.IndexFunc(sets, func(s []tariff.Tax) bool { return slices.Equal(s, taxes) })
}

// appendTaxSets writes each set as name, rate and so on. Where a stack begins
// that is not the first, the rate r is written −1 − r.
func appendTaxSets(dst []byte, sets [][]tariff.Tax) []byte {
	dst = canon.AppendHead(dst, canon.Array, uint64(len(sets)))
	for _, taxes := range sets {
		dst = canon.AppendHead(dst, canon.Array, uint64(2*len(taxes)))
		stack := uint8(0)
		for _, tax := range taxes {
			rate := int64(tax.Rate)
			if tax.Stack != stack {
				stack, rate = tax.Stack, -1-rate
			}
			dst = canon.AppendInt(canon.AppendText(dst, tax.Name), rate)
		}
	}
	return dst
}
