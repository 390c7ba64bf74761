// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// costFieldOf are the fields of a CDR for the parts of its cost.
var costFieldOf = []struct{ dimension, field string }{
	{FlatCost, "total_fixed_cost"}, {EnergyCost, "total_energy_cost"}, {TimeCost, "total_time_cost"},
	{ParkingCost, "total_parking_cost"}, {ReservationCost, "total_reservation_cost"},
}

// WriteCDR writes the document that c was read from with the costs of r in it,
// in its version and with all else as it was, unknown fields included. Costs of
// dimensions that r does not have are taken out. In 2.1.1 there is one cost, a
// number without taxes.
//
// It fails with [ErrCurrency] where r is in another currency, and with
// [ErrMissing] where c was not read from a document.
func WriteCDR(c *CDR, r *Result) ([]byte, error) {
	if c.doc == nil {
		return nil, fail(ErrMissing, "$")
	}
	if r.Currency != c.Currency {
		return nil, fail(ErrCurrency, "%s", c.at("currency"))
	}
	doc := &node{kind: object, keys: slices.Clone(c.doc.keys), kids: slices.Clone(c.doc.kids)}
	total, err := r.node(c.Version, &r.Total, "")
	if err != nil {
		return nil, err
	}
	doc.set("total_cost", total)
	for _, f := range costFieldOf {
		doc.remove(f.field)
		i := slices.IndexFunc(r.ByDimension, func(d DimensionCost) bool { return d.Dimension == f.dimension })
		if i < 0 || c.Version == V211 {
			continue
		}
		n, err := r.node(c.Version, &r.ByDimension[i].Cost, f.dimension)
		if err != nil {
			return nil, err
		}
		doc.set(f.field, n)
	}
	return indent(doc.append(nil)), nil
}

func moneyDecimal(m tariff.Money) Decimal { return Decimal{m.Units, m.Scale} }

// node writes a cost: the total for dimension "".
func (r *Result) node(v Version, c *Cost, dimension string) (*node, error) {
	if v == V211 {
		return decimalNode(moneyDecimal(c.ExclTax)), nil
	}
	n := &node{kind: object}
	n.set(exclName(v), decimalNode(moneyDecimal(c.ExclTax)))
	if c.TaxUnknown {
		return n, nil
	}
	if v == V221 {
		n.set("incl_vat", decimalNode(moneyDecimal(c.InclTax)))
		return n, nil
	}
	taxes, err := r.taxes(c, dimension)
	if err == nil && len(taxes.kids) > 0 {
		n.set("taxes", taxes)
	}
	return n, err
}

// taxSum is what one tax comes to.
type taxSum struct {
	tax    tariff.Tax
	amount *big.Rat
}

// taxes lists the taxes of a cost by rate. Their sum is the difference of its
// two amounts: what rounding and limits leave over is an entry without a rate.
func (r *Result) taxes(c *Cost, dimension string) (*node, error) {
	var sums []taxSum
	for i := range r.Lines {
		l := &r.Lines[i]
		if dimension != "" && l.Dimension != dimension || len(l.Taxes) == 0 {
			continue
		}
		k := slices.IndexFunc(sums, func(s taxSum) bool { return s.tax == l.Taxes[0] })
		if k < 0 {
			k = len(sums)
			sums = append(sums, taxSum{l.Taxes[0], new(big.Rat)})
		}
		sums[k].amount.Add(sums[k].amount, new(big.Rat).Sub(ratExact(l.Cost.ExactIncl), ratExact(l.Cost.ExactExcl)))
	}
	list, left := &node{kind: array}, c.InclTax.Units-c.ExclTax.Units
	for _, s := range sums {
		units, err := round(s.amount, r.Decimals, tariff.HalfUp)
		if err != nil {
			return nil, fail(err, "$.total_cost")
		}
		left -= units
		n := taxNode(s.tax.Name, Decimal{units, r.Decimals})
		n.set("percentage", decimalNode(Decimal{int64(s.tax.Rate), 3}.trim()))
		list.kids = append(list.kids, n)
	}
	if left != 0 {
		list.kids = append(list.kids, taxNode("adjustment", Decimal{left, r.Decimals}))
	}
	return list, nil
}

func taxNode(name string, amount Decimal) *node {
	n := &node{kind: object}
	n.set("name", textNode(name))
	n.set("amount", decimalNode(amount))
	return n
}
