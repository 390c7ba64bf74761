// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// reservedAndCharged is time at a price while reserved and at the same while charging.
func reservedAndCharged(price int64) *Tariff {
	c := Component{Dimension: TimeSpent, Class: Service, Price: price}
	return eur(when(Restrictions{Reservation: AnyReservation}, c), element(c))
}

// TestReservedTimeComesBesideTheSession: ten years of 366 days reserved and ten
// years charged, both at 10.00 an hour, are 2 × 87 840 hours: 1 756 800.00.
func TestReservedTimeComesBesideTheSession(t *testing.T) {
	limits := Limits{Scale: 2, Facts: Facts{Reserved: MaxDuration}}
	start := atLocal(0, 0, 0)
	for _, price := range []int64{1000, 105_001_958_525_213 / 2, 105_001_958_525_213} {
		plan, err := reservedAndCharged(price).Compile(limits, utc8)
		if price > 1000 && errors.Is(err, ErrOverflow) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var q Quantities
		var bill Bill
		if err := plan.Measure(&q, []Reading{{At: start}, {At: start + MaxDuration}}); err != nil {
			t.Fatal(err)
		}
		if err := plan.Price(&bill, q); err != nil {
			t.Fatalf("at %d: %v", price, err)
		}
		if price == 1000 && bill.Payable.Units != 175_680_000 || bill.Payable.Units > plan.Most() {
			t.Errorf("at %d: %v, at most %d", price, bill.Payable, plan.Most())
		}
	}
}

// extreme is a plan whose prices are multiples of a factor, and a session that
// measures as much as it lets pass.
type extreme struct {
	tariff   *Tariff
	limits   Limits
	readings []Reading
}

// extremeTariff draws prices of one digit over everything that has a price:
// charged and fed back, reserved and not, with steps, taxes, limits and caps.
func extremeTariff(r *rand.Rand) *Tariff {
	t := eur(when(Restrictions{Power: Span{Max: 5}}), element(),
		when(Restrictions{Reservation: AnyReservation, Duration: Span{Max: 1 + r.Int64N(MaxDuration)}}), when(Restrictions{Reservation: AnyReservation}))
	t.Rounding = Rounding{RoundingUnit(1 + r.IntN(3)), RoundingMode(1 + r.IntN(4)), uint8(r.IntN(3))}
	taxes, dims := randomTaxes(r), r.IntN(32) // which dimensions have prices
	for i := range t.Elements {
		e := &t.Elements[i]
		for d := Energy; d <= Volume; d++ {
			for class := Electricity; class <= OtherFee; class++ {
				if dims>>(d-1)&1 == 1 || chance(r, 2) || i > 1 && d != TimeSpent && d != FlatFee {
					continue
				}
				c := Component{Dimension: d, Class: class, Price: r.Int64N(19) - 9, Taxes: taxes[class]}
				if d == IdleTime {
					c.Price = max(c.Price, -c.Price)
				}
				if d != FlatFee && chance(r, 2) {
					c.Step = 1 + r.Int64N(31*86_400)
				}
				e.Components = append(e.Components, c)
			}
		}
		if len(e.Components) == 0 {
			e.Components = []Component{{Dimension: FlatFee, Class: OtherFee, Price: 9, Taxes: taxes[OtherFee]}}
		}
	}
	t.TaxIncluded = chance(r, 3)
	if chance(r, 3) {
		t.Limit = PriceLimit{Min: r.Int64N(2) * r.Int64N(1<<r.UintN(50)), Max: r.Int64N(2) * r.Int64N(1<<r.UintN(50)), Gross: chance(r, 2)}
	}
	if t.Idle = randomIdle(r); chance(r, 2) {
		t.Idle.PeriodCap, t.Idle.Period = 0, NoPeriod // it bounds the price of idle time by itself
	}
	return t
}

// times returns the tariff at a multiple of its prices.
func times(t *Tariff, factor int64) *Tariff {
	n := *t
	n.Elements = nil
	for _, e := range t.Elements {
		e.Components = append([]Component(nil), e.Components...)
		for i := range e.Components {
			e.Components[i].Price *= factor
		}
		n.Elements = append(n.Elements, e)
	}
	return &n
}

// extremeSession fills every bound of the limits: reserved before the session,
// fed back and drawn, charged and idle.
func extremeSession(r *rand.Rand, l *Limits) []Reading {
	l.Scale, l.Amount = 2+uint8(r.IntN(2)), r.Int64N(2)*r.Int64N(1<<r.UintN(50))
	l.Energy, l.Volume, l.Feedback = r.Int64N(2)*r.Int64N(MaxEnergy), r.Int64N(2)*r.Int64N(MaxVolume), r.Int64N(2)*r.Int64N(MaxEnergy)
	l.Facts.Reserved = [...]int64{0, MaxDuration, r.Int64N(MaxDuration)}[r.IntN(3)]
	rise, fall, volume := int64(MaxEnergy), int64(0), int64(MaxVolume)
	if l.Energy > 0 {
		rise = l.Energy + EnergyOverrun
	}
	if l.Feedback > 0 {
		fall = l.Feedback + EnergyOverrun
	}
	if l.Volume > 0 {
		volume = l.Volume + VolumeOverrun
	}
	now := Reading{At: 1_500_000_000, Energy: 1 << 50}
	var readings []Reading
	stay := func(phase Phase, seconds, mWh, mL int64) {
		now.Phase = phase
		now.Power = int32(r.IntN(2) * 5)
		readings = append(readings, now)
		now.At, now.Energy, now.Volume = now.At+seconds, now.Energy+mWh, now.Volume+mL
	}
	if chance(r, 2) {
		stay(Reserved, MaxDuration-l.Facts.Reserved, 0, 0)
	}
	charged, idled := r.Int64N(MaxDuration+1), int64(0)
	if chance(r, 3) {
		charged = MaxDuration
	}
	if chance(r, 2) {
		idled = r.Int64N(MaxDuration - charged + 1)
	}
	stay(Charging, charged/2, -fall, 0)
	stay(Charging, charged-charged/2, rise+fall, volume)
	stay(Idle, idled, 0, 0)
	stay(Charging, MaxDuration-charged-idled, 0, 0)
	return append(readings, now)
}

// TestTheDearestSessionHasAPrice: random plans with the highest prices that
// Compile lets pass, and sessions that measure as much as the plan lets pass.
// They can be priced, and cost no more than Most.
func TestTheDearestSessionHasAPrice(t *testing.T) {
	near := 0 // sessions that cost more than a tenth of Most
	for run := range worlds(1500, 200) {
		r := rand.New(rand.NewPCG(77, uint64(run)))
		x := extreme{tariff: extremeTariff(r)}
		x.readings = extremeSession(r, &x.limits)
		compile := func(factor int64) (*Plan, error) { return times(x.tariff, factor).Compile(x.limits, utc8) }
		if _, err := compile(1); err != nil {
			continue
		}
		exponent := sort.Search(58, func(i int) bool { _, err := compile(1 << i); return err != nil })
		base := int64(1) << max(0, exponent-1)
		factor := base + int64(sort.Search(1<<10, func(i int) bool { _, err := compile(base + base>>10*int64(i+1)); return err != nil }))*(base>>10)
		if factor > math.MaxInt64/9 {
			t.Fatal("a factor beyond int64")
		}
		plan := must[*Plan](t)(compile(factor))
		var q Quantities
		var bill Bill
		if err := plan.Measure(&q, x.readings); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if err := plan.Price(&bill, q); err != nil {
			t.Fatalf("run %d, %d times the prices: %v\n%+v", run, factor, err, q)
		}
		cost := bill.Payable.Units + bill.Waived.Units
		if cost = max(cost, -cost); cost > plan.Most() {
			t.Fatalf("run %d: %d costs more than %d", run, cost, plan.Most())
		}
		if err := bill.Check(); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if cost > plan.Most()/10 {
			near++
		}
	}
	if near < 20 {
		t.Errorf("only %d sessions came near the most", near)
	}
}
