// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// listed is a tariff of one element at 2 decimals.
func listed(components ...tariff.Component) *tariff.Tariff {
	return &tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 2, Elements: []tariff.Element{{Components: components}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}
}

func under(t testing.TB, list *tariff.Tariff) func(*qrproto.StartOrder) {
	t.Helper()
	b, err := qrproto.EncodeTariff(list)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *qrproto.StartOrder) { o.Tariff = b }
}

func TestCompilePassesTheFacts(t *testing.T) {
	plan := compile(t, order(t, func(o *qrproto.StartOrder) {
		o.Facts = &qrproto.Facts{Reserved: 900, Expired: 1, Energy: 5, Time: 6, Volume: 7}
	}))
	if want := (tariff.Facts{Reserved: 900, Expired: true, Energy: 5, Time: 6, Volume: 7}); plan.Limits().Facts != want {
		t.Errorf("%+v, want %+v", plan.Limits().Facts, want)
	}
}

func TestCompileRefusesATariffOfTwoMeasures(t *testing.T) {
	both := listed(tariff.Component{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 100},
		tariff.Component{Dimension: tariff.Volume, Class: tariff.Service, Price: 50})
	if _, err := settle.Compile(order(t, under(t, both)), nil); !errors.Is(err, settle.ErrPlan) {
		t.Errorf("%v, want %v", err, settle.ErrPlan)
	}
}

// TestVerifyHoldsQuantitiesAgainstTheSession: what is priced was delivered, and
// took no longer than the session. Time costs 6.00 an hour, idling 12.00, a
// litre 0.50.
func TestVerifyHoldsQuantitiesAgainstTheSession(t *testing.T) {
	timed := listed(tariff.Component{Dimension: tariff.TimeSpent, Class: tariff.Service, Price: 600},
		tariff.Component{Dimension: tariff.IdleTime, Class: tariff.Service, Price: 1200})
	water := listed(tariff.Component{Dimension: tariff.Volume, Class: tariff.Service, Price: 50})
	for _, c := range []struct {
		name      string
		list      *tariff.Tariff
		cells     qrproto.Cells
		duration  int64
		delivered int64
		payable   int64
		dispute   settle.Dispute
	}{
		{"all of the time", timed, qrproto.Cells{0, 1800, 1, 1800}, 3600, 0, 900, settle.Dispute{}},
		{"a second more than has passed", timed, qrproto.Cells{0, 1801, 1, 1800}, 3600, 0, 900, settle.Dispute{Path: "Duration", Claimed: 3600, Computed: 3601}},
		{"all of the water", water, qrproto.Cells{0, 3000}, 60, 3000, 150, settle.Dispute{}},
		{"more water than flowed", water, qrproto.Cells{0, 3000}, 60, 2999, 150, settle.Dispute{Path: "Delivered", Claimed: 2999, Computed: 3000}},
	} {
		o := order(t, under(t, c.list))
		s := settlement(t, o)
		s.Cells, s.Duration, s.Delivered, s.Total, s.Payable = c.cells, c.duration, c.delivered, c.delivered, c.payable
		_, err := settle.Verify(o, compile(t, o), s)
		var dispute *settle.Dispute
		switch errors.As(err, &dispute); {
		case c.dispute == settle.Dispute{} && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.dispute != settle.Dispute{} && (dispute == nil || *dispute != c.dispute):
			t.Errorf("%s: %v, want %v", c.name, err, &c.dispute)
		}
	}
}

// TestVerifyKnowsWhatTheSessionCannotHaveHad: a device that charges for a
// reservation of its own invention, at 4.00 an hour.
func TestVerifyKnowsWhatTheSessionCannotHaveHad(t *testing.T) {
	list := listed(tariff.Component{Dimension: tariff.TimeSpent, Class: tariff.OtherFee, Price: 400})
	list.Elements[0].When.Reservation = tariff.AnyReservation
	for _, c := range []struct {
		name  string
		facts *qrproto.Facts
		ok    bool
	}{
		{"as the order knows it", &qrproto.Facts{Reserved: 900}, true},
		{"longer than the order knows", &qrproto.Facts{Reserved: 899}, false},
		{"of which the order knows nothing", nil, false},
	} {
		o := order(t, under(t, list), func(o *qrproto.StartOrder) { o.Facts = c.facts })
		s := settlement(t, o)
		s.Cells, s.Delivered, s.Total, s.Payable = qrproto.Cells{0, 900}, 0, 0, 100
		_, err := settle.Verify(o, compile(t, o), s)
		var dispute *settle.Dispute
		if (err == nil) != c.ok || err != nil && (!errors.As(err, &dispute) || dispute.Path != "Cells") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
