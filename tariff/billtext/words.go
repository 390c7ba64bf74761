// SPDX-License-Identifier: Apache-2.0

package billtext

import (
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// words are the texts of one language. {} stands for what is filled in.
type words struct {
	lang                           Lang
	title                          string
	columns                        [columns]string // headings
	conditions                     string          // heading of hours where there are other conditions too
	rates                          [9]string       // by tariff.Rate; no name for 0
	allDay, nothing                string
	residue, total                 string
	payableRounding, waived        string
	toPay, toRefund                string
	yuan                           string
	classes                        [5]string // by tariff.Class
	fees                           [5]string // by tariff.Class: within a line
	on, of                         string    // behind a tax, behind a limit: which fee
	dimensions                     [6]string // by tariff.Dimension: what is charged for
	per                            [6]string // by tariff.Dimension: behind a unit price
	units                          [6]string // by tariff.Dimension: behind a quantity
	reserved                       [3]string // by tariff.Reservation: before the dimension
	measured, step                 string    // where more is billed
	open, shut, comma, space       string    // around and between conditions
	percent                        string
	capped, atLeast, atMost        string
	tax, taxResidue                string
	contained                      string // around what follows, of a tax in the prices
	containedTax, containedResidue string // tax and taxResidue within
	whyWords
}

var chinese = words{
	lang:            Chinese,
	title:           "充电账单",
	columns:         [columns]string{"费率", "适用时段", "电量(度)", "电费/度", "服务费/度", "电费", "服务费", "小计"},
	conditions:      "适用条件",
	rates:           [9]string{"", "尖", "峰", "平", "谷", "深谷", "费率6", "费率7", "费率8"},
	allDay:          "全天",
	nothing:         "本次无计费项目",
	residue:         "舍入差额",
	total:           "合计",
	payableRounding: "支付取整",
	waived:          "超出限额，免收",
	toPay:           "应付",
	toRefund:        "应退",
	yuan:            "元",
	classes:         [5]string{"", "电费", "服务费", "占位费", "其他费用"},
	fees:            [5]string{"", "电费", "服务费", "占位费", "其他费用"},
	on:              "（{}）",
	of:              "（{}）",
	dimensions:      [6]string{"", "电量", "时长", "占位时长", "固定费用", "体积"},
	per:             [6]string{"", "/度", "/小时", "/小时", "", "/升"},
	units:           [6]string{"", "度", "", "", "", "升"},
	reserved:        [3]string{"", "预约", "逾期预约"},
	measured:        "实测{}",
	step:            "按{}计费",
	percent:         "%",
	open:            "（",
	shut:            "）",
	comma:           "，",
	capped:          "封顶减免",
	atLeast:         "最低消费调整",
	atMost:          "最高消费调整",
	tax:             "税",
	taxResidue:      "税额尾差",
	contained:       "其中：{}",
	containedTax:    "税", containedResidue: "税额尾差",
	whyWords: whyWords{
		otherwise: "其余情况",
		first:     [spans]string{"前{}", "前{}", "低于{}", "低于{}", "充电{}以内", "开始后{}以内", "占位{}以内", "{}以内"},
		between:   [spans]string{"{}", "{}", "{}", "{}", "充电{}", "开始后{}", "占位{}", "{}"},
		from:      [spans]string{"{}以上", "{}以上", "{}及以上", "{}及以上", "充电满{}后", "开始{}后", "占位满{}后", "满{}后"},
		kWh:       "度", litre: "升", kW: "千瓦", amp: "安", hours: "小时", minutes: "分钟", secs: "秒",
		days:   [7]string{"周一", "周二", "周三", "周四", "周五", "周六", "周日"},
		dayRun: "至", dayList: "、", together: "，",
		date:  func(d time.Time) string { return d.Format("2006年1月2日") },
		dates: chineseDates, datesFrom: "{}起", datesUntil: "至{}止",
	},
}

var english = words{
	lang:            English,
	title:           "Charging bill",
	columns:         [columns]string{"Rate", "Applies", "kWh", "Energy/kWh", "Service/kWh", "Energy", "Service", "Subtotal"},
	conditions:      "Applies",
	rates:           [9]string{"", "Sharp", "Peak", "Flat", "Valley", "Deep valley", "Rate 6", "Rate 7", "Rate 8"},
	allDay:          "all day",
	nothing:         "No charges",
	residue:         "Rounding difference",
	total:           "Total",
	payableRounding: "Rounding for payment",
	waived:          "Above your limit, waived",
	toPay:           "To pay",
	toRefund:        "To be refunded",
	yuan:            "CNY",
	classes:         [5]string{"", "Electricity", "Service", "Occupancy", "Other"},
	fees:            [5]string{"", "electricity", "service", "occupancy", "other fees"},
	on:              " on {}",
	of:              ", {}",
	dimensions:      [6]string{"", "energy", "time", "idle time", "flat fee", "volume"},
	per:             [6]string{"", "/kWh", "/h", "/h", "", "/L"},
	units:           [6]string{"", " kWh", "", "", "", " L"},
	reserved:        [3]string{"", "reservation, ", "expired reservation, "},
	measured:        "measured {}",
	step:            "billed per {}",
	percent:         " %",
	open:            " (",
	shut:            ")",
	comma:           ",",
	space:           " ",
	capped:          "Above the cap",
	atLeast:         "Minimum price",
	atMost:          "Maximum price",
	tax:             "Tax",
	taxResidue:      "Tax rounding",
	contained:       "included: {}",
	containedTax:    "tax", containedResidue: "tax rounding",
	whyWords: whyWords{
		otherwise: "otherwise",
		first:     [spans]string{"first {}", "first {}", "below {}", "below {}", "first {} of charging", "first {}", "idle up to {}", "first {}"},
		between:   [spans]string{"{}", "{}", "{}", "{}", "{} of charging", "{} after start", "idle {}", "{}"},
		from:      [spans]string{"from {}", "from {}", "from {}", "from {}", "from {} of charging", "from {} after start", "idle from {}", "from {}"},
		kWh:       " kWh", litre: " L", kW: " kW", amp: " A", hours: " h", minutes: " min", secs: " s",
		days:   [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		dayRun: "-", dayList: ", ", together: ", ",
		date:  func(d time.Time) string { return d.Format("2 Jan 2006") },
		dates: englishDates, datesFrom: "from {}", datesUntil: "until {}",
	},
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
