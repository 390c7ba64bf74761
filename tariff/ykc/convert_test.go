// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

func TestModelBecomesTheTariffOfItsTable(t *testing.T) {
	got, findings, err := goldenModel().Tariff(halfUp4, Profile{})
	if err != nil || len(findings) != 0 {
		t.Fatal(findings, err)
	}
	want := must[*tariff.Tariff](t)(goldenTariff().Normalize())
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestTariffBecomesTheModelOfItsTable(t *testing.T) {
	m := must[*Model](t)(FromTariff(goldenTariff(), goldenModel().Pile, goldenModel().Number))
	if *m != *goldenModel() {
		t.Errorf("got %+v", m)
	}
}

// Whatever model a platform sends: as a tariff and back it is the same bytes,
// fees of rates that no half hour names included.
func TestModelSurvivesTheWayThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	unused := 0
	for range 3000 {
		m := randomModel(r)
		got, findings, err := m.Tariff(randomRounding(r), Profile{Loss: LossIgnored})
		if err != nil {
			t.Fatalf("%+v: %v", m, err)
		}
		unused += len(findings)
		back := m
		if err := back.SetTariff(got); err != nil || back != m {
			t.Fatalf("%+v\ncame back as %+v, %v", m, back, err)
		}
	}
	if unused == 0 {
		t.Error("no model had an unused rate")
	}
}

func randomModel(r *rand.Rand) (m Model) {
	if err := m.UnmarshalBinary(randomModelBytes(r)); err != nil {
		panic(err)
	}
	rates := 1 + r.IntN(Rates)
	first := r.IntN(Rates)
	for i := range m.Slots {
		m.Slots[i] = uint8((first + int(m.Slots[i])%rates) % Rates)
	}
	if r.IntN(2) == 0 {
		m.Loss = 0
	}
	if r.IntN(4) == 0 { // two rates that differ in name only
		m.Rates[Peak] = m.Rates[Flat]
	}
	return m
}

func randomRounding(r *rand.Rand) tariff.Rounding {
	return tariff.Rounding{Unit: tariff.RoundingUnit(1 + r.IntN(3)), Mode: tariff.RoundingMode(1 + r.IntN(4)), Payable: uint8(r.IntN(5))}
}

// At every half hour the tariff has the fees that the model has.
func TestModelAndTariffPriceAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		m := randomModel(r)
		n, _, err := m.Tariff(halfUp4, Profile{Loss: LossIgnored})
		if err != nil {
			t.Fatal(err)
		}
		g, ok := n.Grid()
		if !ok {
			t.Fatalf("no grid: %+v", n)
		}
		unit := int64(1)
		for range 5 - g.Scale {
			unit *= 10
		}
		for i, s := range g.Slots {
			got, want := g.Rates[s], m.Rates[m.Slots[i]]
			if got.Electricity*unit != int64(want.Electricity) || got.Service*unit != int64(want.Service) ||
				got.Name != tariff.Sharp+tariff.Rate(m.Slots[i]) {
				t.Fatalf("slot %d: %+v, want %+v", i, got, want)
			}
		}
	}
}

func TestUnusedRatesAreFound(t *testing.T) {
	m := goldenModel()
	for i, s := range m.Slots {
		if s == Sharp {
			m.Slots[i] = Peak
		}
	}
	got, findings, err := m.Tariff(halfUp4, Profile{})
	want := []Finding{{UnusedRate, "Rates[0]", 0, 179_520}}
	if err != nil || !slices.Equal(findings, want) || len(got.Elements) != 3 {
		t.Errorf("%v, %v, %v", got, findings, err)
	}
	m.Rates[Sharp] = Fees{}
	if _, findings, err = m.Tariff(halfUp4, Profile{}); err != nil || len(findings) != 0 {
		t.Errorf("without fees: %v, %v", findings, err)
	}
}

func TestLossRatio(t *testing.T) {
	m := goldenModel()
	m.Loss = 5
	_, _, err := m.Tariff(halfUp4, Profile{})
	refused(t, err, "Loss", ErrLoss)
	got, findings, err := m.Tariff(halfUp4, Profile{Loss: LossIgnored})
	if err != nil || !slices.Equal(findings, []Finding{{LossUnknown, "Loss", 0, 5}}) {
		t.Error(findings, err)
	}
	if want := must[*tariff.Tariff](t)(goldenTariff().Normalize()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if err := m.SetTariff(goldenTariff()); err != nil || m.Loss != 5 {
		t.Errorf("%v, loss ratio %d", err, m.Loss)
	}
}

func TestModelThatIsNoTariff(t *testing.T) {
	m := goldenModel()
	m.Slots[3] = 4
	_, _, err := m.Tariff(halfUp4, Profile{})
	refused(t, err, "Slots[3]", ErrSlot)
	_, _, err = goldenModel().Tariff(tariff.Rounding{}, Profile{})
	refused(t, err, "Rounding.Unit", tariff.ErrRounding)
}

func TestLargestFeesGoBothWays(t *testing.T) {
	m := goldenModel()
	for i := range m.Rates {
		m.Rates[i] = Fees{math.MaxUint32, math.MaxUint32 - uint32(i)}
	}
	got, _, err := m.Tariff(halfUp4, Profile{})
	if err != nil {
		t.Fatal(err)
	}
	if back := must[*Model](t)(FromTariff(got, m.Pile, m.Number)); *back != *m {
		t.Errorf("came back as %+v", back)
	}
}

func TestOneRateAllDay(t *testing.T) {
	always := goldenTariff()
	always.Elements = always.Elements[2:3]
	always.Elements[0].When = tariff.Restrictions{}
	m := must[*Model](t)(FromTariff(always, Pile{}, ModelNumber{}))
	want := Model{Rates: [Rates]Fees{Flat: {68_250, 35_000}}}
	for i := range want.Slots {
		want.Slots[i] = Flat
	}
	if *m != want {
		t.Errorf("got %+v", m)
	}
}

func TestTariffsWithoutAModel(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*tariff.Tariff)
		path     string
		sentinel error
	}{
		{"another currency", func(t *tariff.Tariff) { t.Currency = "EUR" }, "Currency", ErrCurrency},
		{"a deep valley", func(t *tariff.Tariff) { t.Elements[3].Rate = tariff.DeepValley }, "Elements[3].Rate", ErrRate},
		{"a rate without a name", func(t *tariff.Tariff) { t.Elements[3].Rate = 0 }, "Elements[0].Rate", ErrRate},
		{"a fifth rate", func(t *tariff.Tariff) {
			extra := t.Elements[3]
			extra.Rate, extra.When = 6, tariff.Restrictions{Windows: []tariff.Window{{From: 0, To: 3600}}}
			t.Elements = append([]tariff.Element{extra}, t.Elements...)
		}, "Elements[4].Rate", ErrRate},
		{"two prices for one rate", func(t *tariff.Tariff) { t.Elements[0].Rate = tariff.Peak }, "Elements[1].Rate", ErrRate},
		{"no service fee", func(t *tariff.Tariff) { t.Elements[1].Components = t.Elements[1].Components[:1] },
			"Elements[1].Components", ErrFees},
		{"no electricity fee", func(t *tariff.Tariff) { t.Elements[1].Components = t.Elements[1].Components[1:] },
			"Elements[1].Components", ErrFees},
		{"a quarter of an hour", func(t *tariff.Tariff) { t.Elements[1].When.Windows[1].From += 900 },
			"Elements[1].When.Windows[1]", ErrWindow},
		{"a second over midnight", func(t *tariff.Tariff) { t.Elements[3].When.Windows[0].To-- },
			"Elements[3].When.Windows[0]", ErrWindow},
		{"an hour without a price", func(t *tariff.Tariff) { t.Elements[0].When.Windows[0].From += 3600 }, "Slots[38]", ErrGap},
		{"a negative fee", func(t *tariff.Tariff) { t.Elements[3].Components[0].Price = -1 }, "Elements[3].Components[0].Price", ErrNegative},
		{"six decimals", func(t *tariff.Tariff) {
			t.Scale = 6
			t.Elements[2].Components[1].Price++
			for i := range t.Elements {
				if i != 2 {
					t.Elements[i].Components[0].Price, t.Elements[i].Components[1].Price = 10, 10
				}
			}
			t.Elements[2].Components[0].Price = 10
		}, "Elements[2].Components[1].Price", ErrScale},
		{"a fee of one unit too many", func(t *tariff.Tariff) { t.Elements[0].Components[1].Price = 1 << 32 },
			"Elements[0].Components[1].Price", ErrOverflow},
		{"a fee that only scaling makes too large", func(t *tariff.Tariff) {
			for i := range t.Elements {
				t.Elements[i].Components[0].Price, t.Elements[i].Components[1].Price = 1, 2
			}
			t.Scale, t.Elements[0].Components[0].Price = 0, 42_950
		}, "Elements[0].Components[0].Price", ErrOverflow},
		{"the largest number with one decimal less", func(t *tariff.Tariff) {
			t.Scale, t.Elements[0].Components[0].Price = 4, math.MaxUint32
		}, "Elements[0].Components[0].Price", ErrOverflow},
		{"the largest price", func(t *tariff.Tariff) { t.Elements[0].Components[0].Price = math.MaxInt64 },
			"Elements[0].Components[0].Price", ErrOverflow},
		{"no tariff", func(t *tariff.Tariff) { t.Elements[2].When.Windows[0].From = -1 }, "Elements[2].When.Windows[0]", tariff.ErrWindow},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := goldenTariff()
			c.change(bad)
			m := *goldenModel()
			refused(t, m.SetTariff(bad), c.path, c.sentinel)
			if m != *goldenModel() {
				t.Error("the model was changed")
			}
			if made, err := FromTariff(bad, Pile{}, ModelNumber{}); made != nil || err == nil {
				t.Errorf("made %v, %v", made, err)
			}
			_, err := Verify(goldenRecord(), bad, Profile{})
			refused(t, err, c.path, c.sentinel)
			_, err = goldenRecord().Quantities(bad, Profile{})
			refused(t, err, c.path, c.sentinel)
		})
	}
}

func TestSetTariffNeedsAModel(t *testing.T) {
	m := *goldenModel()
	m.Pile[0] = 0xff
	refused(t, m.SetTariff(goldenTariff()), "Pile", ErrBCD)
}
