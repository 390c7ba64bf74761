// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"math/rand/v2"

	. "github.com/seed81979277/qrcharge/tariff"
)

// A dense world is one in which much happens in little time: a session of
// seconds to minutes, around which the edges of windows, dates, offsets, tiers,
// durations, grace and caps lie so close that most of them are passed. It is
// quick to step through. Now and then a reading is hours or days after the one
// before, for caps over periods.

// denseStart is where the edges of the clock are drawn around.
type denseStart struct {
	at     int64 // of the first reading
	offset int64 // then
	span   int64 // s, about what the session lasts
}

// denseWorld draws over all features.
func denseWorld(r *rand.Rand) world {
	var w world
	s := denseStart{at: 1_600_000_000 + r.Int64N(300_000_000), span: 20 + r.Int64N(200)}
	if chance(r, 40) {
		s.at = r.Int64N(100_000) // the local day may lie before 1970
	}
	w.offsets = []Offset{{Seconds: 900 * int32(r.IntN(105)-48)}}
	s.offset = int64(w.offsets[0].Seconds)
	if chance(r, 2) && s.at > 200_000 { // near local midnight
		s.at -= (s.at + s.offset) % 86_400
		s.at += 86_400 - r.Int64N(s.span)
	}
	for from := s.at - 20 + r.Int64N(s.span); chance(r, 4); from += 1 + r.Int64N(s.span) {
		last := w.offsets[len(w.offsets)-1].Seconds
		from = max(from, w.offsets[len(w.offsets)-1].From+1)
		w.offsets = append(w.offsets, Offset{from, last + 900*int32(1+r.IntN(4))*int32(1-2*r.IntN(2))})
	}
	if chance(r, 4) {
		w.limits.Facts.Reserved, w.limits.Facts.Expired = r.Int64N(60), chance(r, 2)
	}
	if chance(r, 4) {
		w.limits.Facts.Energy, w.limits.Facts.Time, w.limits.Facts.Volume = r.Int64N(60), r.Int64N(60), r.Int64N(30)
	}
	if chance(r, 3) {
		w.limits.Feedback = 1 + r.Int64N(1000)
	}
	w.readings = denseReadings(r, s.at, s.span, w.limits.Feedback > 0)
	w.tariff = denseTariff(r, &s)
	w.denseLimits(r)
	return w
}

// denseLimits draws the scale and the limit of the order. A limit of the tariff
// is cut to what the scale holds.
func (w *world) denseLimits(r *rand.Rand) {
	t := w.tariff
	w.limits.Scale = t.Rounding.Payable + uint8(r.IntN(3))
	for s := w.limits.Scale; s < t.Scale; s++ {
		t.Limit.Min, t.Limit.Max = t.Limit.Min/10, t.Limit.Max/10
	}
	for s := w.limits.Scale; s < t.Scale; s++ {
		t.Limit.Min, t.Limit.Max = t.Limit.Min*10, t.Limit.Max*10
	}
	if chance(r, 3) {
		w.limits.Amount = 1 + r.Int64N(1000)
	}
}

// denseReadings are seconds apart, now and then none at all, and now and then
// hours or days. With feedback the register may fall.
func denseReadings(r *rand.Rand, start, span int64, feedback bool) []Reading {
	now := Reading{At: start, Energy: 1000 + r.Int64N(1<<40), Volume: r.Int64N(1 << 30)}
	phases := [...]Phase{Charging, Charging, Idle, Charging, Idle, Idle, Reserved}
	now.Phase = phases[r.IntN(7)]
	n := 1 + r.IntN(14)
	readings := append(make([]Reading, 0, n+1), now)
	jump := -1
	if chance(r, 12) {
		jump = r.IntN(n)
	}
	for i := range n {
		now.At += r.Int64N(2 * span / 14)
		if i == jump {
			now.At += longGap(r)
			if chance(r, 2) {
				readings[i].Phase = Idle
			}
		}
		if chance(r, 2) {
			now.Energy += r.Int64N(30)
		} else if feedback && chance(r, 2) {
			now.Energy -= r.Int64N(30)
		}
		if chance(r, 3) {
			now.Volume += r.Int64N(20)
		}
		if chance(r, 3) {
			now.Phase = phases[r.IntN(7)]
		}
		if chance(r, 3) {
			now.Power, now.Current = r.Int32N(6), r.Int32N(6)
		}
		readings = append(readings, now)
	}
	return readings
}

// longGap is an hour, or more than a day.
func longGap(r *rand.Rand) int64 {
	if chance(r, 3) {
		return 60_000 + r.Int64N(60_000)
	}
	return r.Int64N(4000)
}

func denseTariff(r *rand.Rand, s *denseStart) *Tariff {
	currencies := [...]Currency{"CNY", "EUR", "JPY", "KWD", "USD"}
	decimals := [...]uint8{2, 2, 0, 3, 2}
	k := r.IntN(5)
	t := &Tariff{Rules: Rules1, Currency: currencies[k], Scale: uint8(r.IntN(5)),
		Rounding:    Rounding{RoundingUnit(1 + r.IntN(3)), RoundingMode(1 + r.IntN(4)), decimals[k]},
		TaxIncluded: chance(r, 3)}
	if chance(r, 4) {
		t.Rounding.Payable = uint8(r.IntN(2))
	}
	taxes, several := randomTaxes(r), chance(r, 10)
	for range 1 + r.IntN(6) {
		e := Element{Rate: Rate(r.IntN(3)), When: denseWhen(r, s)}
		for d := Energy; d <= Volume; d++ {
			for class := Electricity; class <= OtherFee; class++ {
				reserved := e.When.Reservation != NoReservation
				if reserved && d != TimeSpent && d != FlatFee || !chance(r, 6) {
					continue
				}
				c := Component{Dimension: d, Class: class, Price: densePrice(r, d, t.Scale), Taxes: taxes[class]}
				if several && !(d == IdleTime && class == Occupancy) {
					c.Taxes = taxes[1+r.IntN(4)]
				}
				if d != FlatFee && chance(r, 3) {
					c.Step = 1 + r.Int64N(40)
				}
				e.Components = append(e.Components, c)
			}
		}
		if len(e.Components) > 0 {
			t.Elements = append(t.Elements, e)
		}
	}
	if len(t.Elements) == 0 {
		t.Elements = []Element{{Components: []Component{{Dimension: Energy, Class: Electricity, Price: 100_000}}}}
	}
	denseRules(r, t)
	return t
}

// denseRules draws what holds for the session as a whole.
func denseRules(r *rand.Rand, t *Tariff) {
	unit := int64(1)
	for range t.Scale {
		unit *= 10
	}
	if chance(r, 3) {
		t.Limit = PriceLimit{Min: r.Int64N(2) * r.Int64N(4*unit), Max: r.Int64N(2) * r.Int64N(6*unit), Gross: chance(r, 2)}
	}
	if chance(r, 2) {
		t.Idle = IdleRule{Grace: r.Int64N(60), PerEpisode: chance(r, 2), Retroactive: chance(r, 2)}
	}
	if chance(r, 3) {
		t.Idle.SessionCap = 1 + r.Int64N(2*unit)
	}
	if chance(r, 3) {
		t.Idle.Period, t.Idle.PeriodCap = Period(1+r.IntN(2)), 1+r.Int64N(1+unit/2)
	}
}

// densePrice is so high that seconds and mWh cost something.
func densePrice(r *rand.Rand, d Dimension, scale uint8) int64 {
	most := [...]int64{Energy: 30_000, TimeSpent: 100, IdleTime: 100, FlatFee: 3, Volume: 40}[d] // whole units
	for range scale {
		most *= 10
	}
	switch {
	case chance(r, 12):
		return 0
	case chance(r, 8) && d != IdleTime: // caps forbid a negative occupancy fee
		return -r.Int64N(most)
	}
	return r.Int64N(most)
}

// denseSpan begins and ends within reach, and often at the same values.
func denseSpan(r *rand.Rand, most int64) (s Span) {
	if chance(r, 2) {
		s.Min = r.Int64N(most)
	}
	if s.Min == 0 || chance(r, 2) {
		s.Max = s.Min + 1 + r.Int64N(most)
	}
	return s
}

func denseWhen(r *rand.Rand, s *denseStart) (when Restrictions) {
	local := s.at + s.offset + 86_400
	if chance(r, 3) {
		for range 1 + r.IntN(2) {
			from := int32((local - 20 + r.Int64N(s.span)) % 86_400)
			to := (from + 1 + r.Int32N(int32(s.span))) % 86_400
			switch {
			case chance(r, 6): // all but a little of the day
				from, to = to, from
			case chance(r, 6): // hours and more
				to = (from + 1 + r.Int32N(86_000)) % 86_400
			}
			when.Windows = append(when.Windows, Window{from, to})
		}
	}
	if chance(r, 8) {
		when.Days = Days(1 + r.IntN(127))
	}
	if chance(r, 10) {
		when.From = Date(max(0, local/86_400-3+r.Int64N(4)))
		when.Until = when.From + 1 + Date(r.IntN(3))
		if chance(r, 3) {
			when.Until = 0
		} else if chance(r, 3) {
			when.From = 0
		}
	}
	spans := [...]*Span{&when.Energy, &when.Time, &when.Volume, &when.Power, &when.Current, &when.Duration, &when.Idle}
	for i, most := range [...]int64{80, s.span / 2, 50, 5, 5, s.span, 40} {
		if chance(r, 9) {
			*spans[i] = denseSpan(r, most)
		}
	}
	if chance(r, 7) {
		when.Reservation = Reservation(1 + r.IntN(2))
	}
	return when
}
