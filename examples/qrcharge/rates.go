// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// rates shows each element of a tariff on one line.
func rates(t *tariff.Tariff) row {
	r := row{name: "rates", text: "local time at the device"}
	for i := range t.Elements {
		e := &t.Elements[i]
		item := row{name: e.Rate.String(), brief: true}
		var prices []string
		for j := range e.Components {
			c := &e.Components[j]
			price := priceOf(t, c)
			prices = append(prices, strings.TrimSuffix(price.name, " energy")+" "+price.text) // as everybody expects
			item.fields = append(item.fields, price)
		}
		hours := when(e.When.Windows)
		item.fields = append(item.fields, hours)
		item.text = strings.Join(append(prices, hours.text), ", ")
		if limits := restrictions(&e.When); len(limits) > 0 {
			item.fields = append(item.fields, row{name: "only", value: limits, text: strings.Join(limits, ", "), bare: true})
			item.text += ", only " + strings.Join(limits, ", ")
		}
		r.items = append(r.items, item)
	}
	return r
}

// priceOf shows a component: its price, step and taxes.
func priceOf(t *tariff.Tariff, c *tariff.Component) row {
	r := row{name: c.Class.String() + " " + c.Dimension.String(), value: c.Price, unit: fmt.Sprintf("10^-%d %s%s", t.Scale, t.Currency, per(c.Dimension))}
	r.text = tariff.Money{Units: c.Price, Scale: t.Scale, Currency: t.Currency}.String() + per(c.Dimension)
	if c.Step > 0 {
		r.text += " in steps of " + quantity(c.Dimension, c.Step)
	}
	sign := " + "
	if t.TaxIncluded {
		sign = " incl. "
	}
	for _, tax := range c.Taxes {
		r.text += sign + strings.TrimSpace(tax.Name+" "+percent(tax)+" %")
	}
	return r
}

// per is what a price of a dimension is for.
func per(d tariff.Dimension) string {
	return pick(d, tariff.Energy, "/kWh", "/h", "/h", "", "/L")
}

// quantity shows a quantity of a dimension.
func quantity(d tariff.Dimension, n int64) string {
	switch d {
	case tariff.Energy:
		return kilowattHours(n)
	case tariff.Volume:
		return litres(n)
	}
	return clock(n)
}

func when(windows []tariff.Window) row {
	list := make([]string, len(windows))
	for i, w := range windows {
		list[i] = w.String()
	}
	r := row{name: "when", value: list, text: strings.Join(list, " "), bare: true}
	if len(list) == 0 {
		r.text = "all day"
	}
	return r
}

// restrictions are those of an element other than its hours, in words.
func restrictions(w *tariff.Restrictions) []string {
	var out []string
	if w.Reservation != tariff.NoReservation {
		out = append(out, w.Reservation.String())
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if w.Days>>d&1 == 1 {
			out = append(out, d.String())
		}
	}
	if w.From != 0 {
		out = append(out, "from "+date(w.From))
	}
	if w.Until != 0 {
		out = append(out, "before "+date(w.Until))
	}
	watts := func(n int64) string { return trimmed(n, 3) + " kW" }
	amperes := func(n int64) string { return trimmed(n, 3) + " A" }
	for _, s := range []struct {
		name string
		span tariff.Span
		text func(int64) string
	}{
		{"energy", w.Energy, kilowattHours}, {"charging time", w.Time, clock}, {"volume", w.Volume, litres}, {"power", w.Power, watts},
		{"current", w.Current, amperes}, {"duration", w.Duration, clock}, {"idle", w.Idle, clock},
	} {
		if s.span.Min != 0 {
			out = append(out, s.name+" from "+s.text(s.span.Min))
		}
		if s.span.Max != 0 {
			out = append(out, s.name+" below "+s.text(s.span.Max))
		}
	}
	return out
}

func date(d tariff.Date) string {
	return time.Unix(int64(d)*24*60*60, 0).UTC().Format(time.DateOnly)
}

// wholeTariff are the rules that hold for a tariff as a whole, where it has any.
func wholeTariff(t *tariff.Tariff) []row {
	var rows []row
	add := func(name string, value any, text string) {
		rows = append(rows, row{name: name, value: value, text: text, bare: true})
	}
	money := func(name string, units int64) {
		if units != 0 {
			add(name, units, tariff.Money{Units: units, Scale: t.Scale, Currency: t.Currency}.String())
		}
	}
	money("minimum price", t.Limit.Min)
	money("maximum price", t.Limit.Max)
	if t.Limit != (tariff.PriceLimit{}) {
		add("limits with tax", t.Limit.Gross, fmt.Sprint(t.Limit.Gross))
	}
	if idle := &t.Idle; idle.Grace > 0 {
		text := clock(idle.Grace)
		if idle.PerEpisode {
			text += ", each time anew"
		}
		if idle.Retroactive {
			text += ", then charged from the beginning"
		}
		add("idle grace", idle.Grace, text)
	}
	money("idle cap per session", t.Idle.SessionCap)
	money("idle cap per "+pick(t.Idle.Period, tariff.Per24Hours, "24 hours", "local day"), t.Idle.PeriodCap)
	return rows
}
