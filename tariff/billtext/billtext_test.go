// SPDX-License-Identifier: Apache-2.0

package billtext_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/billtext"
)

// fees are prices in 1/100000 per kWh.
func fees(electricity, service int64) []tariff.Component {
	return []tariff.Component{
		{Dimension: tariff.Energy, Class: tariff.Electricity, Price: electricity},
		{Dimension: tariff.Energy, Class: tariff.Service, Price: service},
	}
}

func within(hours ...int32) (r tariff.Restrictions) {
	for i := 0; i < len(hours); i += 2 {
		r.Windows = append(r.Windows, tariff.Window{From: hours[i] * 3600, To: hours[i+1] * 3600})
	}
	return r
}

// fourRates is a day of 尖峰平谷: cells 0, 2, 4 and 6.
func fourRates(r tariff.Rounding) *tariff.Tariff {
	return &tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 5, Rounding: r, Elements: []tariff.Element{
		{Rate: tariff.Sharp, When: within(19, 21), Components: fees(134_520, 45_000)},
		{Rate: tariff.Peak, When: within(10, 15, 21, 23), Components: fees(108_770, 40_000)},
		{Rate: tariff.Flat, When: within(7, 10, 15, 19), Components: fees(68_250, 35_000)},
		{Rate: tariff.Valley, When: within(23, 7), Components: fees(29_610, 30_000)},
	}}
}

func bill(t testing.TB, tf *tariff.Tariff, limits tariff.Limits, cells ...tariff.Cell) *tariff.Bill {
	t.Helper()
	plan, err := tf.Compile(limits, []tariff.Offset{{Seconds: 8 * 3600}})
	if err != nil {
		t.Fatal(err)
	}
	b := new(tariff.Bill)
	if err := plan.Price(b, tariff.Quantities{Cells: cells}); err != nil {
		t.Fatal(err)
	}
	return b
}

func rounding(unit tariff.RoundingUnit, payable uint8) tariff.Rounding {
	return tariff.Rounding{Unit: unit, Mode: tariff.HalfUp, Payable: payable}
}

// The texts below were written by hand from the prices and quantities.

const fourRatesChinese = `
充电账单 (元)
费率  适用时段     电量(度)  电费/度  服务费/度   电费  服务费   小计
尖    19:00-21:00     2.500   1.3452     0.4500   3.36    1.13   4.49
峰    10:00-15:00    12.500   1.0877     0.4000  13.60    5.00  18.60
      21:00-23:00
平    07:00-10:00     3.250   0.6825     0.3500   2.22    1.14   3.36
      15:00-19:00
谷    23:00-07:00     4.334   0.2961     0.3000   1.28    1.30   2.58
舍入差额                                                 -0.01  -0.01
---------------------------------------------------------------------
合计                 22.584                      20.46    8.56  29.02
支付取整                                                        -0.02
超出限额，免收                                                  -9.00
应付                                                            20.00 元
`

const fourRatesEnglish = `
Charging bill (CNY)
Rate    Applies         kWh  Energy/kWh  Service/kWh  Energy  Service  Subtotal
Sharp   19:00-21:00   2.500      1.3452       0.4500    3.36     1.13      4.49
Peak    10:00-15:00  12.500      1.0877       0.4000   13.60     5.00     18.60
        21:00-23:00
Flat    07:00-10:00   3.250      0.6825       0.3500    2.22     1.14      3.36
        15:00-19:00
Valley  23:00-07:00   4.334      0.2961       0.3000    1.28     1.30      2.58
Rounding difference                                             -0.01     -0.01
-------------------------------------------------------------------------------
Total                22.584                            20.46     8.56     29.02
Rounding for payment                                                      -0.02
Above your limit, waived                                                  -9.00
To pay                                                                    20.00 CNY
`

func TestTexts(t *testing.T) {
	four := bill(t, fourRates(rounding(tariff.PerGroup, 1)), tariff.Limits{Scale: 2, Amount: 2000},
		tariff.Cell{Index: 0, Quantity: 2_500_000}, tariff.Cell{Index: 2, Quantity: 12_500_000},
		tariff.Cell{Index: 4, Quantity: 3_250_000}, tariff.Cell{Index: 6, Quantity: 4_334_000})
	mWh := bill(t, fourRates(rounding(tariff.PerComponent, 2)), tariff.Limits{Scale: 2},
		tariff.Cell{Index: 6, Quantity: 10_000_001})
	yen := &tariff.Tariff{Rules: tariff.Rules1, Currency: "JPY", Rounding: rounding(tariff.PerSession, 0),
		Elements: []tariff.Element{{Components: fees(31, 0)[:1]}}}
	apart := fourRates(rounding(tariff.PerSession, 2))
	apart.Elements[3].Components = apart.Elements[3].Components[:1]
	for _, c := range []struct {
		name string
		bill *tariff.Bill
		lang billtext.Lang
		want string
	}{
		{"four rates in Chinese", four, billtext.Chinese, fourRatesChinese},
		{"four rates in English", four, billtext.English, fourRatesEnglish},
		{"four rates in both", four, billtext.Both, fourRatesChinese + fourRatesEnglish},
		{"energy to the mWh", mWh, billtext.Chinese, `
充电账单 (元)
费率  适用时段      电量(度)  电费/度  服务费/度  电费  服务费  小计
谷    23:00-07:00  10.000001   0.2961     0.3000  2.96    3.00  5.96
--------------------------------------------------------------------
合计               10.000001                      2.96    3.00  5.96
应付                                                            5.96 元
`},
		{"one price all day, without a name", bill(t, yen, tariff.Limits{}, tariff.Cell{Quantity: 10_000_000}), billtext.Both, `
充电账单 (JPY)
适用时段  电量(度)  电费/度  电费
全天        10.000       31   310
---------------------------------
合计        10.000            310
应付                          310 JPY

Charging bill (JPY)
Applies     kWh  Energy/kWh  Energy
all day  10.000          31     310
-----------------------------------
Total    10.000                 310
To pay                          310 JPY
`},
		{"a rate without service fee has no sum of energy that fits both", bill(t, apart, tariff.Limits{Scale: 2},
			tariff.Cell{Index: 0, Quantity: 2_500_000}, tariff.Cell{Index: 6, Quantity: 4_334_000}), billtext.English, `
Charging bill (CNY)
Rate    Applies        kWh  Energy/kWh  Service/kWh  Energy  Service  Subtotal
Sharp   19:00-21:00  2.500      1.3452       0.4500    3.36     1.13      4.49
Valley  23:00-07:00  4.334      0.2961                 1.28               1.28
------------------------------------------------------------------------------
Total                                                  4.64     1.13      5.77
To pay                                                                    5.77 CNY
`},
		{"nothing drawn", bill(t, yen, tariff.Limits{}), billtext.Both, `
充电账单 (JPY)
本次无计费项目
应付         0 JPY

Charging bill (JPY)
No charges
To pay   0 JPY
`},
		{"fed back at one rate", bill(t, fourRates(rounding(tariff.PerSession, 2)), tariff.Limits{Scale: 2, Feedback: 5_000_000},
			tariff.Cell{Index: 0, Quantity: -2_500_000}, tariff.Cell{Index: 6, Quantity: 10_000_000}), billtext.English, `
Charging bill (CNY)
Rate    Applies         kWh  Energy/kWh  Service/kWh  Energy  Service  Subtotal
Sharp   19:00-21:00  -2.500      1.3452       0.4500   -3.36    -1.13     -4.49
Valley  23:00-07:00  10.000      0.2961       0.3000    2.96     3.00      5.96
-------------------------------------------------------------------------------
Total                 7.500                            -0.40     1.87      1.47
To pay                                                                     1.47 CNY
`},
		{"a credit, of one fee only", bill(t, yen, tariff.Limits{Feedback: 5_000_000}, tariff.Cell{Quantity: -2_000_001}), billtext.English, `
Charging bill (JPY)
Applies        kWh  Energy/kWh  Energy
all day  -2.000001          31     -62
--------------------------------------
Total    -2.000001                 -62
To be refunded                      62 JPY
`},
		{"no language", four, 0, "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := billtext.Append([]byte("\n"), c.bill, c.lang)
			if err != nil || string(got) != c.want {
				t.Errorf("%v%s\nwant%s", err, got, c.want)
			}
		})
	}
}

// TestRefusesABillThatDoesNotAddUp: nothing is appended.
func TestRefusesABillThatDoesNotAddUp(t *testing.T) {
	b := bill(t, fourRates(rounding(tariff.PerSession, 2)), tariff.Limits{Scale: 2}, tariff.Cell{Index: 0, Quantity: 5})
	b.Payable.Units++
	got, err := billtext.Append([]byte("before"), b, billtext.Both)
	if !errors.Is(err, tariff.ErrBill) || string(got) != "before" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestNoTrailingSpaces: texts are pasted into mails and compared by people.
func TestNoTrailingSpaces(t *testing.T) {
	b := bill(t, fourRates(rounding(tariff.PerGroup, 1)), tariff.Limits{Scale: 2, Amount: 1}, tariff.Cell{Index: 2, Quantity: 555_555})
	text, err := billtext.Append(nil, b, billtext.Both)
	if err != nil || strings.Contains(string(text), " \n") {
		t.Errorf("%v\n%s", err, text)
	}
}

func ExampleAppend() {
	plan, err := fourRates(rounding(tariff.PerSession, 2)).Compile(
		tariff.Limits{Amount: 20_00, Scale: 2}, []tariff.Offset{{Seconds: 8 * 3600}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b tariff.Bill
	if err := plan.Price(&b, tariff.Quantities{Cells: []tariff.Cell{{Index: 2, Quantity: 6_000_000}, {Index: 6, Quantity: 9_500_000}}}); err != nil {
		fmt.Println(err)
		return
	}
	text, err := billtext.Append(nil, &b, billtext.Both)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// 充电账单 (元)
	// 费率  适用时段     电量(度)  电费/度  服务费/度  电费  服务费   小计
	// 峰    10:00-15:00     6.000   1.0877     0.4000  6.53    2.40   8.93
	//       21:00-23:00
	// 谷    23:00-07:00     9.500   0.2961     0.3000  2.81    2.85   5.66
	// --------------------------------------------------------------------
	// 合计                 15.500                      9.34    5.25  14.59
	// 应付                                                           14.59 元
	//
	// Charging bill (CNY)
	// Rate    Applies         kWh  Energy/kWh  Service/kWh  Energy  Service  Subtotal
	// Peak    10:00-15:00   6.000      1.0877       0.4000    6.53     2.40      8.93
	//         21:00-23:00
	// Valley  23:00-07:00   9.500      0.2961       0.3000    2.81     2.85      5.66
	// -------------------------------------------------------------------------------
	// Total                15.500                             9.34     5.25     14.59
	// To pay                                                                    14.59 CNY
}
