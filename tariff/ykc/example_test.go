// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

// cents rounds a session to cents; the protocol has no policy of its own.
var cents = tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}

// A platform's billing model becomes a tariff.
func ExampleModel_Tariff() {
	var m ykc.Model
	if err := m.UnmarshalBinary(unhex(modelBytes)); err != nil {
		fmt.Println(err)
		return
	}
	t, findings, err := m.Tariff(cents, ykc.Profile{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("pile", m.Pile, "model", m.Number, "findings", len(findings))
	for _, e := range t.Elements {
		fmt.Println(e.Rate, e.When.Windows, e.Components[0].Price, e.Components[1].Price)
	}
	// Output:
	// pile 55031412782305 model 0100 findings 0
	// sharp [19:00-21:00] 134520 45000
	// peak [10:00-15:00 18:00-19:00 21:00-23:00] 108770 40000
	// flat [07:00-10:00 15:00-18:00] 68250 35000
	// valley [23:00-07:00] 29610 30005
}

// A tariff goes to a pile, or it is said why it cannot.
func ExampleFromTariff() {
	pile, err := ykc.ParsePile("55031412782305")
	if err != nil {
		fmt.Println(err)
		return
	}
	number, err := ykc.ParseModelNumber("0100")
	if err != nil {
		fmt.Println(err)
		return
	}
	t := goldenTariff()
	m, err := ykc.FromTariff(t, pile, number)
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := m.MarshalBinary()
	fmt.Println(len(body), "bytes", err)

	t.Elements[1].When.Windows[0].From += 600 // 10:10
	_, err = ykc.FromTariff(t, pile, number)
	fmt.Println(errors.Is(err, ykc.ErrWindow), err)
	// Output:
	// 90 bytes <nil>
	// true ykc: prices change at half hours only at Elements[1].When.Windows[0]
}

// A pile rounded up where everyone else rounds to the nearer.
func ExampleModel_Verify() {
	var m ykc.Model
	var r ykc.Record
	if err := errors.Join(m.UnmarshalBinary(unhex(modelBytes)), r.UnmarshalBinary(unhex(recordBytes))); err != nil {
		fmt.Println(err)
		return
	}
	findings, err := m.Verify(&r, ykc.Profile{})
	fmt.Println(findings, err)

	r.Rates[ykc.Sharp].Amount++
	r.Amount++
	findings, err = m.Verify(&r, ykc.Profile{})
	fmt.Println(findings, err)
	findings, err = m.Verify(&r, ykc.Profile{Mode: tariff.Up})
	fmt.Println(findings, err)
	// Output:
	// [] <nil>
	// [amount-differs at Rates[0].Amount: want 221628, got 221629] <nil>
	// [] <nil>
}

// What a pile metered is priced by package tariff.
func ExampleRecord_Quantities() {
	var r ykc.Record
	if err := r.UnmarshalBinary(unhex(recordBytes)); err != nil {
		fmt.Println(err)
		return
	}
	t := goldenTariff()
	t.Rounding = cents
	plan, err := t.Compile(tariff.Limits{Scale: 2}, []tariff.Offset{{Seconds: 8 * 3600}})
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := r.Quantities(t, ykc.Profile{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var bill tariff.Bill
	err = plan.Price(&bill, q)
	fmt.Println(bill.Payable, bill.Exact, err)
	// Output:
	// 27.37 CNY 342122139/12500000 <nil>
}

// A session that was billed in cents becomes a record for a platform.
func ExampleNewRecord() {
	t := goldenTariff()
	t.Rounding = cents
	plan, err := t.Compile(tariff.Limits{Scale: 2}, []tariff.Offset{{Seconds: 8 * 3600}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var bill tariff.Bill
	if err := plan.Price(&bill, tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: 12_345_600}}}); err != nil {
		fmt.Println(err)
		return
	}
	start, err := ykc.TimeOf(time.Date(2026, 3, 2, 19, 0, 0, 0, time.FixedZone("CST", 8*3600)))
	if err != nil {
		fmt.Println(err)
		return
	}
	stop := start
	stop.Hour++
	s := ykc.Session{Connector: 1, Start: start, Stop: stop, At: stop, MeterStart: 1_000_000, MeterStop: 13_345_600,
		StartType: ykc.StartApp, StopReason: ykc.StopRemote}
	r, findings, err := ykc.NewRecord(s, goldenModel(), &bill, ykc.Profile{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Start, r.Energy, r.Amount)
	fmt.Println(findings)
	// Output:
	// 2026-03-02 19:00:00.000 123456 221600
	// [amount-differs at Amount: want 221628, got 221600]
}

// A transaction number is pile, connector, time and a sequence.
func ExampleSerial_Split() {
	s, err := ykc.ParseSerial("55031412782305012603021755300007")
	if err != nil {
		fmt.Println(err)
		return
	}
	pile, connector, at, sequence, err := s.Split()
	fmt.Println(pile, connector, at, sequence, err)
	// Output:
	// 55031412782305 1 2026-03-02 17:55:30.000 7 <nil>
}
