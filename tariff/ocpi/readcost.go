// SPDX-License-Identifier: Apache-2.0

package ocpi

import "github.com/seed81979277/qrcharge/tariff"

// limit reads a minimum, maximum or cost in any form: a number, or an object
// with the names of 2.2.1 or of 2.3.0.
func (r *reader) limit(n *node) (*PriceLimit, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind == number {
		d, err := n.decimal()
		return &PriceLimit{ExclTax: d}, err
	}
	if err := r.object(n, costFields); err != nil {
		return nil, err
	}
	excl, incl := n.get("excl_vat"), n.get("incl_vat")
	if n.has("before_taxes") {
		excl, incl = n.get("before_taxes"), n.get("after_taxes")
	}
	if excl == nil {
		return nil, fail(ErrMissing, "%s.%s", n.path(), exclName(r.version))
	}
	d, err := excl.decimal()
	if err != nil {
		return nil, err
	}
	l := &PriceLimit{ExclTax: d}
	if l.InclTax, err = optional(incl); err != nil {
		return nil, err
	}
	if l.InclTax == nil && n.has("taxes") {
		l.InclTax, err = withTaxes(d, n.list("taxes"))
	}
	return l, err
}

func exclName(v Version) string {
	if v == V230 {
		return "before_taxes"
	}
	return "excl_vat"
}

// withTaxes adds the amounts of the taxes of a 2.3.0 price.
func withTaxes(sum Decimal, taxes []*node) (*Decimal, error) {
	for _, n := range taxes {
		if err := n.want(object); err != nil {
			return nil, err
		}
		amount, err := required(n, "amount")
		if err != nil {
			return nil, err
		}
		d, err := amount.decimal()
		if err != nil {
			return nil, err
		}
		if sum, err = sum.plus(d); err != nil {
			return nil, fail(ErrRange, "%s", amount.path())
		}
	}
	return &sum, nil
}

// plus returns d + e, or tariff.ErrOverflow.
func (d Decimal) plus(e Decimal) (Decimal, error) {
	sum, err := tariff.Money{Units: d.Units, Scale: d.Scale}.Add(tariff.Money{Units: e.Units, Scale: e.Scale})
	return Decimal{sum.Units, sum.Scale}, err
}

// optional reads a number that may be absent.
func optional(n *node) (*Decimal, error) {
	if n == nil {
		return nil, nil
	}
	d, err := n.decimal()
	if err != nil {
		return nil, err
	}
	return &d, nil
}
