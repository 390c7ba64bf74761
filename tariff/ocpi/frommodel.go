// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// FromModel makes an OCPI tariff. head gives what package tariff has no field
// for: Version, CountryCode, PartyID, ID, Type, Start, End, LastUpdated; its
// other fields are ignored. [WriteTariff] then writes it.
//
// OCPI knows no fee classes: where several price a dimension they must always
// go together, with one step and the same taxes, and their sum is written, with
// a finding. The names of rates and taxes and the rounding policy are lost, with
// findings. What OCPI cannot say is [ErrInexpressible] with a path as of
// [tariff.Error]: a price by volume, several taxes on one price, grace and caps
// of idle time, restrictions by charging time, volume or idle duration, windows
// that begin or end within a minute, steps of energy within a Wh, a limit
// that no decimal is when its taxes are taken off.
func FromModel(t *tariff.Tariff, head Tariff) (*Tariff, []Finding, error) {
	if err := t.Check(); err != nil {
		return nil, nil, err
	}
	o := &origin{from: t}
	if !o.classesMeet(t) {
		normal, err := t.Normalize() // it puts together what goes together
		if err != nil {
			return nil, nil, err
		}
		o.from = normal
	}
	to := head
	to.path, to.Elements, to.Min, to.Max = "", nil, nil, nil
	to.Currency, to.TaxIncluded = t.Currency, o.taxIncluded(head.Version)
	if err := o.whole(&to); err != nil {
		return nil, nil, err
	}
	for i := range o.from.Elements {
		elements, err := o.element(i)
		if err != nil {
			return nil, nil, err
		}
		to.Elements = append(to.Elements, elements...)
	}
	return &to, o.findings, nil
}

// origin is a tariff of package tariff on its way out.
type origin struct {
	from     *tariff.Tariff
	findings []Finding
}

func (o *origin) find(code Code, hint, path string, args ...any) {
	o.findings = append(o.findings, Finding{fmt.Sprintf(path, args...), tariff.Info, code, hint})
}

// classesMeet reports whether each element that prices a dimension prices it
// in all classes that any does: then the first that matches is the same for all.
func (o *origin) classesMeet(t *tariff.Tariff) bool {
	var all, each [tariff.Volume + 1]uint8
	for i := range t.Elements {
		for _, c := range t.Elements[i].Components {
			all[c.Dimension] |= 1 << c.Class
		}
	}
	for i := range t.Elements {
		each = [tariff.Volume + 1]uint8{}
		for _, c := range t.Elements[i].Components {
			each[c.Dimension] |= 1 << c.Class
		}
		for d := range each {
			if each[d] != 0 && each[d] != all[d] {
				return false
			}
		}
	}
	return true
}

func (o *origin) taxIncluded(v Version) TaxIncluded {
	taxed := o.anyComponent(func(c *tariff.Component) bool { return len(c.Taxes) > 0 })
	switch {
	case taxed && o.from.TaxIncluded:
		return TaxYes
	case v != V230:
		return TaxNotSaid
	case taxed:
		return TaxNo
	}
	return TaxNotApplicable
}

func (o *origin) anyComponent(f func(*tariff.Component) bool) bool {
	for i := range o.from.Elements {
		for j := range o.from.Elements[i].Components {
			if f(&o.from.Elements[i].Components[j]) {
				return true
			}
		}
	}
	return false
}

// whole converts what is of the tariff as a whole.
func (o *origin) whole(to *Tariff) error {
	t := o.from
	idle := o.anyComponent(func(c *tariff.Component) bool { return c.Dimension == tariff.IdleTime })
	if idle && t.Idle != (tariff.IdleRule{}) {
		return fail(ErrInexpressible, "Idle")
	}
	if !o.classesMeet(t) {
		return fail(ErrInexpressible, "Elements")
	}
	if o.stepsPart() {
		return fail(ErrInexpressible, "Elements")
	}
	if t.Rounding != (tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 4}) {
		o.find(RoundingLost, "", "Rounding")
	}
	for _, f := range [...]struct {
		units int64
		dst   **PriceLimit
		name  string
	}{{t.Limit.Min, &to.Min, "Min"}, {t.Limit.Max, &to.Max, "Max"}} {
		if f.units == 0 {
			continue
		}
		var ok bool
		if *f.dst, ok = o.limit(f.units); !ok {
			return fail(ErrInexpressible, "Limit.%s", f.name)
		}
	}
	return nil
}

// stepsPart reports whether time has steps of its own beside idle time: with
// classes apart it has, in OCPI idle time alone would be rounded.
func (o *origin) stepsPart() bool {
	var time, idle uint8
	stepped := false
	for i := range o.from.Elements {
		if o.from.Elements[i].When.Reservation != tariff.NoReservation {
			continue
		}
		for _, c := range o.from.Elements[i].Components {
			switch c.Dimension {
			case tariff.TimeSpent:
				time, stepped = time|1<<c.Class, stepped || c.Step > 0
			case tariff.IdleTime:
				idle |= 1 << c.Class
			}
		}
	}
	return stepped && idle != 0 && time != idle
}

// limit returns both amounts of a limit, the second only where it follows.
func (o *origin) limit(units int64) (*PriceLimit, bool) {
	given := Decimal{units, o.from.Scale}.trim()
	rate, same := o.rate()
	switch {
	case o.from.Limit.Gross && !same:
		return nil, false
	case o.from.Limit.Gross:
		excl, ok := decimalOf(new(big.Rat).Quo(ratOf(given), rate))
		return &PriceLimit{ExclTax: excl, InclTax: &given}, ok
	case !same:
		return &PriceLimit{ExclTax: given}, true
	}
	incl, ok := decimalOf(new(big.Rat).Mul(ratOf(given), rate))
	if !ok {
		return &PriceLimit{ExclTax: given}, true
	}
	return &PriceLimit{ExclTax: given, InclTax: &incl}, true
}

// rate returns gross per net where all components are under the same tax.
func (o *origin) rate() (*big.Rat, bool) {
	first := o.from.Elements[0].Components[0].Taxes
	if o.anyComponent(func(c *tariff.Component) bool { return !slices.Equal(c.Taxes, first) }) || len(first) > 1 {
		return nil, false
	}
	if len(first) == 0 {
		return ratio(1, 1), true
	}
	return ratio(100_000+int64(first[0].Rate), 100_000), true
}

// decimalOf returns a fraction as a decimal that the price of a tariff can be.
func decimalOf(r *big.Rat) (Decimal, bool) {
	units, err := round(r, tariff.MaxPriceScale, tariff.Down)
	d := Decimal{units, tariff.MaxPriceScale}
	return d.trim(), err == nil && ratOf(d).Cmp(r) == 0
}

// element returns the elements that say what one of the model says.
func (o *origin) element(i int) (out []Element, err error) {
	e := &o.from.Elements[i]
	path := fmt.Sprintf("Elements[%d]", i)
	if e.Rate != 0 {
		o.find(TextLost, e.Rate.String(), "%s.Rate", path)
	}
	components, err := o.components(e, path)
	if err != nil {
		return nil, err
	}
	when, err := restrictionsOf(&e.When, path+".When")
	if err != nil {
		return nil, err
	}
	windows := e.When.Windows
	if len(windows) == 0 {
		windows = []tariff.Window{{To: day}}
	}
	for k, w := range windows {
		if w.From%60 != 0 || w.To%60 != 0 {
			return nil, fail(ErrInexpressible, "%s.When.Windows[%d]", path, k)
		}
		when.StartTime, when.EndTime = clock(w.From), clock(w.To)
		if w.From == 0 && w.To%day == 0 {
			when.StartTime, when.EndTime = "", ""
		}
		out = append(out, Element{components, when})
	}
	return out, nil
}

func clock(s int32) string { return fmt.Sprintf("%02d:%02d", s/3600%24, s/60%60) }

func dateText(d tariff.Date) string {
	if d == 0 {
		return ""
	}
	return time.Unix(int64(d)*day, 0).UTC().Format(time.DateOnly)
}
