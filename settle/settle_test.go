// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

var number = []byte{0x32, 0x01, 0x07}

// issued is 2026-11-22 12:00:00 UTC.
const issued = 1795348800

// twoRates costs 1.20 yuan a kWh from noon on and 0.50 before, local time. In
// the normal form the peak's electricity and service are components 0 and 1,
// the valley's 2 and 3; each pair shares a cell.
func twoRates(t testing.TB) *tariff.Tariff {
	t.Helper()
	g := tariff.Grid{
		Scale:    2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates: []tariff.GridRate{
			{Name: tariff.Peak, Electricity: 100, Service: 20},
			{Name: tariff.Valley, Electricity: 30, Service: 20},
		},
	}
	for i := range 24 {
		g.Slots[i] = 1
	}
	out, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func order(t testing.TB, edits ...func(*qrproto.StartOrder)) *qrproto.StartOrder {
	t.Helper()
	b, err := qrproto.EncodeTariff(twoRates(t))
	if err != nil {
		t.Fatal(err)
	}
	o := &qrproto.StartOrder{
		ID: qrproto.OrderID{1}, Charger: number, Connector: 2, Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1}},
		Issued: issued, Window: 180, Tariff: b, Offsets: qrproto.Offsets{28800}, Scale: 2,
		Limits: &qrproto.Limits{Energy: 80_000_000, Amount: 10_000}, Funding: qrproto.FundingHold,
	}
	for _, edit := range edits {
		edit(o)
	}
	return o
}

func byHash(t testing.TB) func(*qrproto.StartOrder) {
	hash, err := qrproto.TariffHash(twoRates(t))
	if err != nil {
		t.Fatal(err)
	}
	ref := hash.Ref()
	return func(o *qrproto.StartOrder) { o.Tariff, o.TariffHash = nil, &ref }
}

func compile(t testing.TB, o *qrproto.StartOrder) *tariff.Plan {
	t.Helper()
	plan, err := settle.Compile(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// settlement is over 10 kWh at the peak and 4 in the valley: 12.00 + 2.00.
func settlement(t testing.TB, o *qrproto.StartOrder) *qrproto.Settlement {
	t.Helper()
	sum, err := qrproto.Sum(o)
	if err != nil {
		t.Fatal(err)
	}
	return &qrproto.Settlement{
		Number: number, Connector: 2, Seq: 1, Order: sum.Ref(), Boot: 1, Start: issued, Duration: 3600,
		Register: 1_000, Delivered: 14_000_000, Cells: qrproto.Cells{0, 10_000_000, 2, 4_000_000},
		Payable: 1400, Reason: qrproto.StopFull, Total: 14_000_000,
	}
}

func TestCompile(t *testing.T) {
	for name, edit := range map[string]func(*qrproto.StartOrder){
		"embedded": func(*qrproto.StartOrder) {},
		"by hash":  byHash(t),
	} {
		plan, err := settle.Compile(order(t, edit), twoRates(t))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := (tariff.Limits{Energy: 80_000_000, Amount: 10_000, Scale: 2}); plan.Limits() != want {
			t.Errorf("%s: limits %+v, want %+v", name, plan.Limits(), want)
		}
		// Noon at the device is 04:00 UTC.
		const noon = issued - 8*3600
		var q tariff.Quantities
		if err := plan.Measure(&q, []tariff.Reading{{At: noon - 60}, {At: noon, Energy: 3}, {At: noon + 60, Energy: 10}}); err != nil {
			t.Fatal(err)
		}
		if want := []tariff.Cell{{Index: 0, Quantity: 7}, {Index: 2, Quantity: 3}}; !reflect.DeepEqual(q.Cells, want) {
			t.Errorf("%s: cells %v, want %v", name, q.Cells, want)
		}
	}
	plan := compile(t, order(t, func(o *qrproto.StartOrder) { o.Limits = nil }))
	if want := (tariff.Limits{Scale: 2}); plan.Limits() != want {
		t.Errorf("without limits: %+v", plan.Limits())
	}
}

func TestCompileRefuses(t *testing.T) {
	other := twoRates(t)
	other.Elements[0].Components[0].Price++
	bad := twoRates(t)
	bad.Currency = "XXX"
	for _, c := range []struct {
		name string
		edit func(*qrproto.StartOrder)
		held *tariff.Tariff
		want []error
	}{
		{"by hash, nothing held", byHash(t), nil, []error{settle.ErrOtherTariff}},
		{"by hash, another held", byHash(t), other, []error{settle.ErrOtherTariff}},
		{"by hash, none that could be named", byHash(t), bad, []error{qrproto.ErrTariff}},
		{"bytes that are no tariff", func(o *qrproto.StartOrder) { o.Tariff = []byte{0x80} }, twoRates(t), []error{qrproto.ErrTariff}},
		{"bytes cut off", func(o *qrproto.StartOrder) { o.Tariff = o.Tariff[:len(o.Tariff)-1] }, nil, []error{qrproto.ErrTariff}},
		{"amounts coarser than what is paid", func(o *qrproto.StartOrder) { o.Scale = 1 }, nil, []error{settle.ErrPlan, tariff.ErrScale}},
		{"more energy than a plan takes", func(o *qrproto.StartOrder) { o.Limits.Energy = tariff.MaxEnergy + 1 }, nil, []error{settle.ErrPlan, tariff.ErrLimits}},
		{"offsets out of order", func(o *qrproto.StartOrder) { o.Offsets = qrproto.Offsets{0, 9, 60, 8, 0} }, nil, []error{settle.ErrPlan, tariff.ErrOffsets}},
	} {
		plan, err := settle.Compile(order(t, c.edit), c.held)
		if plan != nil {
			t.Errorf("%s: a plan", c.name)
		}
		for _, want := range c.want {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", c.name, err, want)
			}
		}
	}
}

func TestPutAndQuantities(t *testing.T) {
	for name, c := range map[string]struct {
		q    tariff.Quantities
		want qrproto.Settlement
	}{
		"nothing": {},
		"cells": {tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: 5}, {Index: 9, Quantity: 1 << 40}}},
			qrproto.Settlement{Cells: qrproto.Cells{0, 5, 9, 1 << 40}}},
		"all": {tariff.Quantities{Cells: []tariff.Cell{{Index: 3, Quantity: 1}}, Last: []int{3, 4}, Flats: []int{7}},
			qrproto.Settlement{Cells: qrproto.Cells{3, 1}, Last: []uint16{3, 4}, Flats: []uint16{7}}},
	} {
		// What stood there before must go.
		got := qrproto.Settlement{Cells: qrproto.Cells{1, 1}, Last: []uint16{1}, Flats: []uint16{1}}
		settle.Put(&got, c.q)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: put %+v, want %+v", name, got, c.want)
		}
		if back := settle.Quantities(&got); !reflect.DeepEqual(back, c.q) {
			t.Errorf("%s: back %+v, want %+v", name, back, c.q)
		}
	}
}

func TestPrice(t *testing.T) {
	o := order(t)
	plan := compile(t, o)
	for _, c := range []struct {
		name            string
		cells           qrproto.Cells
		payable, waived int64
		err             error
	}{
		{"both rates", qrproto.Cells{0, 10_000_000, 2, 4_000_000}, 1400, 0, nil},
		{"nothing", nil, 0, 0, nil},
		{"half a fen rounds up", qrproto.Cells{2, 10_000}, 1, 0, nil},
		{"less rounds down", qrproto.Cells{2, 9_999}, 0, 0, nil},
		{"above the limit of 100.00", qrproto.Cells{0, 85_000_000}, 10_000, 200, nil},
		{"a component without a cell", qrproto.Cells{1, 5}, 0, 0, tariff.ErrQuantities},
		{"no component", qrproto.Cells{4, 5}, 0, 0, tariff.ErrQuantities},
		{"less than nothing", qrproto.Cells{0, -5}, 0, 0, tariff.ErrQuantities},
		{"more than any overrun", qrproto.Cells{0, 200_000_000}, 0, 0, tariff.ErrAboveLimit},
	} {
		var bill tariff.Bill
		s := settlement(t, o)
		s.Cells = c.cells
		err := settle.Price(&bill, o, plan, s)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
			continue
		}
		if err == nil && (bill.Payable != tariff.Money{Units: c.payable, Scale: 2, Currency: "CNY"} || bill.Waived.Units != c.waived || bill.Check() != nil) {
			t.Errorf("%s: payable %v, waived %v", c.name, bill.Payable, bill.Waived)
		}
	}
}

func TestVerify(t *testing.T) {
	for name, c := range map[string]struct {
		edit    func(*qrproto.StartOrder)
		payable int64
		waived  int64
	}{
		"below the limit": {func(*qrproto.StartOrder) {}, 1400, 0},
		"at the limit":    {func(o *qrproto.StartOrder) { o.Limits.Amount = 1400 }, 1400, 0},
		"above the limit": {func(o *qrproto.StartOrder) { o.Limits.Amount = 1000 }, 1000, 400},
		"without a limit": {func(o *qrproto.StartOrder) { o.Limits = nil }, 1400, 0},
	} {
		o := order(t, c.edit)
		s := settlement(t, o)
		s.Payable, s.Waived = c.payable, c.waived
		bill, err := settle.Verify(o, compile(t, o), s)
		if err != nil || bill.Payable.Units != c.payable || bill.Waived.Units != c.waived {
			t.Errorf("%s: %v, %v", name, bill, err)
		}
	}
}

func TestVerifyOtherOrder(t *testing.T) {
	o := order(t)
	for name, spoil := range map[string]func(*qrproto.Settlement){
		"another hash":      func(s *qrproto.Settlement) { s.Order[15] ^= 1 },
		"another device":    func(s *qrproto.Settlement) { s.Number = []byte{0x32, 0x01, 0x08} },
		"another connector": func(s *qrproto.Settlement) { s.Connector = 1 },
	} {
		s := settlement(t, o)
		spoil(s)
		if bill, err := settle.Verify(o, compile(t, o), s); bill != nil || !errors.Is(err, settle.ErrOtherOrder) || errors.Is(err, settle.ErrDispute) {
			t.Errorf("%s: %v, %v", name, bill, err)
		}
	}
	bad := order(t)
	plan := compile(t, bad)
	bad.Window = 0
	if _, err := settle.Verify(bad, plan, settlement(t, o)); !errors.Is(err, qrproto.ErrField) {
		t.Errorf("an order that is none: %v", err)
	}
}

func TestVerifyDisputes(t *testing.T) {
	o := order(t, func(o *qrproto.StartOrder) { o.Uncertainty = 90 })
	for _, c := range []struct {
		name  string
		spoil func(*qrproto.Settlement)
		want  settle.Dispute
	}{
		{"one fen more", func(s *qrproto.Settlement) { s.Payable = 1401 }, settle.Dispute{Path: "Payable", Claimed: 1401, Computed: 1400}},
		{"one fen less", func(s *qrproto.Settlement) { s.Payable = 1399 }, settle.Dispute{Path: "Payable", Claimed: 1399, Computed: 1400}},
		{"below zero", func(s *qrproto.Settlement) { s.Payable = -1400 }, settle.Dispute{Path: "Payable", Claimed: -1400, Computed: 1400}},
		{"waived for no reason", func(s *qrproto.Settlement) { s.Waived = 1 }, settle.Dispute{Path: "Waived", Claimed: 1, Computed: 0}},
		{"a cell moved to the peak", func(s *qrproto.Settlement) { s.Cells = qrproto.Cells{0, 14_000_000} },
			settle.Dispute{Path: "Payable", Claimed: 1400, Computed: 1680}},
		{"priced more than delivered", func(s *qrproto.Settlement) { s.Delivered-- },
			settle.Dispute{Path: "Delivered", Claimed: 13_999_999, Computed: 14_000_000}},
		{"begun before the order", func(s *qrproto.Settlement) { s.Start-- },
			settle.Dispute{Path: "Start", Claimed: issued - 1, Computed: issued}},
		{"time less certain than the order asks", func(s *qrproto.Settlement) { s.Uncertainty = 91 },
			settle.Dispute{Path: "Uncertainty", Claimed: 91, Computed: 90}},
	} {
		s := settlement(t, o)
		c.spoil(s)
		bill, err := settle.Verify(o, compile(t, o), s)
		var got *settle.Dispute
		if !errors.As(err, &got) || *got != c.want || !errors.Is(err, settle.ErrDispute) {
			t.Errorf("%s: %v, want %v", c.name, err, &c.want)
		}
		if bill == nil || bill.Payable.Units != c.want.Computed && c.want.Path == "Payable" {
			t.Errorf("%s: the bill that it should have been: %v", c.name, bill)
		}
	}
}

// TestVerifyUncertainty: the bound itself is fine, and an order that names none
// leaves it to the device.
func TestVerifyUncertainty(t *testing.T) {
	for bound, told := range map[uint16]uint16{90: 90, 0: 180} {
		o := order(t, func(o *qrproto.StartOrder) { o.Uncertainty = bound })
		s := settlement(t, o)
		s.Uncertainty = told
		if _, err := settle.Verify(o, compile(t, o), s); err != nil {
			t.Errorf("bound %d, told %d: %v", bound, told, err)
		}
	}
}

// TestDisputeOverCellsNamesNoNumbers: there is no single one that is wrong.
func TestDisputeOverCellsNamesNoNumbers(t *testing.T) {
	if text := (&settle.Dispute{Path: "Cells"}).Error(); strings.Contains(text, "must be") {
		t.Error(text)
	}
}

// TestVerifyWithoutAPrice: cells that the plan could not have produced.
func TestVerifyWithoutAPrice(t *testing.T) {
	o := order(t)
	for name, spoil := range map[string]func(*qrproto.Settlement){
		"no component":       func(s *qrproto.Settlement) { s.Cells = qrproto.Cells{9, 5} },
		"last of steps":      func(s *qrproto.Settlement) { s.Last = []uint16{0} },
		"a flat fee":         func(s *qrproto.Settlement) { s.Flats = []uint16{0} },
		"a negative cell":    func(s *qrproto.Settlement) { s.Cells = qrproto.Cells{0, -1} },
		"indices descending": func(s *qrproto.Settlement) { s.Cells = qrproto.Cells{2, 1, 0, 1} },
	} {
		s := settlement(t, o)
		spoil(s)
		bill, err := settle.Verify(o, compile(t, o), s)
		var dispute *settle.Dispute
		if bill != nil || !errors.As(err, &dispute) || dispute.Path != "Cells" || !errors.Is(err, tariff.ErrQuantities) {
			t.Errorf("%s: %v, %v", name, bill, err)
		}
	}
}

// A settlement can tell amounts up to 2^60. A session that may cost more would
// have none, so its order is refused before it begins: 5 × 10^14 yuan a kWh
// over the 101 kWh that an order for 1 kWh may overrun to are 5.05 × 10^18 fen,
// within an int64 and above 2^60 = 1.15 × 10^18.
func TestCompileRefusesWhatNoSettlementCanTell(t *testing.T) {
	for _, c := range []struct {
		price int64
		want  error
	}{{500_000_000_000_000, settle.ErrPlan}, {-500_000_000_000_000, settle.ErrPlan}, {100_000_000_000_000, nil}} {
		dear, err := tariff.FromGrid(tariff.Grid{
			Rates:    []tariff.GridRate{{Name: tariff.Flat, Electricity: c.price}},
			Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		}, "CNY")
		if err != nil {
			t.Fatal(err)
		}
		b, err := qrproto.EncodeTariff(dear)
		if err != nil {
			t.Fatal(err)
		}
		o := order(t, func(o *qrproto.StartOrder) { o.Tariff, o.Limits = b, &qrproto.Limits{Energy: 1_000_000} })
		if _, err := settle.Compile(o, nil); !errors.Is(err, c.want) {
			t.Errorf("%d yuan a kWh: %v, want %v", c.price, err, c.want)
		}
	}
}

func TestPriceRefusesThePlanOfAnotherOrder(t *testing.T) {
	o := order(t)
	other := order(t, func(o *qrproto.StartOrder) { o.Limits = &qrproto.Limits{Amount: 1} })
	var bill tariff.Bill
	if err := settle.Price(&bill, o, compile(t, other), settlement(t, o)); !errors.Is(err, settle.ErrPlan) {
		t.Errorf("%v", err)
	}
	var dispute *settle.Dispute
	if _, err := settle.Verify(o, compile(t, other), settlement(t, o)); !errors.Is(err, settle.ErrPlan) || errors.As(err, &dispute) {
		t.Errorf("verified: %v", err)
	}
}
