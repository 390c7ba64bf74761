// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// ReadTariff reads a tariff. Where the document is an answer of an OCPI
// interface, {"data": …}, the tariff is taken from it.
//
// An unknown, misspelt or doubled field is a [Finding] with its path. What is
// needed for a price must be there and have its type, else the error is an
// [*Error] with the JSON path: [ErrSyntax], [ErrMissing], [ErrType],
// [ErrNumber], [ErrRange], [ErrValue], [ErrTime], [ErrVersion], or
// [tariff.ErrCurrency]. Numbers are read digit by digit.
func ReadTariff(data []byte, o Options) (*Tariff, []Finding, error) {
	n, err := open(data, o)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{version: o.Version}
	if r.version == Detect {
		r.version = tariffVersion(n)
	}
	t, err := r.tariff(n)
	if err != nil {
		return nil, nil, err
	}
	return t, r.findings, nil
}

// open parses a document and unwraps the answer of an interface.
func open(data []byte, o Options) (*node, error) {
	if o.Version > V230 {
		return nil, fail(ErrVersion, "Options.Version")
	}
	n, err := parse(data)
	if err != nil {
		return nil, err
	}
	if inner := n.get("data"); inner != nil && n.get("currency") == nil {
		n = inner
		if n.kind == array && len(n.kids) == 1 {
			n = n.kids[0]
		}
	}
	return n, n.want(object)
}

// tariffVersion finds out which version a tariff is of: the oldest that has
// all the fields that it uses.
func tariffVersion(n *node) Version {
	v := V211
	for _, limit := range [...]*node{n.get("min_price"), n.get("max_price")} {
		if limit.has("before_taxes", "after_taxes") {
			return V230
		}
	}
	if n.has("tax_included", "preauthorize_amount") {
		return V230
	}
	if n.has("country_code", "party_id", "type", "min_price", "max_price", "start_date_time", "end_date_time") {
		v = V221
	}
	for _, e := range n.list("elements") {
		if e.get("restrictions").has("min_current", "max_current", "reservation") {
			v = V221
		}
		for _, c := range e.list("price_components") {
			if c.has("vat") {
				v = V221
			}
		}
	}
	return v
}

// list returns the items of a member, or nothing.
func (n *node) list(key string) []*node {
	if l := n.get(key); l != nil && l.kind == array {
		return l.kids
	}
	return nil
}

// required returns a member or ErrMissing.
func required(n *node, key string) (*node, error) {
	if m := n.get(key); m != nil {
		return m, nil
	}
	return nil, fail(ErrMissing, "%s.%s", n.path(), key)
}

// items reads a member that is a list and must not be empty.
func items[T any](n *node, key string, read func(*node) (T, error)) ([]T, error) {
	list, err := required(n, key)
	if err != nil {
		return nil, err
	}
	if err := list.want(array); err != nil {
		return nil, err
	}
	if len(list.kids) == 0 {
		return nil, fail(ErrMissing, "%s[0]", list.path())
	}
	all := make([]T, len(list.kids))
	for i, item := range list.kids {
		if all[i], err = read(item); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// str reads a member that is a text, "" where it is absent.
func str(n *node, key string) (string, error) {
	m := n.get(key)
	if m == nil {
		return "", nil
	}
	return m.text, m.want(text)
}

func (r *reader) tariff(n *node) (*Tariff, error) {
	if err := r.object(n, tariffFields); err != nil {
		return nil, err
	}
	t := &Tariff{Version: r.version, path: n.path()}
	if err := t.texts(n); err != nil {
		return nil, err
	}
	var err error
	if t.Currency, err = currency(n); err != nil {
		return nil, err
	}
	if t.TaxIncluded, err = taxIncluded(n); err != nil {
		return nil, err
	}
	if t.Min, err = r.limit(n.get("min_price")); err != nil {
		return nil, err
	}
	if t.Max, err = r.limit(n.get("max_price")); err != nil {
		return nil, err
	}
	if t.Start, err = r.moment(n.get("start_date_time")); err != nil {
		return nil, err
	}
	if t.End, err = r.moment(n.get("end_date_time")); err != nil {
		return nil, err
	}
	return t, r.elements(t, n)
}

// texts reads what nothing depends on but the texts themselves.
func (t *Tariff) texts(n *node) (err error) {
	for _, f := range [...]struct {
		key string
		dst *string
	}{{"country_code", &t.CountryCode}, {"party_id", &t.PartyID}, {"id", &t.ID}, {"type", &t.Type}, {"last_updated", &t.LastUpdated}} {
		if *f.dst, err = str(n, f.key); err != nil {
			return err
		}
	}
	return nil
}

// currency reads a currency. OCPI has no amounts without one.
func currency(n *node) (tariff.Currency, error) {
	m, err := required(n, "currency")
	if err != nil {
		return "", err
	}
	c := tariff.Currency(m.text)
	if err := m.want(text); err != nil {
		return "", err
	}
	if _, ok := c.Exponent(); !ok {
		return "", fail(tariff.ErrCurrency, "%s", m.path())
	}
	return c, nil
}

func taxIncluded(n *node) (TaxIncluded, error) {
	s, err := str(n, "tax_included")
	if err != nil || s == "" {
		return TaxNotSaid, err
	}
	i := slices.Index(taxNames, s)
	if i < 0 {
		return TaxNotSaid, fail(ErrValue, "%s.tax_included", n.path())
	}
	return TaxIncluded(i), nil
}

var taxNames = []string{"", "YES", "NO", "N/A"}

func (r *reader) elements(t *Tariff, n *node) (err error) {
	t.Elements, err = items(n, "elements", r.element)
	return err
}

func (r *reader) element(n *node) (e Element, err error) {
	if err := r.object(n, elementFields); err != nil {
		return e, err
	}
	if e.Components, err = items(n, "price_components", r.component); err != nil {
		return e, err
	}
	if when := n.get("restrictions"); when != nil {
		e.When, err = r.restrictions(when)
	}
	return e, err
}

var componentTypes = []string{"ENERGY", "FLAT", "PARKING_TIME", "TIME"}

func (r *reader) component(n *node) (c PriceComponent, err error) {
	if err := r.object(n, componentFields); err != nil {
		return c, err
	}
	kind, err := required(n, "type")
	if err != nil {
		return c, err
	}
	if err := kind.want(text); err != nil {
		return c, err
	}
	if c.Type = kind.text; !slices.Contains(componentTypes, c.Type) {
		return c, fail(ErrValue, "%s", kind.path())
	}
	price, err := required(n, "price")
	if err != nil {
		return c, err
	}
	if c.Price, err = price.decimal(); err != nil {
		return c, err
	}
	if c.VAT, err = optional(n.get("vat")); err != nil {
		return c, err
	}
	if c.VAT != nil && c.VAT.Units < 0 {
		return c, fail(ErrRange, "%s.vat", n.path())
	}
	if step := n.get("step_size"); step != nil {
		c.StepSize, err = step.whole()
	} else if c.Type != "FLAT" {
		c.StepSize = 1
	}
	return c, err
}
