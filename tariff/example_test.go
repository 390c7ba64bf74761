// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// peakAndValley costs 0.95 + 0.40 from 07:00 to 23:00 and 0.32 + 0.40 at night.
func peakAndValley() *tariff.Tariff {
	fees := func(electricity, service int64) []tariff.Component {
		return []tariff.Component{
			{Dimension: tariff.Energy, Class: tariff.Electricity, Price: electricity},
			{Dimension: tariff.Energy, Class: tariff.Service, Price: service},
		}
	}
	night := tariff.Restrictions{Windows: []tariff.Window{{From: 23 * 3600, To: 7 * 3600}}}
	return &tariff.Tariff{
		Rules: tariff.Rules1, Currency: "CNY", Scale: 2,
		Elements: []tariff.Element{
			{Rate: tariff.Valley, When: night, Components: fees(32, 40)},
			{Rate: tariff.Peak, Components: fees(95, 40)},
		},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
	}
}

// china is the offset that an order to a Chinese charger carries.
var china = []tariff.Offset{{Seconds: 8 * 3600}}

// evening is 22:00 in China.
const evening = 1_772_460_000

func compiled() *tariff.Plan {
	plan, err := peakAndValley().Compile(tariff.Limits{Amount: 50_00, Scale: 2}, china)
	if err != nil {
		panic(err)
	}
	return plan
}

// The whole way: compile, measure, price.
func Example() {
	plan, err := peakAndValley().Compile(tariff.Limits{Amount: 50_00, Scale: 2}, china)
	if err != nil {
		fmt.Println(err)
		return
	}
	readings := []tariff.Reading{
		{At: evening, Energy: 1_000_000},          // 22:00, register at 1 kWh
		{At: evening + 3600, Energy: 8_000_000},   // 23:00, the price changes
		{At: evening + 7200, Energy: 15_123_456},  // midnight
		{At: evening + 10800, Energy: 21_654_321}, // 01:00
	}
	var q tariff.Quantities
	var bill tariff.Bill
	if err := plan.Measure(&q, readings); err != nil {
		fmt.Println(err)
		return
	}
	if err := plan.Price(&bill, q); err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range bill.Lines {
		if l.Kind == tariff.ChargeLine {
			fmt.Println(l.Rate, l.Class, l.Billed, "mWh at", l.Price, "=", l.Amount)
		} else {
			fmt.Println(l.Kind, l.Amount)
		}
	}
	fmt.Println("exactly", bill.Exact, "CNY, to pay", bill.Payable)
	// Output:
	// peak electricity 7000000 mWh at 0.95 CNY = 6.65 CNY
	// peak service 7000000 mWh at 0.40 CNY = 2.80 CNY
	// valley electricity 13654321 mWh at 0.32 CNY = 4.37 CNY
	// valley service 13654321 mWh at 0.40 CNY = 5.46 CNY
	// exactly 241013889/12500000 CNY, to pay 19.28 CNY
}

// A charger keeps a meter, and reads its register at least when a price ends.
func ExampleMeter() {
	plan := compiled()
	meter := plan.Meter()
	if err := meter.Add(tariff.Reading{At: evening, Energy: 1_000_000}); err != nil {
		fmt.Println(err)
		return
	}
	due, _ := meter.Due()
	fmt.Println("read the register again in", due-evening, "s")
	if err := meter.Add(tariff.Reading{At: due, Energy: 8_000_000}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(meter.Quantities().Cells)

	var running tariff.Bill
	if err := plan.Price(&running, meter.Quantities()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("so far", running.Payable)
	// Output:
	// read the register again in 3600 s
	// [{0 7000000}]
	// so far 9.45 CNY
}

// Two ways to write one tariff have one normal form.
func ExampleTariff_Normalize() {
	n, err := peakAndValley().Normalize()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range n.Elements {
		fmt.Println(e.Rate, e.When.Windows)
	}
	// Output:
	// peak [07:00-23:00]
	// valley [23:00-07:00]
}

// A driver who prepaid is never asked for more; what lies above is waived.
func ExamplePlan_Price() {
	plan, err := peakAndValley().Compile(tariff.Limits{Amount: 10_00, Scale: 2}, china)
	if err != nil {
		fmt.Println(err)
		return
	}
	var bill tariff.Bill
	err = plan.Price(&bill, tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: 7_420_000}}})
	fmt.Println(bill.Gross, bill.Payable, bill.Waived, err)

	err = plan.Price(&bill, tariff.Quantities{Cells: []tariff.Cell{{Index: 1, Quantity: 7_420_000}}})
	fmt.Println(err)
	// Output:
	// 10.02 CNY 10.00 CNY 0.02 CNY <nil>
	// tariff: impossible quantities at Cells[0].Index
}

// A bill is checked from itself alone.
func ExampleBill_Check() {
	var bill tariff.Bill
	if err := compiled().Price(&bill, tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: 7_000_000}}}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bill.Check())
	bill.Lines[1].Amount.Units++
	fmt.Println(bill.Check())
	// Output:
	// <nil>
	// tariff: inconsistent bill at Lines[1].Amount
}

// Amounts in JSON are text, so that no reader makes a float of them.
func ExampleBill_MarshalJSON() {
	var bill tariff.Bill
	if err := compiled().Price(&bill, tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: 7_000_000}}}); err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(bill.Lines[0])
	fmt.Println(string(text), err)
	// Output:
	// {"kind":"charge","rate":"peak","dimension":"energy","class":"electricity","element":0,"component":0,"when":{"windows":["07:00-23:00"]},"measured_mWh":7000000,"billed_mWh":7000000,"price_per_kWh":{"amount":"0.95","currency":"CNY"},"exact":"133/20","amount":{"amount":"6.65","currency":"CNY"}} <nil>
}

// A server turns a zone into the offsets that an order carries.
func ExampleOffsetsIn() {
	zone := time.FixedZone("CST", 8*3600)
	from := time.Unix(evening, 0)
	for _, o := range tariff.OffsetsIn(zone, from, from.Add(24*time.Hour)) {
		fmt.Println(o.From, o.Seconds)
	}
	// Output:
	// 1772460000 28800
}

// A graduated tariff with an occupancy fee: 1.20 up to 20 kWh of a month, then
// 0.90; after 15 minutes of grace 20.00 an hour of idling, at most 40.00.
func ExampleMeter_StopAt() {
	graduated := tariff.Tariff{
		Rules: tariff.Rules1, Currency: "CNY", Scale: 2,
		Elements: []tariff.Element{
			{When: tariff.Restrictions{Energy: tariff.Span{Max: 20_000_000}}, Components: []tariff.Component{
				{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 120}}},
			{Components: []tariff.Component{
				{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 90},
				{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: 20_00}}},
		},
		Idle:     tariff.IdleRule{Grace: 15 * 60, SessionCap: 40_00},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
	}
	opening := tariff.Facts{Energy: 15_000_000} // this month, before this session
	plan, err := graduated.Compile(tariff.Limits{Scale: 2, Facts: opening}, []tariff.Offset{{Seconds: 8 * 3600}})
	if err != nil {
		fmt.Println(err)
		return
	}
	meter := plan.Meter()
	if err := meter.Add(tariff.Reading{At: 1_772_380_800}); err != nil {
		fmt.Println(err)
		return
	}
	budget := tariff.Money{Units: 15_00, Scale: 2, Currency: "CNY"}
	stop, err := meter.StopAt(budget, tariff.Load{Power: 60_000}, 8*3600)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(stop.Kind == tariff.StopAfter, stop.Seconds, "s,", stop.Energy, "mWh,", stop.Cost)
	// Output:
	// true 900 s, 15000000 mWh, 15.00 CNY
}

// What the author of a tariff should look at.
func ExampleTariff_Lint() {
	t := peakAndValley()
	t.Elements = append(t.Elements, tariff.Element{Components: []tariff.Component{
		{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 1, Step: 500}}})
	for _, f := range t.Lint() {
		fmt.Println(f.Path, f.Code)
	}
	// Output:
	// Elements[2].Components[0].Step fine-step
	// Elements[2].Components[0] never-applies
	// Elements[2].Components[0].Step steps-differ
}

// A vehicle that may feed back: what the register falls by is taken off at the
// price of the moment.
func ExampleLimits_feedback() {
	plan, err := peakAndValley().Compile(tariff.Limits{Feedback: 20_000_000, Scale: 2}, china)
	if err != nil {
		fmt.Println(err)
		return
	}
	meter := plan.Meter()
	for _, r := range []tariff.Reading{
		{At: evening, Energy: 50_000_000},         // 22:00
		{At: evening + 3600, Energy: 45_000_000},  // 23:00: 5 kWh fed back
		{At: evening + 10800, Energy: 57_000_000}, // 01:00: 12 kWh drawn
	} {
		if err := meter.Add(r); err != nil {
			fmt.Println(err)
			return
		}
	}
	var bill tariff.Bill
	if err := plan.Price(&bill, meter.Quantities()); err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range bill.Lines {
		fmt.Println(l.Rate, l.Class, l.Billed, "mWh", l.Amount)
	}
	fmt.Println(bill.Payable)
	// Output:
	// peak electricity -5000000 mWh -4.75 CNY
	// peak service -5000000 mWh -2.00 CNY
	// valley electricity 12000000 mWh 3.84 CNY
	// valley service 12000000 mWh 4.80 CNY
	// 1.89 CNY
}
