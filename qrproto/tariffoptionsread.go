// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"fmt"
	"math"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// options reads what stands behind the elements, and gives the components
// their taxes.
func (r *tariffReader) options(t *tariff.Tariff) {
	var sets [][]tariff.Tax
	for n := r.Pairs(); n > 0 && !r.Failed(); n-- {
		switch key := r.Int(); key {
		case optionRounding:
			r.rounding(t)
		case optionTaxes, optionIncluded:
			sets, t.TaxIncluded = r.taxSets(), key == optionIncluded
		case optionLimit, optionGross:
			v := r.numbers(2)
			t.Limit = tariff.PriceLimit{Min: v[0], Max: v[1], Gross: key == optionGross}
		case optionIdle:
			r.idle(&t.Idle)
		default:
			r.Fail()
		}
		if r.Failed() {
			r.failAt("options")
		}
	}
	r.tax(t, sets)
}

// tax gives each component the set it uses.
func (r *tariffReader) tax(t *tariff.Tariff, sets [][]tariff.Tax) {
	uses := r.uses
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			switch set := int(uses[0]); {
			case set < len(sets):
				t.Elements[i].Components[j].Taxes = sets[set]
			case set > 0:
				r.failAt(fmt.Sprintf("Elements[%d].Components[%d].Taxes", i, j))
				return
			}
			uses = uses[1:]
		}
	}
}

func (r *tariffReader) rounding(t *tariff.Tariff) {
	if r.Items() != 3 {
		r.Fail()
	}
	t.Rounding = tariff.Rounding{Unit: tariff.RoundingUnit(r.Small()), Mode: tariff.RoundingMode(r.Small()), Payable: r.Small()}
}

// numbers reads an array of 1 to most numbers; what is not there is zero.
func (r *tariffReader) numbers(most int) (v [4]int64) {
	n := r.Items()
	if n < 1 || n > most {
		r.Fail()
		return v
	}
	for i := range n {
		v[i] = r.Int()
	}
	return v
}

func (r *tariffReader) idle(rule *tariff.IdleRule) {
	n := r.Items()
	if n < 1 || n > 4 {
		r.Fail()
		return
	}
	rule.Grace = r.quantity(minute)
	if n > 1 {
		setIdleKinds(rule, r.Small())
	}
	if n > 2 {
		rule.SessionCap = r.Int()
	}
	if n > 3 {
		rule.PeriodCap = r.Int()
	}
}

// taxSets reads the table of taxes.
func (r *tariffReader) taxSets() (sets [][]tariff.Tax) {
	n := r.Items()
	if n > maxTaxSets {
		r.Fail()
	}
	for i := 0; i < n && !r.Failed(); i++ {
		items := r.Items()
		if items%2 != 0 || items > 2*tariff.MaxTaxes {
			r.Fail()
			return nil
		}
		var taxes []tariff.Tax
		stack := uint8(0)
		for range items / 2 {
			name, rate := string(r.String(canon.Text)), r.Int()
			if rate < 0 {
				stack, rate = stack+1, -1-rate
			}
			if rate > math.MaxInt32 {
				r.Fail()
			}
			taxes = append(taxes, tariff.Tax{Name: name, Rate: int32(rate), Stack: stack})
		}
		sets = append(sets, taxes)
	}
	return sets
}

// maxTaxSets is how many pairs of class and taxes the model has at most.
const maxTaxSets = 16
