// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/tariff"
)

// priced is a tariff of elements at 2 decimals, rounded once, half up.
func priced(elements ...tariff.Element) *tariff.Tariff {
	return &tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 2, Elements: elements,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}
}

func always(components ...tariff.Component) tariff.Element {
	return tariff.Element{Components: components}
}

func component(d tariff.Dimension, class tariff.Class, price, step int64) tariff.Component {
	return tariff.Component{Dimension: d, Class: class, Price: price, Step: step}
}

// under is an order under a tariff, with a limit of the amount.
func under(t testing.TB, list *tariff.Tariff, amount int64) func(*qrproto.StartOrder) {
	t.Helper()
	b, err := qrproto.EncodeTariff(list)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *qrproto.StartOrder) { o.Tariff, o.Limits = b, &qrproto.Limits{Amount: amount} }
}

// kWhAndIdle costs 1.00 a kWh and, after 10 minutes of grace, 6.00 an hour of
// occupying.
func kWhAndIdle() *tariff.Tariff {
	list := priced(always(component(tariff.Energy, tariff.Electricity, 100, 0), component(tariff.IdleTime, tariff.Occupancy, 600, 0)))
	list.Idle.Grace = 600
	return list
}

// Each of these sessions takes 7.2 kW until the charger itself ends it. What is
// wanted follows from the prices alone.
func TestSessionEndsWithinItsAmount(t *testing.T) {
	hour := func(price, step int64) tariff.Element {
		return always(component(tariff.TimeSpent, tariff.Service, price, step))
	}
	tiers := []tariff.Element{
		{When: tariff.Restrictions{Energy: tariff.Span{Max: 1_000_000}}, Components: []tariff.Component{component(tariff.Energy, tariff.Electricity, 100, 0)}},
		always(component(tariff.Energy, tariff.Electricity, 1000, 0)),
	}
	for _, c := range []struct {
		name     string
		list     *tariff.Tariff
		amount   int64
		payable  [2]int64 // at least, at most
		duration [2]int64
	}{
		// 6.00 an hour is 1 fen each 6 s: 3.00 are up after half an hour.
		{"by the hour", priced(hour(600, 0)), 300, [2]int64{299, 300}, [2]int64{1796, 1802}},
		// A quarter of an hour costs 1.50, the second one is more than 2.00.
		{"by the begun quarter", priced(hour(600, 900)), 200, [2]int64{150, 150}, [2]int64{897, 900}},
		// 1 kWh at 1.00 in 500 s, then 2 fen a second: 5.00 are up 200 s later.
		{"over a tier", priced(tiers...), 500, [2]int64{496, 500}, [2]int64{697, 700}},
		// 2.00 at once, then 0.2 fen a second: 3.00 are up after 500 s.
		{"with a flat fee", priced(always(component(tariff.FlatFee, tariff.Service, 200, 0), component(tariff.Energy, tariff.Electricity, 100, 0))), 300,
			[2]int64{299, 300}, [2]int64{496, 502}},
	} {
		r := newRig(t, &charger.Options{Seal: charger.SealAtUnplug})
		o := r.accept(1, under(t, c.list, c.amount))
		r.read(1, 0)
		r.deliver(1, 7200, time.Second) // the contact opens as late as it may
		r.unplug(1)
		s := r.settlement(1)
		r.verify(o, s)
		within := func(v int64, bounds [2]int64) bool { return bounds[0] <= v && v <= bounds[1] }
		if !within(s.Payable, c.payable) || !within(s.Duration, c.duration) || s.Waived != 0 || s.Reason != qrproto.StopLimit {
			t.Errorf("%s: %d fen after %d s, waived %d, reason %d; want %v fen, %v s", c.name, s.Payable, s.Duration, s.Waived, s.Reason, c.payable, c.duration)
		}
	}
}

// Occupying costs from ten minutes after the stop until the plug is out, where
// the settlement waits for that, and nothing where it is made at the stop.
func TestOccupancyRunsUntilTheSettlement(t *testing.T) {
	for _, c := range []struct {
		name     string
		seal     charger.Seal
		label    tariff.Phase // what the meter's loop goes on to say
		parked   time.Duration
		occupied int64 // fen
	}{
		{"within its grace", charger.SealAtUnplug, tariff.Idle, 9 * time.Minute, 0},
		{"half an hour", charger.SealAtUnplug, tariff.Idle, 30 * time.Minute, 200},
		{"half an hour that the firmware calls charging", charger.SealAtUnplug, tariff.Charging, 30 * time.Minute, 200},
		{"half an hour after a settlement at the stop", charger.SealAtStop, tariff.Idle, 30 * time.Minute, 0},
	} {
		r := newRig(t, &charger.Options{Seal: c.seal})
		o := r.accept(1, under(t, kWhAndIdle(), 10_000))
		r.read(1, 0)
		r.charge(1, 500*time.Second, 7200) // 1 kWh
		if err := r.c.Stop(1, r.reading(0), qrproto.StopUser); err != nil {
			t.Fatal(err)
		}
		for range int64(c.parked / time.Minute) {
			r.pass(time.Minute)
			at := r.reading(0)
			at.Phase = c.label
			if err := r.c.Meter(1, at); err != nil {
				t.Fatal(err)
			}
		}
		r.unplug(1)
		s := lastOf(r.settlements())
		r.verify(o, s)
		if s.Payable != 100+c.occupied || s.Delivered != 1_000_000 {
			t.Errorf("%s: %d fen for %d mWh, want %d for 1 kWh", c.name, s.Payable, s.Delivered, 100+c.occupied)
		}
	}
}

func lastOf(list []*qrproto.Settlement) *qrproto.Settlement { return list[len(list)-1] }

// A cut while the plug waits to be taken out settles what was written at the
// stop: occupying that nobody saw is not billed.
func TestOccupancyEndsWithAPowerCut(t *testing.T) {
	r := newRig(t, &charger.Options{Seal: charger.SealAtUnplug})
	o := r.accept(1, under(t, kWhAndIdle(), 10_000))
	r.read(1, 0)
	r.charge(1, 500*time.Second, 7200)
	if err := r.c.Stop(1, r.reading(0), qrproto.StopUser); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Hour)
	r.read(1, 0)
	r.boot()
	s := lastOf(r.settlements())
	r.verify(o, s)
	if s.Payable != 100 || s.Reason != qrproto.StopUser {
		t.Errorf("%d fen, reason %d", s.Payable, s.Reason)
	}
}

// What only the server knows decides the price at the charger too.
func TestFactsOfTheOrderArePriced(t *testing.T) {
	reservation := tariff.Element{When: tariff.Restrictions{Reservation: tariff.AnyReservation},
		Components: []tariff.Component{component(tariff.TimeSpent, tariff.OtherFee, 400, 0)}}
	monthly := tariff.Element{When: tariff.Restrictions{Energy: tariff.Span{Max: 100_000_000}},
		Components: []tariff.Component{component(tariff.Energy, tariff.Electricity, 50, 0)}}
	rest := always(component(tariff.Energy, tariff.Electricity, 90, 0))
	for _, c := range []struct {
		name    string
		list    *tariff.Tariff
		facts   *qrproto.Facts
		payable int64 // for 1 kWh
	}{
		{"a month's first kilowatt-hour", priced(monthly, rest), nil, 50},
		{"its hundred-and-first", priced(monthly, rest), &qrproto.Facts{Energy: 100_000_000}, 90},
		{"one that is half below and half above", priced(monthly, rest), &qrproto.Facts{Energy: 99_500_000}, 70},
		{"after a reservation of half an hour", priced(reservation, rest), &qrproto.Facts{Reserved: 1800}, 290},
		{"without one", priced(reservation, rest), nil, 90},
	} {
		r := newRig(t, nil)
		o := r.accept(1, func(o *qrproto.StartOrder) {
			under(t, c.list, 10_000)(o)
			o.Facts = c.facts
		})
		r.read(1, 0)
		r.charge(1, 500*time.Second, 7200)
		if err := r.c.Stop(1, r.reading(0), qrproto.StopUser); err != nil {
			t.Fatal(err)
		}
		r.unplug(1)
		s := r.settlement(1)
		r.verify(o, s)
		if s.Payable != c.payable {
			t.Errorf("%s: %d fen, want %d", c.name, s.Payable, c.payable)
		}
	}
}

// water costs 0.50 a litre.
func water() *tariff.Tariff {
	return priced(always(component(tariff.Volume, tariff.Service, 50, 0)))
}

// aDispenser is a rig that sells volume.
func aDispenser(t *testing.T) *rig {
	r := newRig(t, nil)
	r.device.Measures = tariff.Volume
	r.boot()
	return r
}

// pour reads a dispenser each second for so many seconds at 6 litres a minute.
func (r *rig) pour(from int64, seconds int) (volume int64) {
	r.t.Helper()
	at := r.reading(0)
	at.Volume = from
	for range seconds {
		r.pass(time.Second)
		if r.c.Do(1).Relay {
			at.Volume += 100
		}
		if err := r.c.Meter(1, at); err != nil {
			r.t.Fatal(err)
		}
	}
	return at.Volume
}

func TestVolumeIsSoldLikeEnergy(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*qrproto.StartOrder)
		reason  qrproto.StopReason
		volume  [2]int64
		payable int64
	}{
		{"a target of three litres", func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetVolume, Value: 3000} },
			qrproto.StopTarget, [2]int64{2900, 3000}, 145},
		{"a limit of three litres", func(o *qrproto.StartOrder) { o.Limits = &qrproto.Limits{Volume: 3000} }, qrproto.StopLimit, [2]int64{2700, 3000}, 140},
		{"one yuan", func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetAmount, Value: 100} },
			qrproto.StopTarget, [2]int64{1700, 2000}, 95},
	} {
		r := aDispenser(t)
		o := r.accept(1, func(o *qrproto.StartOrder) { under(t, water(), 10_000)(o); c.change(o) })
		at := r.reading(0)
		at.Volume = 1_000_000
		if err := r.c.Start(1, at); err != nil {
			t.Fatal(err)
		}
		out := r.reading(0)
		out.Volume, out.Plugged = r.pour(1_000_000, 60), false
		if err := r.c.Meter(1, out); err != nil {
			t.Fatal(err)
		}
		s := r.settlement(1)
		r.verify(o, s)
		if s.Register != 1_000_000 || s.Delivered < c.volume[0] || s.Delivered > c.volume[1] || s.Total != s.Delivered ||
			s.Payable < c.payable || s.Payable > c.payable+10 || s.Reason != c.reason {
			t.Errorf("%s: %d mL from %d on for %d fen, reason %d", c.name, s.Delivered, s.Register, s.Payable, s.Reason)
		}
	}
}

// A dispenser that lost power knows its register again, and settles in mL.
func TestVolumeOutlivesAPowerCut(t *testing.T) {
	r := aDispenser(t)
	o := r.accept(1, under(t, water(), 10_000))
	at := r.reading(0)
	at.Volume = 1_000_000
	if err := r.c.Start(1, at); err != nil {
		t.Fatal(err)
	}
	r.pour(1_000_000, 40)
	r.boot()
	s := lastOf(r.settlements())
	r.verify(o, s)
	if s.Reason != qrproto.StopPowerLoss || s.Delivered < 2000 || s.Delivered > 4000 || s.Payable != (s.Delivered*50+500)/1000 {
		t.Errorf("settled %+v", s)
	}
}

// A device sells what it measures, and no reading says that a session is reserved.
func TestForeignMeasuresAreRefused(t *testing.T) {
	volume := func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetVolume, Value: 1} }
	both := priced(always(component(tariff.Energy, tariff.Electricity, 1, 0), component(tariff.Volume, tariff.Service, 1, 0)))
	energy, litres := newRig(t, nil), aDispenser(t)
	for name, c := range map[string]struct {
		r      *rig
		change func(*qrproto.StartOrder)
	}{
		"water from a charger":    {energy, under(t, water(), 100)},
		"litres of energy":        {energy, volume},
		"both at once":            {energy, under(t, both, 100)},
		"energy from a dispenser": {litres, nil},
		"kilowatt-hours of a dispenser's": {litres, func(o *qrproto.StartOrder) {
			under(t, water(), 100)(o)
			o.Target = &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 1}
		}},
	} {
		text := c.r.seal(c.r.order(c.r.identity(1), c.change))
		c.r.refused(name, settle.ErrPlan, c.r.scan(text))
	}
	r := newRig(t, nil)
	r.accept(1, nil)
	r.read(1, 0)
	at := r.reading(0)
	at.Phase = tariff.Reserved
	wants(t, "reserved", r.c.Meter(1, at), charger.ErrReading)
}

// A duration in Go ends after 292 years, a tier or a date of a tariff need not.
func TestPriceThatChangesInManyYearsIsNotWaitedFor(t *testing.T) {
	for name, change := range map[string]func(*tariff.Restrictions){
		"a tier of 300 years":      func(w *tariff.Restrictions) { w.Duration.Max = 10_000_000_000 },
		"a tier of 600 years":      func(w *tariff.Restrictions) { w.Duration.Max = 20_000_000_000 },
		"the longest tier":         func(w *tariff.Restrictions) { w.Duration.Max = 1<<53 - 1 },
		"until the year 2318":      func(w *tariff.Restrictions) { w.Until = tariff.Date(127_400) },
		"until the year 2500":      func(w *tariff.Restrictions) { w.Until = tariff.Date(193_600) },
		"until the last day known": func(w *tariff.Restrictions) { w.Until = tariff.Date(2_932_896) },
	} {
		for _, up := range []time.Duration{0, 100 * 365 * 24 * time.Hour} {
			r := newRig(t, &charger.Options{Armed: 50 * 365 * 24 * time.Hour})
			r.pass(up)
			element := always(component(tariff.Energy, tariff.Electricity, 100, 0))
			change(&element.When)
			r.accept(1, under(t, priced(element), 10000))
			r.pass(up / 4) // the car comes late
			r.read(1, 0)
			r.charge(1, 30*time.Second, 7200)
			if d := r.c.Do(1); !d.Relay || d.Wake != r.clock.Up+5*time.Second {
				t.Errorf("%s, up for %v: relay %v, wakes in %v", name, up, d.Relay, d.Wake-r.clock.Up)
			}
		}
	}
}
