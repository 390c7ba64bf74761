// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/testdata"
)

// goldenFeatures is what the golden bills must show between them.
const goldenFeatures = `
	dimension energy, dimension time, dimension idle, dimension flat, dimension volume
	class electricity, class service, class occupancy, class other
	rate unnamed, rate sharp, rate peak, rate flat, rate valley, rate deep-valley, rate rate-6, rate rate-7, rate rate-8
	window, window over midnight, window to 24:00, window to 00:00, window with seconds, windows
	days, from, until, reservation reservation, reservation expired-reservation
	Energy below, Energy from, Time below, Time from, Volume below, Volume from, Power below, Power from
	Current below, Current from, Duration below, Duration from, Idle below, Idle from
	step of energy, step of time, step of idle, step of volume, step that adds, step that adds nothing
	tax, tax of 0 %, taxes, four taxes, stacked taxes, tax included
	minimum, maximum, minimum with tax, maximum with tax, limit with tax included
	grace, grace per episode, grace retroactive, grace per episode and retroactive
	session cap, period cap 24-hours, period cap local-day, both caps
	price of zero, price below zero
	rounding session half-up, rounding session half-even, rounding session up, rounding session down
	rounding group half-up, rounding group half-even, rounding group up, rounding group down
	rounding component half-up, rounding component half-even, rounding component up, rounding component down
	paid with fewer decimals, currency of 0 decimals, currency of 2 decimals, currency of 3 decimals, currency of 4 decimals
	phase charging, phase idle, phase reserved, power, current
	reserved before, expired, opening energy, opening time, opening volume, limit of amount, limit of energy, limit of feedback
	credit of energy, offset back over midnight
	offset west, offset of half an hour, offset that grows, offset that shrinks
	line charge, line residue, line payable-rounding, line waived, line cap, line limit, line tax, line tax-residue
	negative cost, no cost, no lines`

// TestGoldenCoverage: nothing of the model is without a golden bill. What a
// tariff merely writes down counts as little as what no bill shows, so the
// features of elements are those of lines.
func TestGoldenCoverage(t *testing.T) {
	found := map[string]int{}
	names := must[[]string](t)(goldenNames(testdata.V1, goldenFolder, goldenLeast, goldenFiles))
	for _, name := range names {
		c := readGolden(t, testdata.V1, path.Join(goldenFolder, name))
		var bill Bill
		text := must[[]byte](t)(fs.ReadFile(testdata.V1, path.Join(goldenFolder, name, "bill.json")))
		if err := bill.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
		f := features{}
		f.rules(&c.tariff)
		f.session(&c.Session)
		plan := must[*Plan](t)(c.tariff.Compile(c.Session.Limits, c.Session.Offsets))
		f.bill(&bill, plan.Tariff())
		for name := range f {
			found[name]++
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(goldenFeatures), "\n") {
		for _, want := range strings.Split(strings.TrimSpace(line), ", ") {
			if found[want] == 0 {
				t.Errorf("no golden bill shows: %s", want)
			}
			t.Logf("%3d %s", found[want], want)
			delete(found, want)
		}
	}
	for name := range found {
		t.Errorf("not in the list: %s", name)
	}
}

// features are the names of what a scenario shows.
type features map[string]bool

func (f features) add(shown bool, format string, args ...any) {
	if shown {
		f[fmt.Sprintf(format, args...)] = true
	}
}

func (f features) rules(t *Tariff) {
	exponent, _ := t.Currency.Exponent()
	f.add(true, "currency of %d decimals", exponent)
	f.add(true, "rounding %v %v", t.Rounding.Unit, t.Rounding.Mode)
	f.add(int(t.Rounding.Payable) < exponent, "paid with fewer decimals")
	f.add(t.TaxIncluded, "tax included")
	f.add(t.Limit != PriceLimit{} && t.TaxIncluded, "limit with tax included")
	for i := range t.Elements {
		for _, w := range t.Elements[i].When.Windows {
			f.add(w.To == 0, "window to 00:00") // the normal form says 24:00
		}
	}
	r := &t.Idle
	f.add(r.Grace > 0 && !r.PerEpisode && !r.Retroactive, "grace")
	f.add(r.Grace > 0 && r.PerEpisode && !r.Retroactive, "grace per episode")
	f.add(r.Grace > 0 && !r.PerEpisode && r.Retroactive, "grace retroactive")
	f.add(r.Grace > 0 && r.PerEpisode && r.Retroactive, "grace per episode and retroactive")
	f.add(r.SessionCap > 0, "session cap")
	f.add(r.PeriodCap > 0, "period cap %v", r.Period)
	f.add(r.SessionCap > 0 && r.PeriodCap > 0, "both caps")
}

func (f features) session(s *Session) {
	facts := s.Limits.Facts
	f.add(facts.Reserved > 0, "reserved before")
	f.add(facts.Expired, "expired")
	f.add(facts.Energy > 0, "opening energy")
	f.add(facts.Time > 0, "opening time")
	f.add(facts.Volume > 0, "opening volume")
	f.add(s.Limits.Amount > 0, "limit of amount")
	f.add(s.Limits.Energy > 0, "limit of energy")
	f.add(s.Limits.Feedback > 0, "limit of feedback")
	for _, r := range s.Readings {
		f.add(true, "phase %v", r.Phase)
		f.add(r.Power > 0, "power")
		f.add(r.Current > 0, "current")
	}
	for i, o := range s.Offsets {
		f.add(o.Seconds < 0, "offset west")
		f.add(o.Seconds%3600 != 0, "offset of half an hour")
		f.add(i > 0 && o.Seconds > s.Offsets[0].Seconds, "offset that grows")
		f.add(i > 0 && o.Seconds < s.Offsets[0].Seconds, "offset that shrinks")
		if i > 0 {
			before := s.Offsets[i-1].Seconds
			f.add((o.From-1+int64(before))/86_400 > (o.From+int64(o.Seconds))/86_400, "offset back over midnight")
		}
	}
}

func (f features) bill(b *Bill, normal *Tariff) {
	f.add(b.Net.Units < 0, "negative cost")
	f.add(b.Net.Units == 0, "no cost")
	f.add(len(b.Lines) == 0, "no lines")
	f.add(b.Limit.Min > 0, "minimum")
	f.add(b.Limit.Max > 0, "maximum")
	f.add(b.Limit.Min > 0 && b.Limit.Gross, "minimum with tax")
	f.add(b.Limit.Max > 0 && b.Limit.Gross, "maximum with tax")
	for i := range b.Lines {
		l := &b.Lines[i]
		f.add(true, "line %v", l.Kind)
		f.add(l.Kind == TaxLine && l.Tax.Rate == 0, "tax of 0 %%")
		if l.Kind == ChargeLine {
			f.charge(l, normal)
			f.when(&normal.Elements[l.Element].When)
		}
	}
}

func (f features) charge(l *Line, normal *Tariff) {
	f.add(true, "dimension %v", l.Dimension)
	f.add(true, "class %v", l.Class)
	f.add(true, "rate %v", l.Rate)
	f.add(l.Measured < 0, "credit of energy")
	f.add(l.Price.Units == 0, "price of zero")
	f.add(l.Price.Units < 0, "price below zero")
	f.add(len(l.Taxes) == 1, "tax")
	f.add(len(l.Taxes) > 1, "taxes")
	f.add(len(l.Taxes) == MaxTaxes, "four taxes")
	f.add(len(l.Taxes) > 1 && l.Taxes[len(l.Taxes)-1].Stack > 0, "stacked taxes")
	for _, c := range normal.Elements[l.Element].Components {
		if c.Class == l.Class && c.Step > 0 {
			f.add(l.Step > 0, "step of %v", l.Dimension)
			f.add(l.Step > 0, "step that adds")
			f.add(l.Step == 0, "step that adds nothing")
		}
	}
}

func (f features) when(r *Restrictions) {
	f.add(len(r.Windows) > 1, "windows")
	for _, w := range r.Windows {
		f.add(w.From < w.To, "window")
		f.add(w.From > w.To && w.To > 0, "window over midnight")
		f.add(w.To == 86_400, "window to 24:00")
		f.add(w.From%60 != 0 || w.To%60 != 0, "window with seconds")
	}
	f.add(r.Days != 0, "days")
	f.add(r.From != 0, "from")
	f.add(r.Until != 0, "until")
	f.add(r.Reservation != NoReservation, "reservation %v", r.Reservation)
	for name, s := range map[string]Span{"Energy": r.Energy, "Time": r.Time, "Volume": r.Volume, "Power": r.Power,
		"Current": r.Current, "Duration": r.Duration, "Idle": r.Idle} {
		f.add(s.Min > 0, "%s from", name)
		f.add(s.Max > 0, "%s below", name)
	}
}
