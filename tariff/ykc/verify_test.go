// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

func TestRecordThatIsRight(t *testing.T) {
	findings, err := goldenModel().Verify(goldenRecord(), Profile{})
	if err != nil || len(findings) != 0 {
		t.Error("by the model:", findings, err)
	}
	findings, err = Verify(goldenRecord(), goldenTariff(), Profile{})
	if err != nil || len(findings) != 0 {
		t.Error("by the tariff:", findings, err)
	}
}

func TestRecordThatDiffers(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Record)
		want   []Finding
	}{
		{"another pile", func(r *Record) { r.Pile[6]++ }, []Finding{{PileDiffers, "Pile", 55031412782305, 55031412782306}}},
		{"a price", func(r *Record) { r.Rates[Flat].Price++ }, []Finding{{PriceDiffers, "Rates[2].Price", 103_250, 103_251}}},
		{"an amount, one unit more", func(r *Record) { r.Rates[Sharp].Amount++; r.Amount++ },
			[]Finding{{AmountDiffers, "Rates[0].Amount", 221_628, 221_629}}},
		{"a total that is no sum", func(r *Record) { r.Amount-- }, []Finding{{AmountDiffers, "Amount", 273_698, 273_697}}},
		{"an energy that was added to the total only", func(r *Record) { r.Energy++; r.MeterStop++ },
			[]Finding{{EnergyDiffers, "Energy", 158_456, 158_457}}},
		{"an adjusted total", func(r *Record) { r.Adjusted = 0 }, []Finding{{EnergyDiffers, "Adjusted", 158_456, 0}}},
		{"a register that ran backwards", func(r *Record) { r.MeterStop = r.MeterStart - 1 },
			[]Finding{{EnergyDiffers, "MeterStop", 8_713_549_837, 8_713_391_380}}},
		{"adjusted energies left out", func(r *Record) { r.Rates[Peak].Adjusted, r.Adjusted = 0, 123_456 },
			[]Finding{{AdjustedEnergy, "Rates[1].Adjusted", 35_000, 0}, {AmountDiffers, "Rates[1].Amount", 0, 52_070}}},
		{"a clock that was never set", func(r *Record) { r.Start, r.Stop = Time{}, Time{} },
			[]Finding{{BadTime, "Start", 0, 0}, {BadTime, "Stop", 0, 0}}},
		{"a clock marked invalid", func(r *Record) { r.Stop.Invalid = true }, []Finding{{BadTime, "Stop", 0, 0}}},
		{"an end before the start", func(r *Record) { r.Start = Time{Month: 1, Day: 2}; r.Stop = Time{Month: 1, Day: 1, Minute: 1} },
			[]Finding{{TimeBackwards, "Stop", 86_400, 60}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := goldenRecord()
			c.change(r)
			findings, err := goldenModel().Verify(r, Profile{})
			if err != nil || !slices.Equal(findings, c.want) {
				t.Errorf("found %v, %v", findings, err)
			}
			if c.want[0].Code == PileDiffers {
				return
			}
			findings, err = Verify(r, goldenTariff(), Profile{})
			if err != nil || !slices.Equal(findings, c.want) {
				t.Errorf("by the tariff found %v, %v", findings, err)
			}
		})
	}
}

// withoutSharp is the golden tariff with peak in place of sharp.
func withoutSharp() *tariff.Tariff {
	t := goldenTariff()
	t.Elements[1].When.Windows = append(t.Elements[1].When.Windows, t.Elements[0].When.Windows...)
	t.Elements = t.Elements[1:]
	return t
}

func TestEnergyUnderARateThatIsNotThere(t *testing.T) {
	want := []Finding{{UnusedRate, "Rates[0].Energy", 0, 123_456}, {AmountDiffers, "Rates[0].Amount", 0, 221_628}}
	if findings, err := Verify(goldenRecord(), withoutSharp(), Profile{}); err != nil || !slices.Equal(findings, want) {
		t.Errorf("by the tariff found %v, %v", findings, err)
	}
	m := goldenModel()
	if err := m.SetTariff(withoutSharp()); err != nil {
		t.Fatal(err)
	}
	// A model knows the fees of a rate that no half hour names.
	if findings, err := m.Verify(goldenRecord(), Profile{}); err != nil || !slices.Equal(findings, want[:1]) {
		t.Errorf("by the model found %v, %v", findings, err)
	}
}

// 17:55 to 19:05 is flat, peak and sharp.
func TestEnergyUnderARateOfAnotherTime(t *testing.T) {
	at := func(day, hour, minute uint8) Time {
		return Time{Year: 26, Month: 3, Day: day, Hour: hour, Minute: minute}
	}
	for _, c := range []struct {
		name        string
		start, stop Time
		want        []Finding
	}{
		{"neither", at(2, 8, 0), at(2, 9, 59), []Finding{{RateOutside, "Rates[0].Energy", 0, 123_456}, {RateOutside, "Rates[1].Energy", 0, 35_000}}},
		{"to the moment before sharp", at(2, 18, 30), at(2, 18, 59), []Finding{{RateOutside, "Rates[0].Energy", 0, 123_456}}},
		{"to the moment at which sharp begins", at(2, 18, 30), at(2, 19, 0), nil},
		{"from the last minute of sharp", at(2, 20, 59), at(2, 21, 0), nil},
		{"from the end of sharp", at(2, 21, 0), at(2, 22, 59), []Finding{{RateOutside, "Rates[0].Energy", 0, 123_456}}},
		{"over midnight", at(2, 22, 30), at(3, 6, 0), []Finding{{RateOutside, "Rates[0].Energy", 0, 123_456}}},
		{"over midnight to the next evening", at(2, 22, 30), at(3, 19, 0), nil},
		{"for weeks", at(2, 3, 0), at(31, 3, 0), nil},
		{"of an unknown time", at(2, 3, 0), at(2, 2, 0), []Finding{{TimeBackwards, "Stop", 825_735_600, 825_732_000}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := goldenRecord()
			r.Start, r.Stop = c.start, c.stop
			findings, err := goldenModel().Verify(r, Profile{})
			if err != nil || !slices.Equal(findings, c.want) {
				t.Errorf("by the model found %v, %v", findings, err)
			}
			findings, err = Verify(r, goldenTariff(), Profile{})
			if err != nil || !slices.Equal(findings, c.want) {
				t.Errorf("by the tariff found %v, %v", findings, err)
			}
		})
	}
}

func TestVerifyCannot(t *testing.T) {
	r, m := goldenRecord(), goldenModel()
	r.Connector = 100
	_, err := m.Verify(r, Profile{})
	refused(t, err, "Record.Connector", ErrOverflow)
	m.Loss = 1
	_, err = m.Verify(goldenRecord(), Profile{})
	refused(t, err, "Model.Loss", ErrLoss)
	m.Slots[0] = 9
	_, err = m.Verify(goldenRecord(), Profile{})
	refused(t, err, "Model.Slots[0]", ErrSlot)
}

// Each switch, at both settings, on a record that only the second one makes.
func TestProfileSwitches(t *testing.T) {
	// 0.00005 electricity and as much service a kWh: 1 kWh costs 0.0001, half a unit each.
	tiny := func(fees Fees, parts ...Part) (*Model, *Record) {
		m, r := goldenModel(), goldenRecord()
		r.Rates, r.Energy, r.Adjusted, r.Amount = [Rates]Part{}, 0, 0, 0
		copy(r.Rates[:], parts)
		for i := range m.Rates {
			m.Rates[i] = fees
			r.Rates[i].Price = fees.Electricity + fees.Service
			r.Energy += r.Rates[i].Energy
			r.Adjusted += r.Rates[i].Adjusted
			r.Amount += r.Rates[i].Amount
		}
		r.MeterStop = r.MeterStart + uint64(r.Energy)
		return m, r
	}
	for _, c := range []struct {
		name      string
		fees      Fees
		parts     []Part
		total     uint32 // where it is not the sum of the parts
		by        Profile
		byDefault []Finding
	}{
		{"half even: 2.5 is 2", Fees{25, 0}, []Part{{0, 1e4, 1e4, 2}}, 2, Profile{Mode: tariff.HalfEven},
			[]Finding{{AmountDiffers, "Rates[0].Amount", 3, 2}}},
		{"half even: 3.5 is 4", Fees{35, 0}, []Part{{0, 1e4, 1e4, 4}}, 4, Profile{Mode: tariff.HalfEven}, nil},
		{"half even: 2.5001 is 3", Fees{25_001, 0}, []Part{{0, 10, 10, 3}}, 3, Profile{Mode: tariff.HalfEven}, nil},
		{"half up by name", Fees{25, 0}, []Part{{0, 1e4, 1e4, 3}}, 3, Profile{Mode: tariff.HalfUp}, nil},
		{"up: 2.1 is 3", Fees{21, 0}, []Part{{0, 1e4, 1e4, 3}}, 3, Profile{Mode: tariff.Up},
			[]Finding{{AmountDiffers, "Rates[0].Amount", 2, 3}}},
		{"up: 2 is 2", Fees{20, 0}, []Part{{0, 1e4, 1e4, 2}}, 2, Profile{Mode: tariff.Up}, nil},
		{"down: 2.9 is 2", Fees{29, 0}, []Part{{0, 1e4, 1e4, 2}}, 2, Profile{Mode: tariff.Down},
			[]Finding{{AmountDiffers, "Rates[0].Amount", 3, 2}}},
		{"fees apart: 0.5 and 0.5 are 2", Fees{5, 5}, []Part{{0, 1e4, 1e4, 2}}, 2, Profile{Fees: FeesApart},
			[]Finding{{AmountDiffers, "Rates[0].Amount", 1, 2}}},
		{"at once: 1.4 and 1.4 are 3", Fees{14, 0}, []Part{{0, 1e4, 1e4, 1}, {0, 1e4, 1e4, 1}}, 3, Profile{Total: TotalAtOnce},
			[]Finding{{AmountDiffers, "Amount", 2, 3}}},
		{"at once for each fee: 0.4 twice and 0.4 twice are 2", Fees{4, 4}, []Part{{0, 1e4, 1e4, 0}, {0, 1e4, 1e4, 0}}, 2,
			Profile{Fees: FeesApart, Total: TotalAtOnce},
			[]Finding{{AmountDiffers, "Rates[0].Amount", 1, 0}, {AmountDiffers, "Rates[1].Amount", 1, 0}, {AmountDiffers, "Amount", 0, 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, r := tiny(c.fees, c.parts...)
			r.Amount = c.total
			if findings, err := m.Verify(r, c.by); err != nil || len(findings) != 0 {
				t.Errorf("under %+v found %v, %v", c.by, findings, err)
			}
			if findings, err := m.Verify(r, Profile{}); err != nil || !slices.Equal(findings, c.byDefault) {
				t.Errorf("by default found %v, %v", findings, err)
			}
		})
	}
}

// A pile that leaves the adjusted energies at 0.
func TestMeteredEnergyIsPriced(t *testing.T) {
	r := goldenRecord()
	r.Rates[Sharp].Adjusted, r.Rates[Peak].Adjusted, r.Adjusted = 0, 0, 0
	findings, err := goldenModel().Verify(r, Profile{Energy: BilledMetered})
	want := []Finding{{AdjustedEnergy, "Rates[0].Adjusted", 123_456, 0}, {AdjustedEnergy, "Rates[1].Adjusted", 35_000, 0}}
	if err != nil || !slices.Equal(findings, want) {
		t.Errorf("found %v, %v", findings, err)
	}
}

// With a loss ratio the adjusted energies are taken as given, and priced.
func TestLossRatioIgnored(t *testing.T) {
	m, r := goldenModel(), goldenRecord()
	m.Loss = 10
	r.Rates[Peak].Adjusted, r.Adjusted = 40_000, 163_456
	r.Rates[Peak].Amount, r.Amount = 59_508, 221_628+59_508 // 4 kWh × 1.48770
	findings, err := m.Verify(r, Profile{Loss: LossIgnored})
	if err != nil || !slices.Equal(findings, []Finding{{LossUnknown, "Loss", 0, 10}}) {
		t.Errorf("found %v, %v", findings, err)
	}
}

// Amounts against big rationals, up to the ends of every width.
func TestAmountsAgainstRationals(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 5000 {
		m, record := randomModel(r), randomRecord(r)
		m.Loss = 1
		p := Profile{Mode: tariff.RoundingMode(r.IntN(5)), Fees: FeeRounding(r.IntN(2)), Total: TotalRounding(r.IntN(2)),
			Energy: BilledEnergy(r.IntN(2)), Loss: LossIgnored}
		findings, err := m.Verify(&record, p)
		if err != nil {
			t.Fatal(err)
		}
		var want []Finding
		for _, f := range expected(&m, &record, p) {
			if f.Want != f.Got {
				want = append(want, f)
			}
		}
		findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.Code != AmountDiffers })
		if !slices.Equal(findings, want) {
			t.Fatalf("under %+v %+v\nand %+v\nfound %v\nwant  %v", p, m.Rates, record, findings, want)
		}
	}
}

func randomRecord(r *rand.Rand) (record Record) {
	width := func() uint32 { return r.Uint32() >> r.IntN(32) }
	for i := range record.Rates {
		record.Rates[i] = Part{width(), width(), width(), width()}
		if r.IntN(8) == 0 {
			record.Rates[i].Energy, record.Rates[i].Adjusted = math.MaxUint32, math.MaxUint32
		}
	}
	record.Amount = width()
	return record
}

// expected computes the amounts of a record with big rationals.
func expected(m *Model, r *Record, p Profile) (all []Finding) {
	var electricity, service, sum big.Int
	for i, part := range r.Rates {
		energy := part.Adjusted
		if p.Energy == BilledMetered {
			energy = part.Energy
		}
		e := new(big.Int).Mul(big.NewInt(int64(energy)), big.NewInt(int64(m.Rates[i].Electricity)))
		s := new(big.Int).Mul(big.NewInt(int64(energy)), big.NewInt(int64(m.Rates[i].Service)))
		all = append(all, Finding{AmountDiffers, []string{"Rates[0].Amount", "Rates[1].Amount", "Rates[2].Amount", "Rates[3].Amount"}[i],
			roundFees(e, s, p), uint64(part.Amount)})
		electricity.Add(&electricity, e)
		service.Add(&service, s)
		sum.Add(&sum, big.NewInt(int64(part.Amount)))
	}
	total := sum.Uint64()
	if p.Total == TotalAtOnce {
		total = roundFees(&electricity, &service, p)
	}
	return append(all, Finding{AmountDiffers, "Amount", total, uint64(r.Amount)})
}

func roundFees(e, s *big.Int, p Profile) uint64 {
	if p.Fees == FeesApart {
		return roundBig(e, p.Mode) + roundBig(s, p.Mode)
	}
	return roundBig(new(big.Int).Add(e, s), p.Mode)
}

// roundBig divides by 10^5: adds what its mode adds before cutting.
func roundBig(v *big.Int, mode tariff.RoundingMode) uint64 {
	unit, add := big.NewInt(100_000), int64(50_000)
	switch mode {
	case tariff.Up:
		add = 99_999
	case tariff.Down:
		add = 0
	}
	units, rest := new(big.Int).DivMod(new(big.Int).Add(v, big.NewInt(add)), unit, new(big.Int))
	if mode == tariff.HalfEven && rest.Sign() == 0 && units.Bit(0) == 1 {
		units.Sub(units, big.NewInt(1))
	}
	return units.Uint64()
}
