// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"math/rand/v2"

	. "github.com/seed81979277/qrcharge/tariff"
)

// A world is a random tariff and a session in which its edges lie.
type world struct {
	tariff   *Tariff
	limits   Limits
	offsets  []Offset
	readings []Reading
}

func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

// randomWorld draws over all features. Sessions are short, so that the oracle
// can count each mWh; windows, dates and tiers are drawn where they matter.
func randomWorld(r *rand.Rand) world {
	var w world
	w.offsets = []Offset{{Seconds: 3600 * int32(r.IntN(25)-12)}}
	start := 1_700_000_000 + r.Int64N(10_000_000)
	if chance(r, 2) { // near local midnight
		start -= (start + int64(w.offsets[0].Seconds)) % 86_400
		start += 86_400 - r.Int64N(900)
	}
	if chance(r, 4) {
		w.offsets = append(w.offsets, Offset{start + r.Int64N(900), w.offsets[0].Seconds + 1800*int32(1+r.IntN(2))*int32(1-2*r.IntN(2))})
	}
	w.limits = randomFacts(r)
	w.tariff = w.randomTariff(r, start)
	w.limits.Scale = max(w.tariff.Scale, w.tariff.Rounding.Payable) + uint8(r.IntN(2))
	w.readings = randomReadings(r, start)
	return w
}

func randomFacts(r *rand.Rand) (l Limits) {
	if chance(r, 4) {
		l.Facts.Reserved = r.Int64N(400)
		l.Facts.Expired = chance(r, 2)
	}
	if chance(r, 4) {
		l.Facts.Energy, l.Facts.Time, l.Facts.Volume = r.Int64N(500), r.Int64N(400), r.Int64N(200)
	}
	return l
}

// randomReadings are samples at random gaps, two in one second now and then.
func randomReadings(r *rand.Rand, start int64) []Reading {
	now := Reading{At: start, Energy: r.Int64N(1 << 40), Volume: r.Int64N(1 << 30)}
	phases := []Phase{Charging, Charging, Idle, Charging, Idle, Reserved}
	now.Phase = phases[r.IntN(6)]
	readings := []Reading{now}
	for range 1 + r.IntN(40) {
		now.At += r.Int64N(40)
		if now.Phase != Reserved || chance(r, 5) {
			now.Energy += r.Int64N(60) * r.Int64N(2)
			now.Volume += r.Int64N(30) * r.Int64N(2)
		}
		if chance(r, 4) {
			now.Phase = phases[r.IntN(6)]
		}
		if chance(r, 3) {
			now.Power, now.Current = int32(r.IntN(50)), int32(r.IntN(50))
		}
		readings = append(readings, now)
	}
	if chance(r, 20) { // days of idling
		now.Phase = Idle
		readings[len(readings)-1].Phase = Idle
		now.At += r.Int64N(200_000)
		readings = append(readings, now)
	}
	return readings
}

func (w *world) randomTariff(r *rand.Rand, start int64) *Tariff {
	t := &Tariff{Rules: Rules1, Currency: "EUR", Scale: uint8(r.IntN(4)),
		Rounding:    Rounding{RoundingUnit(1 + r.IntN(3)), RoundingMode(1 + r.IntN(4)), uint8(r.IntN(3))},
		TaxIncluded: chance(r, 3)}
	taxes, several := randomTaxes(r), chance(r, 8)
	for range 1 + r.IntN(9) {
		e := Element{Rate: Rate(r.IntN(9)), When: w.randomWhen(r, start)}
		for d := Energy; d <= Volume; d++ {
			for class := Electricity; class <= OtherFee; class++ {
				reserved := e.When.Reservation != NoReservation && d != TimeSpent && d != FlatFee
				if reserved || !chance(r, 5) {
					continue
				}
				c := Component{Dimension: d, Class: class, Price: w.randomUnitPrice(r, d), Taxes: taxes[class]}
				if several && !(d == IdleTime && class == Occupancy) {
					c.Taxes = taxes[1+r.IntN(4)]
				}
				if d != FlatFee && chance(r, 3) {
					c.Step = 1 + r.Int64N(200)
				}
				e.Components = append(e.Components, c)
			}
		}
		if len(e.Components) > 0 {
			t.Elements = append(t.Elements, e)
		}
	}
	if len(t.Elements) == 0 {
		t.Elements = []Element{{Components: []Component{{Dimension: Energy, Class: Electricity, Price: 100}}}}
	}
	if chance(r, 3) && !several {
		t.Limit = PriceLimit{Gross: chance(r, 2)}
		t.Limit.Min = r.Int64N(2) * r.Int64N(3000)
		t.Limit.Max = r.Int64N(2) * r.Int64N(3000)
	}
	t.Idle = randomIdle(r)
	return t
}

// randomUnitPrice is high, so that small quantities cost something.
func (w *world) randomUnitPrice(r *rand.Rand, d Dimension) int64 {
	most := map[Dimension]int64{Energy: 3_000_000, TimeSpent: 20_000, IdleTime: 20_000, FlatFee: 500, Volume: 3000}[d]
	switch {
	case chance(r, 10):
		return 0
	case chance(r, 8) && d != IdleTime: // caps forbid a negative occupancy fee
		return -r.Int64N(most)
	}
	return r.Int64N(most)
}

func randomTaxes(r *rand.Rand) (taxes [OtherFee + 1][]Tax) {
	if chance(r, 2) {
		return taxes
	}
	rates := []int32{0, 5000, 5200, 9975, 10_000, 19_000, 20_000}
	for class := range taxes {
		for range r.IntN(3) {
			taxes[class] = append(taxes[class], Tax{Name: string(rune('A' + r.IntN(3))), Rate: rates[r.IntN(len(rates))], Stack: uint8(r.IntN(3))})
		}
	}
	return taxes
}

func randomIdle(r *rand.Rand) (i IdleRule) {
	if chance(r, 2) {
		i = IdleRule{Grace: r.Int64N(300), PerEpisode: chance(r, 2), Retroactive: chance(r, 2)}
	}
	if chance(r, 3) {
		i.SessionCap = 1 + r.Int64N(500)
	}
	if chance(r, 3) {
		i.Period, i.PeriodCap = Period(1+r.IntN(2)), 1+r.Int64N(1000)
	}
	return i
}

func randomSpan(r *rand.Rand, most int64) (s Span) {
	if chance(r, 2) {
		s.Min = r.Int64N(most)
	}
	if s.Min == 0 || chance(r, 2) {
		s.Max = s.Min + 1 + r.Int64N(most)
	}
	return s
}

func (w *world) randomWhen(r *rand.Rand, start int64) (when Restrictions) {
	local := start + int64(w.offsets[0].Seconds)
	for range r.IntN(3) {
		from := int32((local + r.Int64N(1200)) % 86_400)
		to := (from+1+r.Int32N(1200))%86_400 + int32(r.IntN(2))*0
		if from != to {
			when.Windows = append(when.Windows, Window{from, to})
		}
	}
	if chance(r, 5) {
		when.Days = Days(1 + r.IntN(127))
	}
	if chance(r, 8) {
		when.From = Date(local/86_400 + r.Int64N(2))
		when.Until = when.From + 1 + Date(r.IntN(2))
	}
	spans := []*Span{&when.Energy, &when.Time, &when.Volume, &when.Power, &when.Current, &when.Duration, &when.Idle}
	most := []int64{1200, 700, 300, 40, 40, 900, 300}
	for i, s := range spans {
		if chance(r, 8) {
			*s = randomSpan(r, most[i])
		}
	}
	if chance(r, 6) && when.Idle == (Span{}) {
		when.Reservation = Reservation(1 + r.IntN(2))
	}
	return when
}
