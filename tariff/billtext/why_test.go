// SPDX-License-Identifier: Apache-2.0

package billtext_test

import (
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/billtext"
)

// applies returns the column that says when each rate applies.
func applies(t *testing.T, b *tariff.Bill, lang billtext.Lang) (cells []string) {
	t.Helper()
	text, err := billtext.Append(nil, b, lang)
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(text), "\n--")
	for _, row := range strings.Split(body, "\n")[2:] {
		cell, _, _ := strings.Cut(row, "  ")
		cells = append(cells, cell)
	}
	return cells
}

// under returns the bill of 1 kWh under each of these restrictions.
func under(t *testing.T, when ...tariff.Restrictions) *tariff.Bill { return underBut(t, -1, when...) }

// underBut leaves one element of the tariff out of the bill.
func underBut(t *testing.T, element int, when ...tariff.Restrictions) *tariff.Bill {
	t.Helper()
	tf := &tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 2, Rounding: rounding(tariff.PerSession, 2)}
	var cells []tariff.Cell
	for i, r := range when {
		tf.Elements = append(tf.Elements, tariff.Element{When: r, Components: []tariff.Component{
			{Dimension: tariff.Energy, Class: tariff.Electricity, Price: int64(10 + i)}}})
		if i != element {
			cells = append(cells, tariff.Cell{Index: i, Quantity: 1_000_000})
		}
	}
	return bill(t, tf, tariff.Limits{Scale: 2}, cells...)
}

// TestWhyAPriceApplies: each restriction in words.
func TestWhyAPriceApplies(t *testing.T) {
	type r = tariff.Restrictions
	type span = tariff.Span
	date := tariff.DateOf
	evening := []tariff.Window{{From: 17 * 3600, To: 22 * 3600}}
	for _, c := range []struct {
		when             r
		english, chinese string // rows of the column, with | between them
	}{
		{r{}, "all day", "全天"},
		{r{Windows: evening}, "17:00-22:00", "17:00-22:00"},
		{r{Energy: span{Max: 20_000_000}}, "first 20 kWh", "前20度"},
		{r{Energy: span{Min: 20_000_000, Max: 50_500_000}}, "20-50.5 kWh", "20-50.5度"},
		{r{Energy: span{Min: 50_000_001}}, "from 50.000001 kWh", "50.000001度以上"},
		{r{Volume: span{Max: 100_000}}, "first 100 L", "前100升"},
		{r{Volume: span{Min: 100_000, Max: 250_000}}, "100-250 L", "100-250升"},
		{r{Volume: span{Min: 500}}, "from 0.5 L", "0.5升以上"},
		{r{Power: span{Max: 16_000}}, "below 16 kW", "低于16千瓦"},
		{r{Power: span{Min: 16_000, Max: 32_000}}, "16-32 kW", "16-32千瓦"},
		{r{Power: span{Min: 150_000}}, "from 150 kW", "150千瓦及以上"},
		{r{Current: span{Max: 32_000}}, "below 32 A", "低于32安"},
		{r{Current: span{Min: 16_000, Max: 32_500}}, "16-32.5 A", "16-32.5安"},
		{r{Current: span{Min: 32_000}}, "from 32 A", "32安及以上"},
		{r{Time: span{Max: 5400}}, "first 90 min of charging", "充电90分钟以内"},
		{r{Time: span{Min: 3600, Max: 7200}}, "1-2 h of charging", "充电1-2小时"},
		{r{Time: span{Min: 90}}, "from 90 s of charging", "充电满90秒后"},
		{r{Duration: span{Max: 1800}}, "first 30 min", "开始后30分钟以内"},
		{r{Duration: span{Min: 1800, Max: 3600}}, "30-60 min after start", "开始后30-60分钟"},
		{r{Duration: span{Min: 4 * 3600}}, "from 4 h after start", "开始4小时后"},
		{r{Idle: span{Max: 900}}, "idle up to 15 min", "占位15分钟以内"},
		{r{Idle: span{Min: 900, Max: 3600}}, "idle 15-60 min", "占位15-60分钟"},
		{r{Idle: span{Min: 900}}, "idle from 15 min", "占位满15分钟后"},
		{r{Days: 1<<6 | 1}, "Sat, Sun", "周六、周日"},
		{r{Days: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5}, "Mon-Fri", "周一至周五"},
		{r{Days: 1<<1 | 1<<3 | 1<<5 | 1<<6 | 1}, "Mon, Wed, Fri-Sun", "周一、周三、周五至周日"},
		{r{Days: 1 << 1}, "Mon", "周一"},
		{r{From: date(2026, 5, 1), Until: date(2026, 5, 2)}, "1 May 2026", "2026年5月1日"},
		{r{From: date(2026, 10, 1), Until: date(2026, 10, 8)}, "1-7 Oct 2026", "2026年10月1日至7日"},
		{r{From: date(2026, 6, 1), Until: date(2026, 9, 1)}, "1 Jun - 31 Aug 2026", "2026年6月1日至8月31日"},
		{r{From: date(2026, 12, 31), Until: date(2027, 1, 2)}, "31 Dec 2026 - 1 Jan 2027", "2026年12月31日至2027年1月1日"},
		{r{From: date(2026, 10, 1)}, "from 1 Oct 2026", "2026年10月1日起"},
		{r{Until: date(2026, 10, 8)}, "until 7 Oct 2026", "至2026年10月7日止"},
		{r{Windows: evening, Days: 1 << 6}, "17:00-22:00, Sat", "17:00-22:00，周六"},
		{r{Windows: evening, Days: 1<<6 | 1, Energy: span{Max: 20_000_000}, Power: span{Min: 16_000, Max: 32_000}},
			"17:00-22:00, Sat, Sun|first 20 kWh, 16-32 kW", "17:00-22:00，周六、周日|前20度，16-32千瓦"},
		{r{Windows: []tariff.Window{{From: 0, To: 3600}, {From: 7200, To: 10800}}, Days: 1 << 6, Energy: span{Min: 1_000_000}},
			"00:00-01:00|02:00-03:00|Sat, from 1 kWh", "00:00-01:00|02:00-03:00|周六，1度以上"},
	} {
		b := under(t, c.when)
		for lang, want := range map[billtext.Lang]string{billtext.English: c.english, billtext.Chinese: c.chinese} {
			if got := strings.Join(applies(t, b, lang), "|"); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

// TestWhyOfACascade: elements are read from the top, so each takes from those
// after it what they have in common. That is said where the one before is on
// the bill; else what has no restriction of its own is "otherwise".
func TestWhyOfACascade(t *testing.T) {
	type r = tariff.Restrictions
	to := func(kWh int64) r { return r{Energy: tariff.Span{Max: kWh * 1_000_000}} }
	from := func(kW int64) r { return r{Power: tariff.Span{Min: kW * 1000}} }
	saturday := r{Days: 1 << 6}
	saturdayTo := r{Days: 1 << 6, Energy: tariff.Span{Max: 20_000_000}}
	for _, c := range []struct {
		name string
		bill *tariff.Bill
		want string
	}{
		{"tiers from below", under(t, to(20), to(50), r{}), "first 20 kWh|20-50 kWh|from 50 kWh"},
		{"bands from above", under(t, from(100), from(50), r{}), "from 100 kW|50-100 kW|below 50 kW"},
		{"tiers within a day", under(t, saturdayTo, saturday, r{}), "Sat, first 20 kWh|Sat, from 20 kWh|otherwise"},
		{"two kinds", under(t, to(20), from(50), r{}), "first 20 kWh|from 50 kW|otherwise"},
		{"one in between is not on the bill", underBut(t, 1, to(20), to(50), r{}), "first 20 kWh|otherwise"},
		{"the first is not on the bill", underBut(t, 0, to(20), to(50), r{}), "first 50 kWh|from 50 kWh"},
		{"days and all else", under(t, saturday, r{}), "Sat|otherwise"},
	} {
		if got := strings.Join(applies(t, c.bill, billtext.English), "|"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
