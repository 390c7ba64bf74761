// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// bruteStop reads and prices every second until the first above the budget.
func bruteStop(t *testing.T, plan *Plan, readings []Reading, load Load, budget Money, horizon int64) (StopKind, int64, int64) {
	t.Helper()
	last := readings[len(readings)-1]
	m := plan.Meter()
	for _, r := range readings {
		if err := m.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	var cost int64
	for x := range horizon + 1 {
		r := Reading{At: last.At + x, Energy: last.Energy + int64(load.Power)*x*1000/3600, Volume: last.Volume + int64(load.Flow)*x/60,
			Power: load.Power, Current: load.Current, Phase: load.Phase}
		if err := m.Add(r); err != nil {
			t.Fatal(err)
		}
		var bill Bill
		if err := plan.Price(&bill, m.Quantities()); err != nil {
			t.Fatal(err)
		}
		before := cost
		cost = bill.Payable.Units + bill.Waived.Units
		if cost > budget.Units {
			if x == 0 {
				return StopNone, 0, cost
			}
			return StopAfter, x - 1, before
		}
	}
	return StopNoLimit, horizon, cost
}

// TestStopAtAgainstBruteForce: random worlds, most of them not monotone.
func TestStopAtAgainstBruteForce(t *testing.T) {
	runs := worlds(400, 60)
	kinds := map[StopKind]int{}
	for run := range runs {
		r := rand.New(rand.NewPCG(31, uint64(run)))
		w := randomWorld(r)
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		phases := []Phase{Charging, Charging, Idle, Reserved}
		load := Load{Power: int32(r.IntN(60) * r.IntN(2)), Flow: int32(r.IntN(100) * r.IntN(2)), Current: int32(r.IntN(50)), Phase: phases[r.IntN(4)]}
		readings := w.readings[:1+r.IntN(len(w.readings))]
		m := plan.Meter()
		for _, reading := range readings {
			if err := m.Add(reading); err != nil {
				t.Fatal(err)
			}
		}
		var now Bill
		if err := plan.Price(&now, m.Quantities()); err != nil {
			t.Fatal(err)
		}
		budget := now.Payable
		budget.Units += r.Int64N(1 + r.Int64N(4000))
		if chance(r, 8) {
			budget.Units = now.Payable.Units - 1
		}
		horizon := r.Int64N(1500)
		kind, seconds, cost := bruteStop(t, plan, readings, load, budget, horizon)
		got, err := m.StopAt(budget, load, horizon)
		if err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if got.Kind != kind || got.Seconds != seconds || got.Cost.Units != cost {
			t.Fatalf("run %d: %+v, want %d after %d s, %d\n%+v\n%+v", run, got, kind, seconds, cost, w.tariff, load)
		}
		kinds[kind]++
	}
	t.Logf("none, after, no limit: %v", kinds)
	if len(kinds) != 3 {
		t.Error("an answer was never given")
	}
}

// TestStopAtTakesTheFirstCrossing: 6.00 an hour in steps of 900 s, then parking
// at .60 an hour: 16 minutes cost 3.00, a parked minute later it is 1.61.
func TestStopAtTakesTheFirstCrossing(t *testing.T) {
	tariff := eur(element(part(TimeSpent, OtherFee, 600, -1, 900), part(IdleTime, OtherFee, 60, -1, 0)))
	plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 2}, []Offset{{}}))
	if b := walk(t, plan, 0, []stay{{Charging, 960, 0, 0}}); b.Payable.String() != "3.00 EUR" {
		t.Error(b.Payable)
	}
	if b := walk(t, plan, 0, []stay{{Charging, 960, 0, 0}, {Idle, 60, 0, 0}}); b.Payable.String() != "1.61 EUR" {
		t.Error(b.Payable)
	}
	m := plan.Meter()
	for _, r := range []Reading{{At: 0}, {At: 960}} {
		if err := m.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		budget int64
		load   Load
		want   Stop
	}{
		{299, Load{Phase: Charging}, Stop{StopNone, 0, 0, 0, Money{300, 2, "EUR"}}},
		{300, Load{Phase: Charging}, Stop{StopAfter, 840, 0, 0, Money{300, 2, "EUR"}}},
		{300, Load{Phase: Idle, Power: 36}, Stop{StopNoLimit, 5000, 50_000, 0, Money{243, 2, "EUR"}}},
	} {
		got, err := m.StopAt(Money{c.budget, 2, "EUR"}, c.load, 5000)
		if err != nil || got != c.want {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
}

func TestStopAtRefusals(t *testing.T) {
	m := fourRatePlan(t).Meter()
	_, err := m.StopAt(cny(1, 2), Load{}, 60)
	wantError(t, err, ErrReading, "Load")
	if err := m.Add(Reading{}); err != nil {
		t.Fatal(err)
	}
	_, err = m.StopAt(cny(1, 2), Load{Power: -1}, 60)
	wantError(t, err, ErrReading, "Load")
	_, err = m.StopAt(cny(1, 2), Load{}, MaxHorizon+1)
	wantError(t, err, ErrLimits, "Horizon")
	_, err = m.StopAt(Money{1, 2, "EUR"}, Load{}, 60)
	wantError(t, err, ErrMixed, "")
}
