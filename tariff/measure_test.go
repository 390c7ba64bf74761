// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	. "github.com/seed81979277/qrcharge/tariff"
)

func at(unix, energy int64) Reading { return Reading{At: unix, Energy: energy} }

// TestMeasure: fourRates has in its normal form cell 0 sharp, 2 peak, 4 flat, 6 valley.
func TestMeasure(t *testing.T) {
	reserved := func(r Reading) Reading { r.Phase = Reserved; return r }
	idle := func(r Reading) Reading { r.Phase = Idle; return r }
	for _, c := range []struct {
		name     string
		readings []Reading
		want     []Cell
	}{
		{"no reading", nil, nil},
		{"one reading", []Reading{at(atLocal(9, 0, 0), 500)}, nil},
		{"nothing drawn", []Reading{at(atLocal(9, 0, 0), 500), at(atLocal(20, 0, 0), 500)}, nil},
		{"one rate", []Reading{at(atLocal(8, 0, 0), 500), at(atLocal(9, 0, 0), 1700)}, []Cell{{4, 1200}}},
		{"the last second before a boundary is the old price",
			[]Reading{at(atLocal(9, 59, 59), 0), at(atLocal(12, 0, 0), 70)}, []Cell{{4, 70}}},
		{"the boundary itself is the new price",
			[]Reading{at(atLocal(9, 59, 59), 0), at(atLocal(10, 0, 0), 7), at(atLocal(12, 0, 0), 70)}, []Cell{{2, 63}, {4, 7}}},
		{"a late sample carries the old price up to itself",
			[]Reading{at(atLocal(9, 0, 0), 0), at(atLocal(10, 0, 5), 8), at(atLocal(12, 0, 0), 70)}, []Cell{{2, 62}, {4, 8}}},
		{"midnight inside valley is no boundary",
			[]Reading{at(atLocal(23, 30, 0), 0), at(atLocal(30, 0, 0), 70)}, []Cell{{6, 70}}},
		{"two looks in one second",
			[]Reading{at(atLocal(9, 0, 0), 0), at(atLocal(9, 0, 0), 5), at(atLocal(10, 0, 0), 9), at(atLocal(10, 0, 0), 10), at(atLocal(10, 0, 1), 12)}, []Cell{{2, 3}, {4, 9}}},
		{"energy while reserved has no price",
			[]Reading{reserved(at(atLocal(8, 0, 0), 0)), at(atLocal(8, 5, 0), 30), at(atLocal(8, 6, 0), 70)}, []Cell{{4, 40}}},
		{"energy while idle has",
			[]Reading{idle(at(atLocal(8, 0, 0), 0)), at(atLocal(8, 5, 0), 30)}, []Cell{{4, 30}}},
		{"all four rates",
			[]Reading{at(atLocal(6, 0, 0), 0), at(atLocal(7, 0, 0), 1), at(atLocal(18, 0, 0), 11), at(atLocal(19, 0, 0), 111), at(atLocal(20, 0, 0), 1111)},
			[]Cell{{0, 1000}, {2, 100}, {4, 10}, {6, 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := fourRatePlan(t)
			var q Quantities
			if err := plan.Measure(&q, c.readings); err != nil {
				t.Fatal(err)
			}
			meter := plan.Meter()
			for _, r := range c.readings {
				if err := meter.Add(r); err != nil {
					t.Fatal(err)
				}
			}
			for name, got := range map[string]Quantities{"Measure": q, "Meter": meter.Quantities()} {
				if fmt.Sprint(got.Cells) != fmt.Sprint(c.want) || len(got.Last)+len(got.Flats) != 0 {
					t.Errorf("%s: %v, want %v", name, got, c.want)
				}
			}
		})
	}
}

func TestMeasureRefusals(t *testing.T) {
	first := Reading{At: 1000, Energy: 50, Volume: 60}
	for _, c := range []struct {
		name string
		next Reading
		want error
		path string
	}{
		{"time before 1970", Reading{At: -1, Energy: 50, Volume: 60}, ErrReading, "At"},
		{"time after 9999", Reading{At: 253402300800, Energy: 50, Volume: 60}, ErrReading, "At"},
		{"negative energy register", Reading{At: 1000, Energy: -1, Volume: 60}, ErrReading, "Energy"},
		{"negative volume register", Reading{At: 1000, Energy: 50, Volume: -1}, ErrReading, "Volume"},
		{"unknown phase", Reading{At: 1000, Energy: 50, Volume: 60, Phase: 3}, ErrReading, "Phase"},
		{"time runs backwards", Reading{At: 999, Energy: 50, Volume: 60}, ErrBackwards, "At"},
		{"energy runs backwards", Reading{At: 1000, Energy: 49, Volume: 60}, ErrBackwards, "Energy"},
		{"volume runs backwards", Reading{At: 1000, Energy: 50, Volume: 59}, ErrBackwards, "Volume"},
		{"above the ceiling", Reading{At: 1000, Energy: 51 + 7 + EnergyOverrun, Volume: 60}, ErrAboveLimit, "Energy"},
		{"register at its end", Reading{At: 1000, Energy: math.MaxInt64, Volume: 60}, ErrAboveLimit, "Energy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := must[*Plan](t)(always(energy(1)).Compile(Limits{Energy: 7, Scale: 2}, utc8))
			meter := plan.Meter()
			if err := meter.Add(first); err != nil {
				t.Fatal(err)
			}
			wantError(t, meter.Add(c.next), c.want, c.path)
			if err := meter.Add(Reading{At: 1001, Energy: 50 + 7 + EnergyOverrun, Volume: 60}); err != nil {
				t.Errorf("after a refusal: %v", err)
			}
			if got := meter.Quantities().Cells; !reflect.DeepEqual(got, []Cell{{0, 7 + EnergyOverrun}}) {
				t.Errorf("a refused reading was booked: %v", got)
			}
			q := Quantities{Cells: []Cell{{5, 5}}}
			wantError(t, plan.Measure(&q, []Reading{first, c.next}), c.want, "readings[1]."+c.path)
			if len(q.Cells) != 0 {
				t.Errorf("Measure left %v", q.Cells)
			}
		})
	}
}

func TestDueNamesEachChange(t *testing.T) {
	plan := fourRatePlan(t)
	meter := plan.Meter()
	if at, ok := meter.Due(); ok {
		t.Errorf("due at %d before the first reading", at)
	}
	now := atLocal(0, 0, 0)
	for _, hour := range []int64{7, 10, 15, 18, 19, 21, 23, 31, 34} {
		if err := meter.Add(at(now, 0)); err != nil {
			t.Fatal(err)
		}
		if due, ok := meter.Due(); !ok || due != atLocal(hour, 0, 0) {
			t.Fatalf("after %d: due %d, %v; want %d", now, due, ok, atLocal(hour, 0, 0))
		}
		now = atLocal(hour, 0, 0)
	}
}

func TestDueNeverWithoutChanges(t *testing.T) {
	plan := must[*Plan](t)(always(energy(1)).Compile(Limits{Scale: 2}, []Offset{{}, {From: 5000, Seconds: 3600}}))
	meter := plan.Meter()
	if err := meter.Add(at(4000, 0)); err != nil {
		t.Fatal(err)
	}
	if at, ok := meter.Due(); ok {
		t.Errorf("due at %d", at)
	}
}

// nightTariff has a price from 02:30 to 03:30 and another for the rest.
func nightTariff() *Tariff {
	t := always()
	t.Elements = []Element{
		{When: Restrictions{Windows: []Window{{9000, 12_600}}}, Components: []Component{energy(1)}},
		{Components: []Component{energy(100)}},
	}
	return t
}

// TestDaylightSaving walks through the night in which the clocks of Amsterdam
// change, with a reading at each due moment; boundaries are written in UTC.
func TestDaylightSaving(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Skip("no zone data: ", err)
	}
	utc := func(month time.Month, day, hour, minute int) int64 {
		return time.Date(2025, month, day, hour, minute, 0, 0, time.UTC).Unix()
	}
	for _, c := range []struct {
		name string
		from int64
		due  []int64
	}{
		// 02:00 to 03:00 is missing: the price begins with the jump to 03:00, at 01:00 UTC.
		{"spring", utc(3, 29, 23, 0), []int64{utc(3, 30, 1, 0), utc(3, 30, 1, 30), utc(3, 31, 0, 30)}},
		// 02:30 occurs twice: 00:30 to 01:00 UTC, then the clock is set back to 02:00, and again from 01:30 to 02:30.
		{"autumn", utc(10, 25, 22, 0), []int64{utc(10, 26, 0, 30), utc(10, 26, 1, 0), utc(10, 26, 1, 30), utc(10, 26, 2, 30), utc(10, 27, 1, 30)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			offsets := OffsetsIn(amsterdam, time.Unix(c.from, 0), time.Unix(c.from+48*3600, 0))
			if len(offsets) != 2 {
				t.Fatalf("offsets %v", offsets)
			}
			plan := must[*Plan](t)(nightTariff().Compile(Limits{Scale: 2}, offsets))
			meter := plan.Meter()
			now := c.from
			for _, want := range c.due {
				if err := meter.Add(at(now, now)); err != nil {
					t.Fatal(err)
				}
				due, ok := meter.Due()
				if !ok || due != want {
					t.Fatalf("after %v: due %v, %v; want %v", time.Unix(now, 0).UTC(), time.Unix(due, 0).UTC(), ok, time.Unix(want, 0).UTC())
				}
				now = due
			}
		})
	}
}

// TestTransitionAtABoundary: the clock is set back exactly when the price would
// change, so it changes an hour later.
func TestTransitionAtABoundary(t *testing.T) {
	offsets := []Offset{{Seconds: 3600}, {From: 90_000, Seconds: 0}} // 02:00 local becomes 01:00 at 25:00 UTC
	tariff := always()
	tariff.Elements = []Element{
		{When: Restrictions{Windows: []Window{hours(2, 3)}}, Components: []Component{energy(1)}},
		{Components: []Component{energy(100)}},
	}
	plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 2}, offsets))
	meter := plan.Meter()
	if err := meter.Add(at(89_000, 0)); err != nil {
		t.Fatal(err)
	}
	if due, _ := meter.Due(); due != 93_600 {
		t.Errorf("due %d, want 93600", due)
	}
}

func TestOffsetsIn(t *testing.T) {
	load := func(name string) *time.Location {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skip("no zone data: ", err)
		}
		return zone
	}
	day := func(month time.Month, d int) time.Time { return time.Date(2025, month, d, 0, 0, 0, 0, time.UTC) }
	spring := time.Date(2025, 3, 30, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		zone     *time.Location
		from, to time.Time
		want     []Offset
	}{
		{"no change", load("Europe/Amsterdam"), day(1, 5), day(1, 7), []Offset{{day(1, 5).Unix(), 3600}}},
		{"one change", load("Europe/Amsterdam"), day(3, 29), day(3, 31), []Offset{{day(3, 29).Unix(), 3600}, {spring.Unix(), 7200}}},
		{"a change at the very end", load("Europe/Amsterdam"), day(3, 29), spring, []Offset{{day(3, 29).Unix(), 3600}, {spring.Unix(), 7200}}},
		{"the second before", load("Europe/Amsterdam"), day(3, 29), spring.Add(-time.Second), []Offset{{day(3, 29).Unix(), 3600}}},
		{"half an hour", load("Australia/Lord_Howe"), day(4, 1), day(4, 10), []Offset{{day(4, 1).Unix(), 39600}, {time.Date(2025, 4, 5, 15, 0, 0, 0, time.UTC).Unix(), 37800}}},
		{"China", load("Asia/Shanghai"), day(1, 1), day(12, 31), []Offset{{day(1, 1).Unix(), 28800}}},
		{"a new name alone", load("Europe/London"), time.Date(1968, 10, 20, 0, 0, 0, 0, time.UTC), time.Date(1968, 11, 1, 0, 0, 0, 0, time.UTC),
			[]Offset{{time.Date(1968, 10, 20, 0, 0, 0, 0, time.UTC).Unix(), 3600}}},
		{"UTC", time.UTC, day(1, 1), day(12, 31), []Offset{{day(1, 1).Unix(), 0}}},
		{"a fixed zone", time.FixedZone("", -12_600), day(1, 1), day(1, 2), []Offset{{day(1, 1).Unix(), -12_600}}},
	} {
		if got := OffsetsIn(c.zone, c.from, c.to); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestMeterIsItsOwn: quantities handed out do not change with later readings.
func TestMeterIsItsOwn(t *testing.T) {
	plan := fourRatePlan(t)
	meter, other := plan.Meter(), plan.Meter()
	for i, m := range []*Meter{meter, meter, other, other} {
		if err := m.Add(at(atLocal(8, 0, int64(i)), int64(i)*10)); err != nil {
			t.Fatal(err)
		}
	}
	early := meter.Quantities()
	if err := meter.Add(at(atLocal(9, 0, 0), 500)); err != nil {
		t.Fatal(err)
	}
	if early.Cells[0] != (Cell{4, 10}) || other.Quantities().Cells[0] != (Cell{4, 10}) {
		t.Errorf("early %v, other %v", early, other.Quantities())
	}
}

// TestOffsetsInPassesTheEndOfALeapYear: package time's bounds of an offset stand
// still there (2040-12-31 in zones with summer time). The transitions are those
// of the rule: the last Sundays of March and October, at 01:00 UTC.
func TestOffsetsInPassesTheEndOfALeapYear(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	at := func(year int, month time.Month, day, hour int) time.Time {
		return time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
	}
	got := OffsetsIn(amsterdam, at(2040, 1, 1, 0), at(2042, 1, 1, 0))
	want := []Offset{
		{at(2040, 1, 1, 0).Unix(), 3600}, {at(2040, 3, 25, 1).Unix(), 7200}, {at(2040, 10, 28, 1).Unix(), 3600},
		{at(2041, 3, 31, 1).Unix(), 7200}, {at(2041, 10, 27, 1).Unix(), 3600},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
