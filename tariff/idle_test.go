// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// TestOccupancy: 20 yuan an hour of occupancy in steps of 15 minutes, 5 yuan
// each, and what grace, caps and free windows make of it. Worked by hand.
func TestOccupancy(t *testing.T) {
	fee := part(IdleTime, Occupancy, 2000, -1, 900)
	free := when(Restrictions{Windows: []Window{hours(22, 6)}}, part(IdleTime, Occupancy, 0, -1, 0))
	idle := func(minutes int64) stay { return stay{Idle, minutes * 60, 0, 0} }
	charge := func(minutes int64) stay { return stay{Charging, minutes * 60, 0, 0} }
	const quarter = 900
	for _, c := range []struct {
		name  string
		rule  IdleRule
		from  int64
		stays []stay
		want  string
	}{
		{"40 minutes are three quarters", IdleRule{}, 0, []stay{idle(40)}, "15.00"},
		{"of which the first is free", IdleRule{Grace: quarter}, 0, []stay{idle(40)}, "10.00"},
		{"within grace", IdleRule{Grace: quarter}, 0, []stay{idle(15)}, "0.00"},
		{"a second beyond grace", IdleRule{Grace: quarter}, 0, []stay{{Idle, 901, 0, 0}}, "5.00"},
		{"grace lost when it is exceeded", IdleRule{Grace: quarter, Retroactive: true}, 0, []stay{idle(40)}, "15.00"},
		{"retroactive, within grace", IdleRule{Grace: quarter, Retroactive: true}, 0, []stay{idle(15)}, "0.00"},
		{"grace once a session", IdleRule{Grace: quarter}, 0, []stay{idle(10), charge(5), idle(10)}, "5.00"},
		{"grace each time", IdleRule{Grace: quarter, PerEpisode: true}, 0, []stay{idle(10), charge(5), idle(10)}, "0.00"},
		{"grace each time, lost the second time", IdleRule{Grace: quarter, PerEpisode: true, Retroactive: true}, 0,
			[]stay{idle(10), charge(5), idle(30)}, "10.00"},
		{"grace once a session, lost for both", IdleRule{Grace: quarter, Retroactive: true}, 0,
			[]stay{idle(10), charge(5), idle(20)}, "10.00"},
		{"at most 30 a session", IdleRule{SessionCap: 3000}, 0, []stay{idle(120)}, "30.00"},
		{"the cap counts the step", IdleRule{SessionCap: 1200}, 0, []stay{idle(31)}, "12.00"},
		{"at most 30 each 24 hours", IdleRule{PeriodCap: 3000, Period: Per24Hours}, 0, []stay{idle(25 * 60)}, "50.00"},
		{"24 hours count from the start", IdleRule{PeriodCap: 3000, Period: Per24Hours}, 21 * 3600, []stay{idle(5 * 60)}, "30.00"},
		{"at most 30 each local day", IdleRule{PeriodCap: 3000, Period: PerLocalDay}, 20 * 3600, []stay{charge(60), idle(5 * 60)}, "20.00"},
		{"both caps", IdleRule{PeriodCap: 3000, Period: Per24Hours, SessionCap: 4500}, 0, []stay{idle(25 * 60)}, "45.00"},
		{"the night is free", IdleRule{}, 21 * 3600, []stay{idle(10 * 60)}, "40.00"},
		{"grace runs in a free window too", IdleRule{Grace: 2 * 3600}, 5 * 3600, []stay{idle(3 * 60)}, "20.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tariff := eur(element(fee))
			if c.name == "the night is free" || c.name == "grace runs in a free window too" || c.rule.Period == PerLocalDay {
				tariff.Elements = append([]Element{free}, tariff.Elements...)
			}
			tariff.Idle = c.rule
			plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 2}, []Offset{{}}))
			if b := walk(t, plan, c.from, c.stays); b.Payable.String() != c.want+" EUR" {
				t.Errorf("%v, want %s\n%v", b.Payable, c.want, lineTexts(b))
			}
		})
	}
}

// TestTiers: cut where the register passes them, not at readings; a month's
// opening quantity moves them.
func TestTiers(t *testing.T) {
	tariff := eur(when(Restrictions{Energy: Span{0, 10 * kWh}}, energy(100)), when(Restrictions{Energy: Span{10 * kWh, 30 * kWh}}, energy(50)), element(energy(20)))
	for _, c := range []struct {
		opening int64
		want    string // 40 kWh
	}{
		{0, "10.00 + 10.00 + 2.00 = 22.00 EUR"}, {5 * kWh, "5.00 + 10.00 + 3.00 = 18.00 EUR"}, {30 * kWh, "8.00 = 8.00 EUR"},
	} {
		plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 2, Facts: Facts{Energy: c.opening}}, []Offset{{}}))
		b := walk(t, plan, 0, []stay{{Charging, 3600, 40 * kWh, 0}})
		text := ""
		for i, l := range b.Lines {
			if i > 0 {
				text += " + "
			}
			text += string(AppendDecimal(nil, l.Amount.Units, 2))
		}
		if got := fmt.Sprint(text, " = ", b.Payable); got != c.want {
			t.Errorf("opening %d: %s, want %s", c.opening, got, c.want)
		}
	}
}

// TestLongDaysAndShortDays: durations count seconds, windows local time. The
// night of 2025-10-26 in Amsterdam has an hour more, that of 2025-03-30 one less.
func TestLongDaysAndShortDays(t *testing.T) {
	tariff := eur(when(Restrictions{Windows: []Window{hours(0, 6)}}, part(TimeSpent, OtherFee, 100, -1, 0)))
	for _, c := range []struct {
		from, change int64
		before       int32
		want         string
	}{
		{1_761_429_600, 1_761_440_400, 7200, "7.00 EUR"}, // 00:00 local, 01:00 UTC back to 02:00
		{1_743_289_200, 1_743_296_400, 3600, "5.00 EUR"}, // 00:00 local, 01:00 UTC forth to 03:00
	} {
		after := c.before - 3600
		if c.before == 3600 {
			after = 7200
		}
		plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 2}, []Offset{{0, c.before}, {c.change, after}}))
		m := plan.Meter()
		for now := c.from; now <= c.from+9*3600; now += 60 {
			if err := m.Add(Reading{At: now}); err != nil {
				t.Fatal(err)
			}
		}
		var b Bill
		if err := plan.Price(&b, m.Quantities()); err != nil || b.Payable.String() != c.want {
			t.Errorf("%v, %v; want %s", b.Payable, err, c.want)
		}
	}
}
