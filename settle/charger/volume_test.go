// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/tariff"
)

// perLitre is 1.00 a litre.
func perLitre(t testing.TB) []byte {
	t.Helper()
	b, err := qrproto.EncodeTariff(&tariff.Tariff{
		Rules: tariff.Rules1, Currency: "CNY", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Elements: []tariff.Element{{Components: []tariff.Component{{Dimension: tariff.Volume, Class: tariff.Electricity, Price: 100}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A pump at 30 litres a minute stops by itself where it is asked to, and before
// what must not be exceeded.
func TestAPumpEndsAtItsVolume(t *testing.T) {
	for name, tc := range map[string]struct {
		target      *qrproto.Target
		limits      qrproto.Limits
		reason      qrproto.StopReason
		least, most int64
	}{
		"a target":         {&qrproto.Target{Kind: qrproto.TargetVolume, Value: 20_000}, qrproto.Limits{Amount: 100_000}, qrproto.StopTarget, 19_000, 21_000},
		"a limit":          {nil, qrproto.Limits{Volume: 20_000}, qrproto.StopLimit, 15_000, 20_000},
		"a limit of money": {nil, qrproto.Limits{Amount: 2000}, qrproto.StopLimit, 15_000, 20_000},
	} {
		r := newRig(t, &charger.Options{Seal: charger.SealAtUnplug})
		r.device.Measures = tariff.Volume
		r.boot()
		o := r.accept(1, func(o *qrproto.StartOrder) {
			o.Tariff, o.Target, o.Limits = perLitre(t), tc.target, &tc.limits
		})
		var volume int64
		read := func() {
			t.Helper()
			if err := r.c.Meter(1, charger.Reading{Reading: tariff.Reading{Volume: volume}, Plugged: true}); err != nil {
				t.Fatal(err)
			}
		}
		read()
		for range 1000 {
			d := r.c.Do(1)
			step := d.Wake - r.clock.Up
			if !d.Relay {
				step = time.Second // the valve closes as late as it may
			}
			r.pass(step)
			volume += int64(step / (2 * time.Millisecond))
			read()
			if !d.Relay {
				break
			}
		}
		if err := r.c.Meter(1, charger.Reading{Reading: tariff.Reading{Volume: volume}}); err != nil {
			t.Fatal(err)
		}
		s := r.settlement(1)
		r.verify(o, s)
		if s.Reason != tc.reason || s.Delivered < tc.least || s.Delivered > tc.most || s.Waived != 0 {
			t.Errorf("%s: reason %d, %d mL, waived %d", name, s.Reason, s.Delivered, s.Waived)
		}
	}
}
