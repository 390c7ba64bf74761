// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// TestWhatIsMeasuredIsPossible: no session that readings show is refused.
func TestWhatIsMeasuredIsPossible(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	judged := 0
	for i := range 6000 {
		w := randomWorld(r)
		if i%2 == 0 {
			w = denseWorld(r)
		}
		for i := range w.readings {
			if w.readings[i].Phase == Reserved { // is a fact of the order instead
				w.readings[i].Phase = Charging
			}
		}
		p, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil || p.Prices(Energy) && p.Prices(Volume) {
			continue
		}
		var q Quantities
		if err := p.Measure(&q, w.readings); err != nil {
			continue
		}
		first, last := w.readings[0], w.readings[len(w.readings)-1]
		delivered := last.Energy - first.Energy
		if p.Prices(Volume) {
			delivered = last.Volume - first.Volume
		}
		if err := p.Possible(q, last.At-first.At, delivered); err != nil {
			t.Fatalf("%+v of %d s, %d delivered, under %+v, %+v: %v", q, last.At-first.At, delivered, w.limits.Facts, *p.Tariff(), err)
		}
		judged++
	}
	if judged < 300 {
		t.Errorf("only %d sessions were judged", judged)
	}
}

// TestImpossibleRecordsAreRefused, each beside one that is possible.
func TestImpossibleRecordsAreRefused(t *testing.T) {
	const hour, price = 3600, 501
	const full = 24*hour*price - 1000*hour // above the cap of a whole day
	reserved := func(kind Reservation, c ...Component) Element {
		return Element{When: Restrictions{Reservation: kind}, Components: c}
	}
	of := func(d Dimension, class Class, price int64) Component {
		return Component{Dimension: d, Class: class, Price: price}
	}
	booking := []Element{reserved(ExpiredReservation, of(FlatFee, Service, 2000)), reserved(AnyReservation, of(TimeSpent, Service, 600), of(FlatFee, Service, 400))}
	tiers := []Element{{When: Restrictions{Energy: Span{Max: 100}}, Components: []Component{energy(50)}}, {When: Restrictions{Energy: Span{Min: 100}}, Components: []Component{energy(90)}}}
	idle := []Element{{Components: []Component{of(IdleTime, Occupancy, price)}}}
	daily := IdleRule{PeriodCap: 1000, Period: Per24Hours}
	for _, c := range []struct {
		name                string
		elements            []Element
		rule                IdleRule
		facts               Facts
		q                   Quantities
		duration, delivered int64
		ok                  bool
	}{
		{"a quarter of an hour reserved", booking, IdleRule{}, Facts{Reserved: 900}, Quantities{Cells: []Cell{{0, 900}}, Flats: []int{2}}, hour, 0, true},
		{"a second more", booking, IdleRule{}, Facts{Reserved: 900}, Quantities{Cells: []Cell{{0, 901}}}, hour, 0, false},
		{"a reservation that there was not", booking, IdleRule{}, Facts{}, Quantities{Cells: []Cell{{0, 1}}}, hour, 0, false},
		{"its flat fee", booking, IdleRule{}, Facts{}, Quantities{Flats: []int{2}}, hour, 0, false},
		{"the fee of an expired one", booking, IdleRule{}, Facts{Reserved: 900, Expired: true}, Quantities{Flats: []int{1}}, hour, 0, true},
		{"of one that did not expire", booking, IdleRule{}, Facts{Reserved: 900}, Quantities{Flats: []int{1}}, hour, 0, false},

		{"40 below the tier's end, 60 above", tiers, IdleRule{}, Facts{Energy: 60}, Quantities{Cells: []Cell{{0, 40}, {1, 60}}}, hour, 100, true},
		{"more below than it had left", tiers, IdleRule{}, Facts{Energy: 60}, Quantities{Cells: []Cell{{0, 41}, {1, 59}}}, hour, 100, false},
		{"more above than came so far", tiers, IdleRule{}, Facts{Energy: 60}, Quantities{Cells: []Cell{{1, 61}}}, hour, 100, false},

		{"idle but for its grace", idle, IdleRule{Grace: 600}, Facts{}, Quantities{Cells: []Cell{{0, 3000}}}, hour, 0, true},
		{"idle with its grace", idle, IdleRule{Grace: 600}, Facts{}, Quantities{Cells: []Cell{{0, 3001}}}, hour, 0, false},
		{"all of it once grace is over", idle, IdleRule{Grace: 600, Retroactive: true}, Facts{}, Quantities{Cells: []Cell{{0, hour}}}, hour, 0, true},
		{"within a retroactive grace", idle, IdleRule{Grace: hour, Retroactive: true}, Facts{}, Quantities{Cells: []Cell{{0, hour}}}, hour, 0, false},

		{"ten hours of one day", idle, daily, Facts{}, Quantities{Cells: []Cell{{0, 10 * hour}, {2, 10 * hour * price}}}, 10 * hour, 0, true},
		{"ten hours that would be of earlier days", idle, daily, Facts{}, Quantities{Cells: []Cell{{0, 10 * hour}}}, 10 * hour, 0, false},
		{"an earlier day at its cap", idle, daily, Facts{}, Quantities{Cells: []Cell{{0, 34 * hour}, {1, full}, {2, 10 * hour * price}}}, 34 * hour, 0, true},
		{"an earlier day above its cap", idle, daily, Facts{}, Quantities{Cells: []Cell{{0, 34 * hour}, {1, full - 1}, {2, 10 * hour * price}}}, 34 * hour, 0, false},
	} {
		list := &Tariff{Rules: Rules1, Currency: "EUR", Scale: 2, Elements: c.elements, Idle: c.rule, Rounding: Rounding{PerSession, HalfUp, 2}}
		p, err := list.Compile(Limits{Scale: 2, Facts: c.facts}, utc8)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var bill Bill
		if err := p.Price(&bill, c.q); err != nil {
			t.Errorf("%s: has no price: %v", c.name, err)
		}
		if err := p.Possible(c.q, c.duration, c.delivered); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrQuantities) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestPriceRefusesPeriodsThatAreNoPartOfTheFees: five hours at 5.01 under a cap
// of 10.00 a day.
func TestPriceRefusesPeriodsThatAreNoPartOfTheFees(t *testing.T) {
	list := &Tariff{Rules: Rules1, Currency: "EUR", Scale: 2, Idle: IdleRule{PeriodCap: 1000, Period: Per24Hours}, Rounding: Rounding{PerSession, HalfUp, 2},
		Elements: []Element{{Components: []Component{{Dimension: IdleTime, Class: Occupancy, Price: 501}}}}}
	p, err := list.Compile(Limits{Scale: 2}, utc8)
	if err != nil {
		t.Fatal(err)
	}
	const fees = 5 * 3600 * 501
	for name, c := range map[string]struct {
		cells []Cell
		ok    bool
	}{
		"all in one period":                    {[]Cell{{0, 18000}, {2, fees}}, true},
		"more in the period than in all":       {[]Cell{{0, 18000}, {2, fees + 1}}, false},
		"above the cap what was never charged": {[]Cell{{0, 18000}, {1, 360_000_000}}, false},
		"above a cap that was not reached":     {[]Cell{{0, 18000}, {1, 1}, {2, fees - 1}}, false},
		"periods without a fee":                {[]Cell{{2, 1}}, false},
	} {
		var bill Bill
		err := p.Price(&bill, Quantities{Cells: c.cells})
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrQuantities) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (bill.Payable.Units != 1000 || bill.Check() != nil) {
			t.Errorf("%s: %v, %v", name, bill.Payable, bill.Check())
		}
	}
}
