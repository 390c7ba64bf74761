// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// WriteTariff writes t in the JSON of its version. To convert between versions,
// change Version first.
//
// It fails with [ErrInexpressible] at the JSON path of what the version has no
// field for: 2.1.1 knows no VAT, no price limits, no current, no reservation, no
// dates of validity and no prices that include taxes, and 2.2.1 none of the
// last; there a price without a VAT is one without tax, not one whose tax nobody
// told. It fails with [ErrMissing] where the version requires what t does not
// have, with [ErrVersion], and with [ErrValue] and [ErrTime] for values that no
// document has. Where 2.3.0 must say whether taxes are included and t does not,
// it says "NO" beside a VAT and "N/A" else.
func WriteTariff(t *Tariff) ([]byte, error) {
	if t.Version == Detect || t.Version > V230 {
		return nil, fail(ErrVersion, "$")
	}
	w := &writer{version: t.Version, doc: &node{kind: object}}
	w.head(t)
	for i := range t.Elements {
		if i == 0 {
			w.doc.set("elements", &node{kind: array})
		}
		elements := w.doc.get("elements")
		elements.kids = append(elements.kids, w.element(&t.Elements[i], fmt.Sprintf("$.elements[%d]", i)))
	}
	w.foot(t)
	if len(t.Elements) == 0 {
		w.refuse(ErrMissing, "$.elements[0]")
	}
	if w.err != nil {
		return nil, w.err
	}
	return indent(w.doc.append(nil)), nil
}

// writer makes a document, and keeps the first error.
type writer struct {
	version Version
	doc     *node
	err     error
}

func (w *writer) refuse(err error, path string) {
	if w.err == nil {
		w.err = fail(err, "%s", path)
	}
}

// must writes a text that the version requires.
func (w *writer) must(key, value string) {
	if value == "" {
		w.refuse(ErrMissing, "$."+key)
	}
	w.doc.set(key, textNode(value))
}

// newer reports whether something that is there can be written, which 2.1.1 cannot.
func (w *writer) newer(there bool, path string) bool {
	if there && w.version == V211 {
		w.refuse(ErrInexpressible, path)
	}
	return there
}

func (w *writer) head(t *Tariff) {
	if w.version != V211 {
		w.must("country_code", t.CountryCode)
		w.must("party_id", t.PartyID)
	}
	w.must("id", t.ID)
	if _, ok := t.Currency.Exponent(); !ok {
		w.refuse(tariff.ErrCurrency, "$.currency")
	}
	w.doc.set("currency", textNode(string(t.Currency)))
	if t.Type != "" && w.version != V211 {
		w.doc.set("type", textNode(t.Type))
	}
	if w.newer(t.Min != nil, "$.min_price") {
		w.doc.set("min_price", w.limit(t.Min))
	}
	if w.newer(t.Max != nil, "$.max_price") {
		w.doc.set("max_price", w.limit(t.Max))
	}
}

func (w *writer) foot(t *Tariff) {
	w.taxIncluded(t)
	if w.newer(t.Start != 0, "$.start_date_time") {
		w.doc.set("start_date_time", textNode(timestamp(t.Start)))
	}
	if w.newer(t.End != 0, "$.end_date_time") {
		w.doc.set("end_date_time", textNode(timestamp(t.End)))
	}
	w.must("last_updated", t.LastUpdated)
}

func timestamp(at int64) string { return time.Unix(at, 0).UTC().Format(time.RFC3339) }

func (w *writer) taxIncluded(t *Tariff) {
	said := t.TaxIncluded
	switch {
	case said > TaxNotApplicable:
		w.refuse(ErrValue, "$.tax_included")
	case w.version != V230 && said == TaxYes, w.version == V211 && said == TaxNotApplicable,
		w.version == V221 && (said == TaxNotApplicable && t.taxed() || said == TaxNo && !t.allTaxed()):
		w.refuse(ErrInexpressible, "$.tax_included")
	case w.version == V230:
		if said == TaxNotSaid {
			said = TaxNotApplicable
			if t.taxed() {
				said = TaxNo
			}
		}
		w.doc.set("tax_included", textNode(taxNames[said]))
	}
}

// limit writes a minimum or maximum by the names of the version.
func (w *writer) limit(l *PriceLimit) *node {
	n := &node{kind: object}
	n.set(exclName(w.version), decimalNode(l.ExclTax))
	if l.InclTax != nil {
		name := "incl_vat"
		if w.version == V230 {
			name = "after_taxes"
		}
		n.set(name, decimalNode(*l.InclTax))
	}
	return n
}

func (w *writer) element(e *Element, path string) *node {
	list := &node{kind: array}
	for j := range e.Components {
		list.kids = append(list.kids, w.component(&e.Components[j], fmt.Sprintf("%s.price_components[%d]", path, j)))
	}
	n := &node{kind: object}
	n.set("price_components", list)
	if when := w.restrictions(&e.When, path+".restrictions"); len(when.keys) > 0 {
		n.set("restrictions", when)
	}
	return n
}

func (w *writer) component(c *PriceComponent, path string) *node {
	n := &node{kind: object}
	n.set("type", textNode(c.Type))
	n.set("price", decimalNode(c.Price))
	if w.newer(c.VAT != nil, path+".vat") {
		n.set("vat", decimalNode(*c.VAT))
	}
	n.set("step_size", wholeNode(c.StepSize))
	return n
}

func (w *writer) restrictions(r *Restrictions, path string) *node {
	n := &node{kind: object}
	for _, f := range [...]struct {
		key, value string
		ok         func(string) bool
	}{{"start_time", r.StartTime, isTime}, {"end_time", r.EndTime, isEndTime}, {"start_date", r.StartDate, isDate}, {"end_date", r.EndDate, isDate}} {
		if f.value != "" {
			if !f.ok(f.value) {
				w.refuse(ErrTime, path+"."+f.key)
			}
			n.set(f.key, textNode(f.value))
		}
	}
	for _, f := range r.decimals() {
		if *f.value != nil {
			w.newer(f.key == "min_current" || f.key == "max_current", path+"."+f.key)
			n.set(f.key, decimalNode(**f.value))
		}
	}
	for _, f := range r.durations() {
		if *f.value != nil {
			n.set(f.key, wholeNode(**f.value))
		}
	}
	if r.Days != 0 {
		n.set("day_of_week", daysNode(r.Days))
	}
	if w.newer(r.Reservation != tariff.NoReservation, path+".reservation") {
		if int(r.Reservation) >= len(reservationNames) {
			w.refuse(ErrValue, path+".reservation")
			return n
		}
		n.set("reservation", textNode(reservationNames[r.Reservation]))
	}
	return n
}

// daysNode lists days from Monday on.
func daysNode(set tariff.Days) *node {
	n := &node{kind: array}
	for i := range 7 {
		if day := (i + 1) % 7; set>>day&1 == 1 {
			n.kids = append(n.kids, textNode(dayNames[day]))
		}
	}
	return n
}
