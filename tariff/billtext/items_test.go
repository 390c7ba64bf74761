// SPDX-License-Identifier: Apache-2.0

package billtext_test

import (
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/billtext"
)

// everything is a bill with every kind of line: 2.5 kWh sharp and 4.334 kWh
// valley, 40 idle minutes in steps of 15, a flat fee, a cap of 10, a maximum.
func everything(t *testing.T, included bool) *tariff.Bill {
	t.Helper()
	vat := []tariff.Tax{{Name: "VAT", Rate: 19_000}}
	tf := fourRates(rounding(tariff.PerGroup, 1))
	tf.TaxIncluded = included
	for i := range tf.Elements {
		for j := range tf.Elements[i].Components {
			tf.Elements[i].Components[j].Taxes = vat
		}
	}
	tf.Elements = append(tf.Elements, tariff.Element{Components: []tariff.Component{
		{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: 2_000_000, Step: 900, Taxes: vat},
		{Dimension: tariff.FlatFee, Class: tariff.OtherFee, Price: 100_000}}})
	tf.Idle.SessionCap = 1_000_000
	tf.Limit.Max = 1_500_000
	plan, err := tf.Compile(tariff.Limits{Scale: 2, Amount: 16_00}, []tariff.Offset{{}})
	if err != nil {
		t.Fatal(err)
	}
	b := new(tariff.Bill)
	if err := plan.Price(b, tariff.Quantities{Last: []int{8}, Flats: []int{9}, Cells: []tariff.Cell{
		{Index: 0, Quantity: 2_500_000}, {Index: 6, Quantity: 4_334_000}, {Index: 8, Quantity: 2400}}}); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEveryKindOfLine: checked by hand. The maximum of 15.00 is without taxes:
// of 4.64 + 2.43 + 10.00 + 1.00 = 18.07 it leaves 3.86 + 2.01 + 8.30 + 0.83,
// with taxes 4.59 + 2.39 + 9.88 + 0.83 = 17.69. Where prices contain the taxes,
// 3.81 + 2.00 + 8.21 + 0.98 are left, with taxes 4.53 + 2.38 + 9.77 + 0.98 = 17.66.
func TestEveryKindOfLine(t *testing.T) {
	for _, c := range []struct {
		name     string
		included bool
		lang     billtext.Lang
		want     string
	}{
		{"taxes on top, in English", false, billtext.English, `
Charging bill (CNY)
Rate    Applies        kWh  Energy/kWh  Service/kWh  Energy  Service  Subtotal
Sharp   19:00-21:00  2.500      1.3452       0.4500    3.36     1.13      4.49
Valley  23:00-07:00  4.334      0.2961       0.3000    1.28     1.30      2.58
Occupancy (idle time) 00:45:00 × 20.0000/h
  (measured 00:40:00, billed per 15 min)                                 15.00
Other (flat fee)                                                          1.00
Above the cap                                                            -5.00
Maximum price, electricity                                               -0.78
Maximum price, service                                                   -0.42
Maximum price, occupancy                                                 -1.70
Maximum price, other fees                                                -0.17
VAT 19 % on electricity                                                   0.73
VAT 19 % on service                                                       0.38
VAT 19 % on occupancy                                                     1.58
------------------------------------------------------------------------------
Total                6.834                             4.64     2.43     17.69
Rounding for payment                                                      0.01
Above your limit, waived                                                 -1.70
To pay                                                                   16.00 CNY
`},
		{"taxes included, in Chinese", true, billtext.Chinese, `
充电账单 (元)
费率  适用时段     电量(度)  电费/度  服务费/度  电费  服务费   小计
尖    19:00-21:00     2.500   1.3452     0.4500  3.36    1.13   4.49
谷    23:00-07:00     4.334   0.2961     0.3000  1.28    1.30   2.58
占位费（占位时长） 00:45:00 × 20.0000/小时
  （实测00:40:00，按15分钟计费）                               15.00
其他费用（固定费用）                                            1.00
封顶减免                                                       -5.00
最高消费调整（电费）                                           -0.11
最高消费调整（服务费）                                         -0.05
最高消费调整（占位费）                                         -0.23
最高消费调整（其他费用）                                       -0.02
--------------------------------------------------------------------
合计                  6.834                      4.64    2.43  17.66
其中：VAT 19%（电费）                                           0.72
其中：VAT 19%（服务费）                                         0.38
其中：VAT 19%（占位费）                                         1.56
支付取整                                                        0.04
超出限额，免收                                                 -1.70
应付                                                           16.00 元
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := billtext.Append(nil, everything(t, c.included), c.lang)
			if err != nil || "\n"+string(got) != c.want {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
}

// TestAMinimumIsNamedSo: also the share in it of a fee that it lowers. 5 kWh at
// .60 and as much of a credit at .50 are .50; the minimum of 2.00 is shared out
// as 1.09 + .91, so that the dearer fee is lowered to reach it.
func TestAMinimumIsNamedSo(t *testing.T) {
	tf := &tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 2, Rounding: rounding(tariff.PerSession, 2),
		Elements: []tariff.Element{{Components: fees(60, -50)}}, Limit: tariff.PriceLimit{Min: 200}}
	got, err := billtext.Append(nil, bill(t, tf, tariff.Limits{Scale: 2}, tariff.Cell{Quantity: 5_000_000}), billtext.English)
	if want := `
Charging bill (EUR)
Applies    kWh  Energy/kWh  Service/kWh  Energy  Service  Subtotal
all day  5.000         0.6         -0.5    3.00    -2.50      0.50
Minimum price, electricity                                   -1.91
Minimum price, service                                        3.41
------------------------------------------------------------------
Total    5.000                             3.00    -2.50      2.00
To pay                                                        2.00 EUR
`; err != nil || "\n"+string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}
