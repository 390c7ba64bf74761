// SPDX-License-Identifier: Apache-2.0

package billtext

import "github.com/seed81979277/qrcharge/tariff"

// words are the texts of one language.
type words struct {
	lang                           Lang
	title                          string
	columns                        [columns]string // headings
	rates                          [9]string       // by tariff.Rate; no name for 0
	allDay, nothing                string
	residue, total                 string
	payableRounding, waived, toPay string
	yuan                           string
	classes                        [5]string // by tariff.Class
	dimensions                     [6]string // by tariff.Dimension: what is charged for
	per                            [6]string // by tariff.Dimension: behind a unit price
	units                          [6]string // by tariff.Dimension: behind a quantity
	reserved                       string    // before the dimension, of a reservation
	measured                       string    // before what was measured, where more is billed
	capped, atLeast, atMost        string
	tax, taxResidue, contained     string
}

var chinese = words{
	lang:            Chinese,
	title:           "充电账单",
	columns:         [columns]string{"费率", "适用时段", "电量(度)", "电费/度", "服务费/度", "电费", "服务费", "小计"},
	rates:           [9]string{"", "尖", "峰", "平", "谷", "深谷", "费率6", "费率7", "费率8"},
	allDay:          "全天",
	nothing:         "没有计费的电量",
	residue:         "舍入差额",
	total:           "合计",
	payableRounding: "支付取整",
	waived:          "超出限额，免收",
	toPay:           "应付",
	yuan:            "元",
	classes:         [5]string{"", "电费", "服务费", "占位费", "其他费用"},
	dimensions:      [6]string{"", "电量", "时长", "占位时长", "固定费用", "体积"},
	per:             [6]string{"", "/度", "/小时", "/小时", "", "/升"},
	units:           [6]string{"", " 度", "", "", "", " 升"},
	reserved:        "预约",
	measured:        "实测 ",
	capped:          "封顶减免",
	atLeast:         "最低消费调整",
	atMost:          "最高消费调整",
	tax:             "税",
	taxResidue:      "税额舍入差额",
	contained:       "其中 ",
}

var english = words{
	lang:            English,
	title:           "Charging bill",
	columns:         [columns]string{"Rate", "Applies", "kWh", "Energy/kWh", "Service/kWh", "Energy", "Service", "Subtotal"},
	rates:           [9]string{"", "Sharp", "Peak", "Flat", "Valley", "Deep valley", "Rate 6", "Rate 7", "Rate 8"},
	allDay:          "all day",
	nothing:         "No energy was billed",
	residue:         "Rounding difference",
	total:           "Total",
	payableRounding: "Rounding for payment",
	waived:          "Above your limit, waived",
	toPay:           "To pay",
	yuan:            "CNY",
	classes:         [5]string{"", "Energy", "Service", "Occupancy", "Other"},
	dimensions:      [6]string{"", "energy", "time", "idle time", "flat fee", "volume"},
	per:             [6]string{"", "/kWh", "/h", "/h", "", "/L"},
	units:           [6]string{"", " kWh", "", "", "", " L"},
	reserved:        "reservation, ",
	measured:        "measured ",
	capped:          "Above the cap",
	atLeast:         "Minimum price",
	atMost:          "Maximum price",
	tax:             "Tax",
	taxResidue:      "Tax rounding difference",
	contained:       "included: ",
}

// rate returns the name of a rate, "" where it has none.
func (w *words) rate(r tariff.Rate) string {
	if int(r) >= len(w.rates) {
		return ""
	}
	return w.rates[r]
}

// unit returns what amounts are counted in.
func (w *words) unit(c tariff.Currency) string {
	if c == "CNY" {
		return w.yuan
	}
	return string(c)
}
