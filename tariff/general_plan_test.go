// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

func TestGeneralCompileRefusals(t *testing.T) {
	litres := Component{Dimension: Volume, Class: Service, Price: 1}
	for _, c := range []struct {
		name   string
		tariff *Tariff
		change func(*Tariff)
		limits Limits
		want   error
		path   string
	}{
		{"negative reservation", eur(element(energy(1))), nil, Limits{Scale: 2, Facts: Facts{Reserved: -1}}, ErrLimits, "Limits.Facts.Reserved"},
		{"a reservation of decades", eur(element(energy(1))), nil, Limits{Scale: 2, Facts: Facts{Reserved: MaxDuration + 1}}, ErrLimits, "Limits.Facts.Reserved"},
		{"negative opening", eur(element(energy(1))), nil, Limits{Scale: 2, Facts: Facts{Energy: -1}}, ErrLimits, "Limits.Facts.Energy"},
		{"an opening that tiers cannot reach", eur(element(energy(1))), nil, Limits{Scale: 2, Facts: Facts{Volume: MaxTier + 1}}, ErrLimits, "Limits.Facts.Volume"},
		{"a lake", eur(element(litres)), nil, Limits{Scale: 2, Volume: MaxVolume + 1}, ErrLimits, "Limits.Volume"},
		{"a minimum that the order cannot hold", eur(element(energy(1))), func(t *Tariff) { t.Scale, t.Limit.Min = 3, 5 },
			Limits{Scale: 2}, ErrLimit, "Limit.Min"},
		{"a maximum beyond all amounts", eur(element(energy(1))), func(t *Tariff) { t.Limit.Max = 1<<63 - 1 },
			Limits{Scale: 9}, ErrOverflow, "Limit.Max"},
		{"a dear hour", eur(element(part(TimeSpent, Service, 1<<62, -1, 0))), nil, Limits{Scale: 2}, ErrOverflow, "Limits.Energy"},
		{"a dear step", eur(element(part(Volume, Service, 1<<50, -1, 1_000_000_000))), nil, Limits{Scale: 2, Volume: 1}, ErrOverflow, "Limits.Energy"},
		{"a dear flat fee", eur(element(part(FlatFee, Service, 1<<62, -1, 0))), nil, Limits{Scale: 2}, ErrOverflow, "Limits.Energy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.tariff)
			}
			_, err := c.tariff.Compile(c.limits, utc8)
			wantError(t, err, c.want, c.path)
		})
	}
}

// everyFeature is a tariff of tiers, steps, taxes, idle rules and a maximum.
func everyFeature() *Tariff {
	t := eur(when(Restrictions{Energy: Span{Max: 10 * kWh}}, part(Energy, Electricity, 30, 190, 1)),
		when(Restrictions{Windows: []Window{hours(22, 6)}}, part(Energy, Electricity, 20, 190, 1)),
		element(part(Energy, Electricity, 40, 190, 1), part(TimeSpent, Service, 60, 190, 60),
			part(IdleTime, Occupancy, 600, 190, 900), part(FlatFee, OtherFee, 50, 190, 0)))
	t.Idle = IdleRule{Grace: 900, SessionCap: 3000}
	t.Limit = PriceLimit{Max: 50_000, Gross: true}
	return t
}

// TestEveryFeatureDoesNotAllocate: not only grids are measured and priced in place.
func TestEveryFeatureDoesNotAllocate(t *testing.T) {
	plan, readings := must[*Plan](t)(everyFeature().Compile(Limits{Scale: 2}, utc8)), eightHours()
	readings[len(readings)-20].Phase = Idle
	var q Quantities
	var bill Bill
	run := func() {
		if err := plan.Measure(&q, readings); err != nil {
			t.Fatal(err)
		}
		if err := plan.Price(&bill, q); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if allocs := testing.AllocsPerRun(100, run); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkEveryFeature(b *testing.B) {
	plan, readings := must[*Plan](b)(everyFeature().Compile(Limits{Scale: 2}, utc8)), eightHours()
	var q Quantities
	var bill Bill
	b.ReportAllocs()
	for b.Loop() {
		if err := plan.Measure(&q, readings); err != nil {
			b.Fatal(err)
		}
		if err := plan.Price(&bill, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStopAt(b *testing.B) {
	m := fourRatePlan(b).Meter()
	for _, r := range eightHours()[:60] {
		if err := m.Add(r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.StopAt(cny(60_00, 2), Load{Power: 7000}, 12*3600); err != nil {
			b.Fatal(err)
		}
	}
}
