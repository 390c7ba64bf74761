// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// The worked examples of the OCPI documents, as sessions. Prices are in cents,
// VAT in percent, steps in the unit of OCPI (Wh, s).

func vat(percent10 int32) []Tax {
	if percent10 < 0 {
		return nil
	}
	return []Tax{{Name: "VAT", Rate: percent10 * 100}}
}

func part(d Dimension, class Class, cents int64, percent10 int32, step int64) Component {
	if d == Energy {
		step *= 1000
	}
	return Component{Dimension: d, Class: class, Price: cents, Step: step, Taxes: vat(percent10)}
}

func eur(elements ...Element) *Tariff {
	return &Tariff{Rules: Rules1, Currency: "EUR", Scale: 2, Elements: elements,
		Rounding: Rounding{Unit: PerSession, Mode: HalfUp, Payable: 2}}
}

func element(c ...Component) Element { return Element{Components: c} }

func when(r Restrictions, c ...Component) Element { return Element{When: r, Components: c} }

// stay is a part of a session: seconds in a phase, and what was drawn evenly.
type stay struct {
	phase   Phase
	seconds int64
	mWh     int64
	watts   int32
}

// walk meters stays from a local time of 2026-03-02 on (UTC+0), reading at
// their ends and whenever the meter says so.
func walk(t *testing.T, plan *Plan, from int64, stays []stay) *Bill {
	t.Helper()
	m := plan.Meter()
	now, register := int64(1_772_409_600)+from, int64(0)
	add := func(s stay, at, energy int64) {
		if err := m.Add(Reading{At: at, Energy: energy, Power: s.watts, Phase: s.phase}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range stays {
		add(s, now, register)
		for {
			due, ok := m.Due()
			if !ok || due >= now+s.seconds {
				break
			}
			add(s, due, register+s.mWh*(due-now)/s.seconds)
		}
		now, register = now+s.seconds, register+s.mWh
	}
	if len(stays) > 0 {
		add(stays[len(stays)-1], now, register)
	}
	bill := new(Bill)
	if err := plan.Price(bill, m.Quantities()); err != nil {
		t.Fatal(err)
	}
	if err := bill.Check(); err != nil {
		t.Fatalf("%v: %+v", err, bill)
	}
	return bill
}

const kWh = 1_000_000

func TestWorkedExamples(t *testing.T) {
	energy25 := part(Energy, Electricity, 25, 100, 1)
	nine := []Component{part(FlatFee, OtherFee, 50, 200, 0), energy25}
	reserved := func(c ...Component) Element { return when(Restrictions{Reservation: AnyReservation}, c...) }
	expired := func(c ...Component) Element { return when(Restrictions{Reservation: ExpiredReservation}, c...) }
	draw20 := stay{Charging, 3600, 20 * kWh, 0}
	limited := eur(element(energy25))
	limited.Limit = PriceLimit{Min: 50}
	parking := eur(
		when(Restrictions{Windows: []Window{hours(0, 17)}}, part(TimeSpent, OtherFee, 120, -1, 1800)),
		when(Restrictions{Windows: []Window{hours(17, 24)}}, part(TimeSpent, OtherFee, 240, -1, 900)),
		when(Restrictions{Windows: []Window{hours(0, 20)}}, part(IdleTime, OtherFee, 100, -1, 900)))
	power := eur(when(Restrictions{Power: Span{0, 16_000}}, part(Energy, Electricity, 20, 200, 0)),
		when(Restrictions{Power: Span{0, 32_000}}, part(Energy, Electricity, 35, 200, 0)),
		element(part(Energy, Electricity, 50, 200, 0)))
	seventeen := eur(expired(part(FlatFee, OtherFee, 400, 200, 0)), reserved(part(TimeSpent, OtherFee, 200, 200, 600)), element(nine...))
	for _, c := range []struct {
		name          string
		tariff        *Tariff
		facts         Facts
		from          int64
		stays         []stay
		net, gross    string
		exact, gross1 string
	}{
		{"8: energy", eur(element(energy25)), Facts{}, 0, []stay{draw20}, "5.00", "5.50", "5/1", "11/2"},
		{"9: flat and energy", eur(element(nine...)), Facts{}, 0, []stay{draw20}, "5.50", "6.10", "11/2", "61/10"},
		{"12: energy above the minimum", limited, Facts{}, 0, []stay{draw20}, "5.00", "5.50", "5/1", "11/2"},
		{"10: 40 minutes of parking are billed as 45", eur(element(append(nine, part(IdleTime, OtherFee, 200, 200, 900))...)), Facts{}, 0,
			[]stay{draw20, {Idle, 2400, 0, 0}}, "7.00", "7.90", "7/1", "79/10"},
		{"1: time", eur(element(part(TimeSpent, OtherFee, 200, 100, 60))), Facts{}, 0, []stay{{Charging, 9000, 0, 0}}, "5.00", "5.50", "5/1", "11/2"},
		{"13: only parking is rounded", eur(element(part(TimeSpent, OtherFee, 300, 100, 60), part(IdleTime, OtherFee, 500, 200, 300))), Facts{}, 0,
			[]stay{{Charging, 9000, 0, 0}, {Idle, 2520, 0, 0}}, "11.25", "12.75", "45/4", "51/4"},
		{"2: a total with tax of 4.997", eur(element(part(TimeSpent, OtherFee, 190, 52, 300))), Facts{}, 0, []stay{{Charging, 9000, 0, 0}},
			"4.75", "5.00", "19/4", "4997/1000"},
		{"15: a reservation before", eur(reserved(part(TimeSpent, OtherFee, 500, 200, 60)), element(nine...)), Facts{Reserved: 900}, 0,
			[]stay{draw20}, "6.75", "7.60", "27/4", "38/5"},
		{"15: the same, metered", eur(reserved(part(TimeSpent, OtherFee, 500, 200, 60)), element(nine...)), Facts{}, 0,
			[]stay{{Reserved, 900, 0, 0}, draw20}, "6.75", "7.60", "27/4", "38/5"},
		{"17: reserved for 22 minutes, billed as 30", seventeen, Facts{Reserved: 1320}, 0, []stay{draw20}, "6.50", "7.30", "13/2", "73/10"},
		{"17: expired after an hour", seventeen, Facts{Reserved: 3600, Expired: true}, 0, []stay{{Charging, 0, 0, 0}}, "6.00", "7.20", "6/1", "36/5"},
		{"14a: time before and after 17:00, then parking", parking, Facts{}, 16*3600 + 55*60,
			[]stay{{Charging, 600, 0, 0}, {Idle, 120, 0, 0}}, "0.55", "0.55", "11/20", "11/20"},
		{"power", power, Facts{}, 0, []stay{{Charging, 600, kWh, 6000}, {Charging, 3000, 40 * kWh, 48_000}, {Charging, 450, kWh / 2, 4000}},
			"20.30", "24.36", "203/10", "609/25"},
		{"a CDR of time and parking: 21 and 10 minutes are billed", eur(element(part(TimeSpent, OtherFee, 100, -1, 300), part(IdleTime, OtherFee, 60, -1, 300))),
			Facts{}, 0, []stay{{Charging, 1260, 0, 0}, {Idle, 420, 0, 0}}, "0.45", "0.45", "9/20", "9/20"},
		{"a CDR of two prices: 5.4 kWh are billed as 5.5", eur(
			when(Restrictions{Windows: []Window{hours(0, 12)}}, part(Energy, Electricity, 20, -1, 500)), element(part(Energy, Electricity, 27, -1, 500))),
			Facts{}, 11 * 3600, []stay{{Charging, 3600, 4_300_000, 0}, {Charging, 900, 1_100_000, 0}}, "1.18", "1.18", "148/125", "148/125"},
		{"115.2 Wh are billed as 500", eur(element(part(Energy, Electricity, 25, -1, 500))), Facts{}, 0, []stay{{Charging, 60, 115_200, 0}}, "0.13", "0.13", "1/8", "1/8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := must[*Plan](t)(c.tariff.Compile(Limits{Scale: 2, Facts: c.facts}, []Offset{{}}))
			bill := walk(t, plan, c.from, c.stays)
			if bill.Net.String() != c.net+" EUR" || bill.Gross.String() != c.gross+" EUR" || bill.Exact.String() != c.exact || bill.ExactGross.String() != c.gross1 {
				t.Errorf("%v / %v, exact %v / %v; want %s / %s, %s / %s", bill.Net, bill.Gross, bill.Exact, bill.ExactGross, c.net, c.gross, c.exact, c.gross1)
			}
		})
	}
}
