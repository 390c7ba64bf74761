// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

// goldenSession is what goldenRecord tells beside energies and amounts.
func goldenSession() Session {
	r := goldenRecord()
	return Session{Serial: r.Serial, Connector: r.Connector, Start: r.Start, Stop: r.Stop,
		MeterStart: 871_339_138_100, MeterStop: 871_354_983_700,
		VIN: r.VIN, StartType: r.StartType, At: r.At, StopReason: r.StopReason, Card: r.Card}
}

// bill prices mWh under sharp, peak, flat and valley of a tariff that has them all.
func bill(t testing.TB, tr *tariff.Tariff, limits tariff.Limits, energies ...int64) *tariff.Bill {
	t.Helper()
	plan := must[*tariff.Plan](t)(tr.Compile(limits, []tariff.Offset{{Seconds: 8 * 3600}}))
	var q tariff.Quantities
	for i, e := range energies {
		if e > 0 {
			q.Cells = append(q.Cells, tariff.Cell{Index: 2 * i, Quantity: e})
		}
	}
	var b tariff.Bill
	if err := plan.Price(&b, q); err != nil {
		t.Fatal(err)
	}
	return &b
}

// 12.3456 kWh sharp and 3.5 kWh peak.
func goldenBill(t testing.TB) *tariff.Bill {
	return bill(t, goldenTariff(), tariff.Limits{Scale: 4}, 12_345_600, 3_500_000)
}

// The record of the golden session. The bill rounds each fee: peak electricity
// 3.806950 is 3.8070 and service 1.4000, as together; sharp electricity
// 16.60730112 is 16.6073 and service 5.55552 is 5.5555, together 22.1628.
func TestRecordOfABill(t *testing.T) {
	r, findings, err := NewRecord(goldenSession(), goldenModel(), goldenBill(t), Profile{})
	if err != nil || len(findings) != 0 || *r != *goldenRecord() {
		t.Errorf("%v, %v\ngot  %+v\nwant %+v", findings, err, r, goldenRecord())
	}
}

func TestRecordOfASessionWithoutEnergy(t *testing.T) {
	s := goldenSession()
	s.MeterStop = s.MeterStart
	r, findings, err := NewRecord(s, goldenModel(), bill(t, goldenTariff(), tariff.Limits{Scale: 4}), Profile{})
	if err != nil || len(findings) != 0 {
		t.Fatal(findings, err)
	}
	want := *goldenRecord()
	want.MeterStop, want.Energy, want.Adjusted, want.Amount = want.MeterStart, 0, 0, 0
	for i := range want.Rates {
		want.Rates[i] = Part{Price: want.Rates[i].Price}
	}
	if *r != want {
		t.Errorf("got %+v", r)
	}
}

// What is paid stands in the record, and what its parts add up to is found.
func TestRecordOfWhatIsPaid(t *testing.T) {
	cents := goldenTariff()
	cents.Rounding = tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}
	for _, c := range []struct {
		name   string
		limits tariff.Limits
		amount uint32
	}{
		{"rounded to cents", tariff.Limits{Scale: 2}, 273_700},                    // exactly 27.36977112
		{"waived above 20 yuan", tariff.Limits{Scale: 2, Amount: 20_00}, 200_000}, // 7.37 waived
		{"at nine decimals", tariff.Limits{Scale: 9}, 273_700},                    // 27.370000000
		{"nothing paid", tariff.Limits{Scale: 4, Amount: 99}, 0},                  // less than a cent
	} {
		t.Run(c.name, func(t *testing.T) {
			r, findings, err := NewRecord(goldenSession(), goldenModel(), bill(t, cents, c.limits, 12_345_600, 3_500_000), Profile{})
			if err != nil || r.Amount != c.amount {
				t.Fatal(r, err)
			}
			if want := []Finding{{AmountDiffers, "Amount", 273_698, uint64(c.amount)}}; !slices.Equal(findings, want) {
				t.Errorf("found %v", findings)
			}
		})
	}
}

func TestRecordOfFinerEnergies(t *testing.T) {
	s := goldenSession()
	s.MeterStart, s.MeterStop = s.MeterStart+50, s.MeterStop+49
	b := bill(t, goldenTariff(), tariff.Limits{Scale: 4}, 12_345_600, 3_500_000, 0, 99)
	_, _, err := NewRecord(s, goldenModel(), b, Profile{})
	refused(t, err, "MeterStart", ErrScale)
	_, _, err = NewRecord(goldenSession(), goldenModel(), b, Profile{})
	refused(t, err, "Rates[3].Energy", ErrScale)

	r, findings, err := NewRecord(s, goldenModel(), b, Profile{Finer: FinerCut})
	want := []Finding{
		{EnergyCut, "MeterStart", 871_339_138_150, 8_713_391_381},
		{EnergyCut, "MeterStop", 871_354_983_749, 8_713_549_837},
		{EnergyCut, "Rates[3].Energy", 99, 0},
	}
	// What was cut cost 0.0000293139 and 0.00002970495: nothing.
	if err != nil || !slices.Equal(findings, want) || *r != *goldenRecord() {
		t.Errorf("%v, %v\ngot %+v", findings, err, r)
	}
}

func TestRecordKeepsTheLossRatioApart(t *testing.T) {
	m := goldenModel()
	m.Loss = 3
	_, _, err := NewRecord(goldenSession(), m, goldenBill(t), Profile{})
	refused(t, err, "Model.Loss", ErrLoss)
	r, findings, err := NewRecord(goldenSession(), m, goldenBill(t), Profile{Loss: LossIgnored})
	if err != nil || !slices.Equal(findings, []Finding{{LossUnknown, "Loss", 0, 3}}) || *r != *goldenRecord() {
		t.Errorf("%+v, %v, %v", r, findings, err)
	}
}

// priced is goldenTariff with one price in sharp.
func priced(electricity, service int64) (*tariff.Tariff, *Model) {
	t := goldenTariff()
	t.Elements[0].Components[0].Price, t.Elements[0].Components[1].Price = electricity, service
	m, err := FromTariff(t, goldenModel().Pile, goldenModel().Number)
	if err != nil {
		panic(err)
	}
	return t, m
}

func TestRecordHoldsTheLargestAmount(t *testing.T) {
	tr, m := priced(100_000, 0) // 1 yuan
	s := goldenSession()
	s.MeterStart, s.MeterStop = 0, 429_496_729_500
	r, findings, err := NewRecord(s, m, bill(t, tr, tariff.Limits{Scale: 4}, 429_496_729_500), Profile{})
	if err != nil || len(findings) != 0 || r.Rates[Sharp].Amount != math.MaxUint32 || r.Amount != math.MaxUint32 || r.Energy != math.MaxUint32 {
		t.Errorf("%+v, %v, %v", r, findings, err)
	}
}

func TestRecordThatDoesNotHold(t *testing.T) {
	dear, dearModel := priced(math.MaxUint32, 1)
	yuan, yuanModel := priced(100_000, 0)
	two, twoModel := priced(200_000, 0)
	four := tariff.Limits{Scale: 4}
	six := goldenTariff()
	six.Rounding.Payable = 6
	for _, c := range []struct {
		name     string
		change   func(*Session)
		model    *Model
		bill     *tariff.Bill
		path     string
		sentinel error
	}{
		{"a price of both fees", nil, dearModel, bill(t, dear, four), "Rates[0].Price", ErrOverflow},
		{"an energy", nil, yuanModel, bill(t, yuan, four, 429_496_729_600), "Rates[0].Energy", ErrOverflow},
		{"an amount", nil, twoModel, bill(t, two, four, 214_748_364_800), "Rates[0].Amount", ErrOverflow},
		{"a sum of energies", nil, yuanModel, bill(t, yuan, four, 429_496_729_500, 100), "Energy", ErrOverflow},
		{"a sum of amounts", nil, twoModel, bill(t, two, four, 214_748_364_700, 1_000_000), "Amount", ErrOverflow},
		{"a fifth decimal of yuan", nil, goldenModel(), bill(t, six, tariff.Limits{Scale: 6}, 12_345_600), "Amount", ErrScale},
		{"a register", func(s *Session) { s.MeterStart = 109_951_162_777_600 }, goldenModel(), goldenBill(t), "MeterStart", ErrOverflow},
		{"a register at its end", func(s *Session) { s.MeterStop = math.MaxInt64 / 100 * 100 }, goldenModel(), goldenBill(t), "MeterStop", ErrOverflow},
		{"a negative register", func(s *Session) { s.MeterStart = -1 }, goldenModel(), goldenBill(t), "MeterStart", ErrNegative},
		{"a connector", func(s *Session) { s.Connector = 100 }, goldenModel(), goldenBill(t), "Connector", ErrOverflow},
		{"a serial", func(s *Session) { s.Serial[0] = 0xff }, goldenModel(), goldenBill(t), "Serial", ErrBCD},
		{"a time", func(s *Session) { s.At.Month = 16 }, goldenModel(), goldenBill(t), "At.Month", ErrOverflow},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := goldenSession()
			if c.change != nil {
				c.change(&s)
			}
			r, findings, err := NewRecord(s, c.model, c.bill, Profile{})
			refused(t, err, c.path, c.sentinel)
			if r != nil || findings != nil {
				t.Errorf("made %v, %v", r, findings)
			}
		})
	}
}

func TestRecordOfANegativeBill(t *testing.T) {
	b := &tariff.Bill{Rules: tariff.Rules1, Rounding: halfUp4}
	for _, m := range []*tariff.Money{&b.Net, &b.Gross, &b.Payable, &b.Waived} {
		*m = tariff.Money{Scale: 4, Currency: "CNY"}
	}
	if _, _, err := NewRecord(goldenSession(), goldenModel(), b, Profile{}); err != nil {
		t.Fatal("the empty bill:", err)
	}
	back := goldenTariff()
	back.Elements[0].Components[0].Price = -1
	_, _, err := NewRecord(goldenSession(), goldenModel(), bill(t, back, tariff.Limits{Scale: 4}, 1_000_000), Profile{})
	refused(t, err, "Bill.Lines[0]", ErrBill)
}

func TestBillsOfAnotherModel(t *testing.T) {
	four := tariff.Limits{Scale: 4}
	eur, deep, alone := goldenTariff(), goldenTariff(), goldenTariff()
	eur.Currency = "EUR"
	deep.Elements[3].Rate = tariff.DeepValley
	alone.Elements[3].Components = alone.Elements[3].Components[:1]
	_, dearer := priced(134_521, 45_000)
	_, served := priced(134_520, 45_001)
	unused := goldenModel()
	for i, s := range unused.Slots {
		if s == Sharp {
			unused.Slots[i] = Flat
		}
	}
	broken := goldenBill(t)
	broken.Lines[1].Amount.Units++
	badModel := goldenModel()
	badModel.Slots[7] = 7
	for _, c := range []struct {
		name     string
		model    *Model
		bill     *tariff.Bill
		path     string
		sentinel error
	}{
		{"another currency", goldenModel(), bill(t, eur, four, 100), "Bill.Net.Currency", ErrCurrency},
		{"a rate without a place", goldenModel(), bill(t, deep, four, 100, 0, 0, 100), "Bill.Lines[2].Rate", ErrRate},
		{"another electricity fee", dearer, goldenBill(t), "Bill.Lines[0]", ErrBill},
		{"another service fee", served, goldenBill(t), "Bill.Lines[1]", ErrBill},
		{"a rate that no half hour names", unused, goldenBill(t), "Bill.Lines[0]", ErrBill},
		{"no service fee", goldenModel(), bill(t, alone, four, 0, 0, 0, 100), "Bill.Lines", ErrBill},
		{"a bill that contradicts itself", goldenModel(), broken, "Bill.Lines[1].Amount", tariff.ErrBill},
		{"no bill at all", goldenModel(), &tariff.Bill{}, "Bill.Rules", tariff.ErrRules},
		{"no model", badModel, goldenBill(t), "Model.Slots[7]", ErrSlot},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := NewRecord(goldenSession(), c.model, c.bill, Profile{})
			refused(t, err, c.path, c.sentinel)
		})
	}
}

func TestQuantitiesOfARecord(t *testing.T) {
	r := goldenRecord()
	r.Rates[Valley].Energy = 7 // metered only
	q := must[tariff.Quantities](t)(r.Quantities(goldenTariff(), Profile{}))
	if want := []tariff.Cell{{Index: 0, Quantity: 12_345_600}, {Index: 2, Quantity: 3_500_000}}; !slices.Equal(q.Cells, want) {
		t.Errorf("adjusted: %v", q)
	}
	q = must[tariff.Quantities](t)(r.Quantities(goldenTariff(), Profile{Energy: BilledMetered}))
	if len(q.Cells) != 3 || q.Cells[2] != (tariff.Cell{Index: 6, Quantity: 700}) {
		t.Errorf("metered: %v", q)
	}
	_, err := r.Quantities(withoutSharp(), Profile{})
	refused(t, err, "Rates[0]", ErrRate)
	r.Rates[Sharp] = Part{}
	q = must[tariff.Quantities](t)(r.Quantities(withoutSharp(), Profile{}))
	if want := []tariff.Cell{{Index: 0, Quantity: 3_500_000}}; !slices.Equal(q.Cells, want) {
		t.Errorf("without sharp: %v", q)
	}
}

// Where package tariff has the rounding of a profile, both arrive at one total:
// two engines that share no arithmetic.
func TestProfileAgreesWithTheEngine(t *testing.T) {
	if _, ok := (Profile{}).Rounding(); ok {
		t.Error("the default has a policy of package tariff")
	}
	r := rand.New(rand.NewPCG(13, 14))
	for range 2000 {
		p := Profile{Mode: tariff.RoundingMode(r.IntN(5)), Fees: FeeRounding(r.IntN(2)), Total: TotalRounding(r.IntN(2))}
		policy, ok := p.Rounding()
		if !ok {
			continue
		}
		m := randomModel(r)
		m.Loss = 0
		for i := range m.Rates {
			m.Rates[i] = Fees{r.Uint32N(300_000), r.Uint32N(100_000)}
		}
		tr, _, err := m.Tariff(policy, p)
		if err != nil {
			t.Fatal(err)
		}
		energies := []int64{r.Int64N(1_000_000) * 100, r.Int64N(1000) * 100, 0, r.Int64N(100_000) * 100}
		b := billUsed(t, tr, energies)
		s := goldenSession()
		s.MeterStop = s.MeterStart
		record, findings, err := NewRecord(s, &m, b, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if f.Code == AmountDiffers {
				t.Fatalf("under %+v %+v: %v\nbill %+v", p, record.Rates, f, b)
			}
		}
		again := must[tariff.Quantities](t)(record.Quantities(tr, p))
		if second := price(t, tr, again); second.Payable != b.Payable || second.Exact != b.Exact {
			t.Fatalf("priced again: %v, at first %v", second.Payable, b.Payable)
		}
	}
}

// billUsed prices the energies of the rates that a tariff has.
func billUsed(t *testing.T, tr *tariff.Tariff, energies []int64) *tariff.Bill {
	t.Helper()
	var q tariff.Quantities
	for i, e := range tr.Elements {
		if energy := energies[e.Rate-tariff.Sharp]; energy > 0 {
			q.Cells = append(q.Cells, tariff.Cell{Index: 2 * i, Quantity: energy})
		}
	}
	return price(t, tr, q)
}

func price(t *testing.T, tr *tariff.Tariff, q tariff.Quantities) *tariff.Bill {
	t.Helper()
	plan := must[*tariff.Plan](t)(tr.Compile(tariff.Limits{Scale: 4}, []tariff.Offset{{Seconds: 8 * 3600}}))
	var b tariff.Bill
	if err := plan.Price(&b, q); err != nil {
		t.Fatal(err)
	}
	return &b
}
