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
	var bill Bill
	for x := range horizon + 1 {
		r := Reading{At: last.At + x, Energy: last.Energy + int64(load.Power)*x*1000/3600, Volume: last.Volume + int64(load.Flow)*x/60,
			Power: load.Power, Current: load.Current, Phase: load.Phase}
		if err := m.Add(r); err != nil {
			t.Fatal(err)
		}
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

// stopCase is a meter in mid-session and what is asked of it.
type stopCase struct {
	w        world
	plan     *Plan
	readings []Reading
	load     Load
	budget   Money
	horizon  int64
}

// randomStop draws one; false where Compile refuses the world.
func randomStop(t *testing.T, r *rand.Rand, draw func(*rand.Rand) world, horizon int64) (c stopCase, ok bool) {
	t.Helper()
	c.w = draw(r)
	var err error
	if c.plan, err = c.w.tariff.Compile(c.w.limits, c.w.offsets); err != nil {
		return c, false
	}
	phases := []Phase{Charging, Charging, Idle, Reserved}
	c.load = Load{Power: r.Int32N(60) * r.Int32N(2), Flow: r.Int32N(100) * r.Int32N(2), Current: r.Int32N(6), Phase: phases[r.IntN(4)]}
	if c.w.limits.Feedback > 0 && chance(r, 2) {
		c.load.Power = -c.load.Power
	}
	c.readings = c.w.readings[:1+r.IntN(len(c.w.readings))]
	var q Quantities
	if err := c.plan.Measure(&q, c.readings); err != nil {
		t.Fatal(err)
	}
	var now Bill
	if err := c.plan.Price(&now, q); err != nil {
		t.Fatal(err)
	}
	c.budget = now.Payable
	c.budget.Units += now.Waived.Units
	if c.budget.Units += r.Int64N(1 + r.Int64N(4000)); chance(r, 8) {
		c.budget.Units = now.Payable.Units - 1
	}
	c.horizon = r.Int64N(horizon)
	return c, true
}

// stopRuns holds StopAt to brute force, and returns how often it gave each answer.
func stopRuns(t *testing.T, runs int, seed uint64, draw func(*rand.Rand) world, horizon int64) map[StopKind]int {
	t.Helper()
	kinds := map[StopKind]int{}
	for run := range runs {
		c, ok := randomStop(t, rand.New(rand.NewPCG(seed, uint64(run))), draw, horizon)
		if !ok {
			continue
		}
		kind, seconds, cost := bruteStop(t, c.plan, c.readings, c.load, c.budget, c.horizon)
		m := c.plan.Meter()
		for _, reading := range c.readings {
			if err := m.Add(reading); err != nil {
				t.Fatal(err)
			}
		}
		got, err := m.StopAt(c.budget, c.load, c.horizon)
		if err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if got.Kind != kind || got.Seconds != seconds || got.Cost.Units != cost {
			t.Fatalf("run %d: %+v, want %d after %d s, %d\n%+v, %v, %d s\n%s", run, got, kind, seconds, cost, c.load, c.budget, c.horizon, c.w.text())
		}
		kinds[kind]++
	}
	t.Logf("none, after, no limit: %v", kinds)
	return kinds
}

// TestStopAtAgainstBruteForce: random worlds, most of them not monotone, some
// of which feed back. The answer is that of looking at every second: within the
// budget at all of them up to the answer, and above it at the next.
func TestStopAtAgainstBruteForce(t *testing.T) {
	if kinds := stopRuns(t, worlds(3000, 300), 31, denseWorld, 300); len(kinds) != 3 {
		t.Error("an answer was never given")
	}
}

// TestStopAtAgainstBruteForceLong: the same with sessions and horizons of up to
// 25 minutes, under tiers that lie further apart.
func TestStopAtAgainstBruteForceLong(t *testing.T) {
	if kinds := stopRuns(t, worlds(200, 60), 32, randomWorld, 1500); len(kinds) != 3 {
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
