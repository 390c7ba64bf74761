// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

const day = 24 * 60 * 60

// restrictions returns restrictions of the model, any of which is what r says:
// none where r can never hold.
func (c *conversion) restrictions(r *Restrictions, path string) ([]tariff.Restrictions, error) {
	w := tariff.Restrictions{Days: r.Days, Reservation: r.Reservation}
	if r.StartDate != "" {
		w.From = dateOf(r.StartDate)
	}
	if r.EndDate != "" {
		w.Until = dateOf(r.EndDate)
	}
	possible := w.Until == 0 || w.From < w.Until
	for _, f := range [...]struct {
		min, max *Decimal
		scale    uint8
		span     *tariff.Span
		key      string
	}{{r.MinKWh, r.MaxKWh, 6, &w.Energy, "kwh"}, {r.MinPower, r.MaxPower, 3, &w.Power, "power"}, {r.MinCurrent, r.MaxCurrent, 3, &w.Current, "current"}} {
		span, ok, err := c.span(f.min, f.max, f.scale, path, f.key)
		if err != nil {
			return nil, err
		}
		*f.span, possible = span, possible && ok
	}
	span, ok := durations(r)
	w.Duration, possible = span, possible && ok
	whens, ok := c.windows(r, w)
	if !possible || !ok {
		return nil, nil
	}
	if !c.labels {
		return whens, nil
	}
	if r.MinPower != nil || r.MaxPower != nil {
		whens = label(whens, c.noPower, func(w *tariff.Restrictions) *tariff.Span { return &w.Power })
	}
	if r.MinCurrent != nil || r.MaxCurrent != nil {
		whens = label(whens, c.noCurrent, func(w *tariff.Restrictions) *tariff.Span { return &w.Current })
	}
	return whens, nil
}

// span reads two bounds, and reports whether anything is between them.
func (c *conversion) span(low, high *Decimal, scale uint8, path, key string) (s tariff.Span, ok bool, err error) {
	if low != nil {
		if s.Min, ok = low.at(scale); !ok || s.Min >= tariff.MaxTier {
			return s, false, c.fail(ErrRange, "%s.min_%s", path, key)
		}
	}
	if high == nil {
		return s, true, nil
	}
	if s.Max, ok = high.at(scale); !ok || s.Max >= tariff.MaxTier {
		return s, false, c.fail(ErrRange, "%s.max_%s", path, key)
	}
	return s, s.Min < s.Max, nil
}

func durations(r *Restrictions) (s tariff.Span, ok bool) {
	if r.MinDuration != nil {
		s.Min = min(*r.MinDuration, tariff.MaxDuration)
	}
	if r.MaxDuration == nil || *r.MaxDuration > tariff.MaxDuration {
		return s, true
	}
	s.Max = *r.MaxDuration
	return s, s.Min < s.Max
}

// label shifts a restriction of power or current by one, where 0 stands for a
// period that does not tell, which is not at least 0 either; where that meets
// every restriction, the element is there twice.
func label(whens []tariff.Restrictions, met bool, of func(*tariff.Restrictions) *tariff.Span) []tariff.Restrictions {
	var out []tariff.Restrictions
	for _, w := range whens {
		s := of(&w)
		s.Min++
		if s.Max > 0 {
			s.Max++
		}
		out = append(out, w)
		if met {
			*s = tariff.Span{Min: 0, Max: 1}
			out = append(out, w)
		}
	}
	return out
}

// unlabel undoes what label did. What only a period that does not tell meets
// restricts nothing.
func unlabel(w tariff.Restrictions) tariff.Restrictions {
	for _, s := range [...]*tariff.Span{&w.Power, &w.Current} {
		if s.Min == 0 {
			*s = tariff.Span{}
			continue
		}
		s.Min--
		if s.Max > 0 {
			s.Max--
		}
	}
	return w
}

// windows adds the times of day. A window that ends when it begins, and the
// day of what is after midnight, are as the profile says.
func (c *conversion) windows(r *Restrictions, w tariff.Restrictions) ([]tariff.Restrictions, bool) {
	if r.StartTime == "" && r.EndTime == "" {
		return []tariff.Restrictions{w}, true
	}
	window := tariff.Window{To: day}
	if r.StartTime != "" {
		window.From = seconds(r.StartTime)
	}
	if r.EndTime != "" {
		window.To = seconds(r.EndTime)
	}
	if r.StartTime != "" && r.StartTime == r.EndTime {
		return []tariff.Restrictions{w}, c.profile.EqualTimes == WholeDay
	}
	if window.To == 0 {
		window.To = day
	}
	if window == (tariff.Window{To: day}) {
		return []tariff.Restrictions{w}, true
	}
	w.Windows = []tariff.Window{window}
	dated := w.Days != 0 || w.From != 0 || w.Until != 0
	if window.From < window.To || !dated || c.profile.Wrap == NewDay {
		return []tariff.Restrictions{w}, true
	}
	evening, morning := w, w
	evening.Windows = []tariff.Window{{From: window.From, To: day}}
	morning.Windows = []tariff.Window{{From: 0, To: window.To}}
	morning.Days = (w.Days<<1 | w.Days>>6) & (1<<7 - 1)
	if w.From != 0 {
		morning.From++
	}
	if w.Until != 0 {
		morning.Until++
	}
	return []tariff.Restrictions{evening, morning}, true
}

// nativeLimit returns the one limit of the model that says what both limits of
// the tariff say.
func (c *conversion) nativeLimit(m *tariff.Tariff) (l tariff.PriceLimit, err error) {
	net, gross := c.sameTax(m)
	for _, f := range [...]struct {
		limit *PriceLimit
		dst   *int64
		key   string
	}{{c.from.Min, &l.Min, "min_price"}, {c.from.Max, &l.Max, "max_price"}} {
		if f.limit == nil {
			continue
		}
		if f.limit.InclTax != nil && !follows(f.limit, net, gross) {
			return l, c.fail(ErrInexpressible, ".%s", f.key)
		}
		var ok bool
		if *f.dst, ok = f.limit.ExclTax.at(m.Scale); !ok || *f.dst < 0 {
			return l, c.fail(ErrRange, ".%s.%s", f.key, exclName(c.from.Version))
		}
		if *f.dst == 0 && f.key == "max_price" {
			return l, c.fail(ErrInexpressible, ".%s", f.key) // 0 is no limit there
		}
	}
	return l, nil
}

// sameTax returns net and gross of the tax that all components are under, as a
// fraction; both 0 where they differ.
func (c *conversion) sameTax(m *tariff.Tariff) (net, gross int64) {
	first := m.Elements[0].Components[0].Taxes
	for _, e := range m.Elements {
		for _, o := range e.Components {
			if !slices.Equal(o.Taxes, first) {
				return 0, 0
			}
		}
	}
	if len(first) == 0 {
		return 1, 1
	}
	return 100_000, 100_000 + int64(first[0].Rate)
}

// follows reports whether a limit's amount including tax is that excluding it
// under one tax.
func follows(l *PriceLimit, net, gross int64) bool {
	excl, incl := ratOf(l.ExclTax), ratOf(*l.InclTax)
	return net > 0 && excl.Mul(excl, ratio(gross, net)).Cmp(incl) == 0
}
