// SPDX-License-Identifier: Apache-2.0

package ocpi

import "github.com/seed81979277/qrcharge/tariff"

// Lint returns what looks wrong in t beyond the form of its document, which is
// what [ReadTariff] reports: amounts including tax below those excluding it, a
// minimum above the maximum, elements that can never apply, components that do
// not count. Where t has no model at all, the last finding is a Fault at the
// path of the error. [tariff.Tariff.Lint] on the model of t finds the rest.
func (t *Tariff) Lint(p Profile) []Finding {
	c := &conversion{from: t, profile: p}
	for _, f := range [...]struct {
		limit *PriceLimit
		key   string
	}{{t.Min, ".min_price"}, {t.Max, ".max_price"}} {
		if l := f.limit; l != nil && l.InclTax != nil && ratOf(*l.InclTax).Cmp(ratOf(l.ExclTax)) < 0 {
			c.find(tariff.Warning, BelowTax, "", "%s", f.key)
		}
	}
	if t.Min.above(t.Max) {
		c.find(tariff.Warning, MinAboveMax, "", ".min_price")
	}
	if _, err := c.model(); err != nil {
		path := c.root()
		if e, ok := err.(*Error); ok {
			path = e.Path
		}
		c.findings = append(c.findings, Finding{path, tariff.Fault, NoModel, err.Error()})
	}
	return c.findings
}
