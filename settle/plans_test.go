// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// priced returns the canonical bytes of a tariff of its own for each price.
func priced(t testing.TB, price int64) []byte {
	t.Helper()
	own := twoRates(t)
	own.Elements[0].Components[0].Price = price
	b, err := qrproto.EncodeTariff(own)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPlansCompile: more tariffs than are remembered, each met three times, the
// last time under other limits and at another place, give the plans of Compile.
func TestPlansCompile(t *testing.T) {
	var plans settle.Plans
	for round, edit := range []func(*qrproto.StartOrder){
		func(*qrproto.StartOrder) {},
		func(*qrproto.StartOrder) {},
		func(o *qrproto.StartOrder) {
			o.Limits, o.Scale, o.Offsets = &qrproto.Limits{Energy: 9, Amount: 7}, 4, qrproto.Offsets{-3600}
		},
	} {
		for price := int64(1000); price < 2100; price++ {
			o := order(t, edit, func(o *qrproto.StartOrder) { o.Tariff = priced(t, price) })
			want, err := settle.Compile(o, nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got, err := plans.Compile(o, nil)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("round %d, price %d: another plan, or %v", round, price, err)
				}
			}
		}
	}
}

func TestPlansCompileRefusesWhatCompileRefuses(t *testing.T) {
	b := order(t).Tariff
	for _, c := range []struct {
		name      string
		edit      func(*qrproto.StartOrder)
		canonical []byte
		want      []error
	}{
		{"by hash, another given", byHash(t), priced(t, 7), []error{settle.ErrOtherTariff}},
		{"by hash, none given", byHash(t), nil, []error{qrproto.ErrTariff}},
		{"bytes that are no tariff", func(o *qrproto.StartOrder) { o.Tariff = []byte{0x80} }, b, []error{qrproto.ErrTariff}},
		{"amounts coarser than what is paid", func(o *qrproto.StartOrder) { o.Scale = 1 }, nil, []error{settle.ErrPlan, tariff.ErrScale}},
		{"more energy than a plan takes", func(o *qrproto.StartOrder) { o.Limits.Energy = tariff.MaxEnergy + 1 }, nil, []error{settle.ErrPlan, tariff.ErrLimits}},
		{"offsets out of order", func(o *qrproto.StartOrder) { o.Offsets = qrproto.Offsets{0, 9, 60, 8, 0} }, nil, []error{settle.ErrPlan, tariff.ErrOffsets}},
	} {
		var empty, full settle.Plans
		for _, known := range [][]byte{b, priced(t, 7)} {
			if _, err := full.Compile(order(t, func(o *qrproto.StartOrder) { o.Tariff = known }), nil); err != nil {
				t.Fatal(err)
			}
		}
		for which, plans := range map[string]*settle.Plans{"met before": &full, "not met": &empty} {
			plan, err := plans.Compile(order(t, c.edit), c.canonical)
			if plan != nil {
				t.Errorf("%s, %s: a plan", c.name, which)
			}
			for _, want := range c.want {
				if !errors.Is(err, want) {
					t.Errorf("%s, %s: %v, want %v", c.name, which, err, want)
				}
			}
		}
		if _, err := empty.Compile(order(t), nil); err != nil {
			t.Errorf("%s: then a sound order: %v", c.name, err)
		}
	}
}

func TestPlansServeManyAtOnce(t *testing.T) {
	var plans settle.Plans
	var wait sync.WaitGroup
	for worker := range int64(4) {
		wait.Go(func() {
			for i := range int64(400) {
				o := order(t, func(o *qrproto.StartOrder) { o.Tariff = priced(t, 1000+(i*7+worker)%1100) })
				if plan, err := plans.Compile(o, nil); err != nil || plan.Tariff().Elements[0].Components[0].Price != 1000+(i*7+worker)%1100 {
					t.Errorf("tariff %d: %v", i, err)
					return
				}
			}
		})
	}
	wait.Wait()
}
