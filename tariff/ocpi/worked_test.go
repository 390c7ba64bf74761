// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// skip skips for want of a tool, or fails where CI says that it must be there.
func skip(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("QRCHARGE_REQUIRE_TOOLS") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// The tariffs of the examples in the OCPI documents, in elements of 2.2.1.
const (
	energy25 = `{"price_components": [{"type": "ENERGY", "price": 0.25, "vat": 10.0, "step_size": 1}]}`
	start50  = `{"price_components": [{"type": "FLAT", "price": 0.50, "vat": 20.0, "step_size": 1},
		{"type": "ENERGY", "price": 0.25, "vat": 10.0, "step_size": 1}]}`
	parking2 = `{"price_components": [{"type": "FLAT", "price": 0.50, "vat": 20, "step_size": 1},
		{"type": "ENERGY", "price": 0.25, "vat": 10, "step_size": 1}, {"type": "PARKING_TIME", "price": 2.00, "vat": 20.0, "step_size": 900}]}`
	time2     = `{"price_components": [{"type": "TIME", "price": 2.00, "vat": 10.0, "step_size": 60}]}`
	time3     = `{"price_components": [{"type": "TIME", "price": 3.00, "vat": 10.0, "step_size": 60}, {"type": "PARKING_TIME", "price": 5.00, "vat": 20.0, "step_size": 300}]}`
	time190   = `{"price_components": [{"type": "TIME", "price": 1.90, "vat": 5.2, "step_size": 300}]}`
	reserve5  = `{"price_components": [{"type": "TIME", "price": 5.00, "vat": 20.0, "step_size": 60}], "restrictions": {"reservation": "RESERVATION"}}`
	expires17 = `{"price_components": [{"type": "FLAT", "price": 4.00, "vat": 20.0, "step_size": 1}, {"type": "TIME", "price": 2.00, "vat": 20.0, "step_size": 600}],
		"restrictions": {"reservation": "RESERVATION_EXPIRES"}}`
	reserve17 = `{"price_components": [{"type": "TIME", "price": 2.00, "vat": 20.0, "step_size": 600}], "restrictions": {"reservation": "RESERVATION"}}`
	evening14 = `{"price_components": [{"type": "TIME", "price": 1.20, "step_size": 1800}], "restrictions": {"start_time": "00:00", "end_time": "17:00"}},
		{"price_components": [{"type": "TIME", "price": 2.40, "step_size": 900}], "restrictions": {"start_time": "17:00", "end_time": "00:00"}},
		{"price_components": [{"type": "PARKING_TIME", "price": 1.00, "step_size": 900}], "restrictions": {"start_time": "00:00", "end_time": "20:00"}}`
	powers = `{"price_components": [{"type": "ENERGY", "price": 0.20, "vat": 20.0, "step_size": 1}], "restrictions": {"max_power": 16.00}},
		{"price_components": [{"type": "ENERGY", "price": 0.35, "vat": 20.0, "step_size": 1}], "restrictions": {"max_power": 32.00}},
		{"price_components": [{"type": "ENERGY", "price": 0.50, "vat": 20.0, "step_size": 1}]}`
	timeParking300 = `{"price_components": [{"type": "TIME", "price": 1.00, "step_size": 300}, {"type": "PARKING_TIME", "price": 2.00, "step_size": 300}]}`
	energy2027     = `{"price_components": [{"type": "ENERGY", "price": 0.20, "step_size": 500}], "restrictions": {"end_time": "12:30"}},
		{"price_components": [{"type": "ENERGY", "price": 0.27, "step_size": 500}], "restrictions": {"start_time": "12:30"}}`
	energy25step = `{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 500}]}`
	realRounding = `{"price_components": [{"type": "ENERGY", "price": 0.22, "step_size": 1}], "restrictions": {"end_time": "12:30"}},
		{"price_components": [{"type": "ENERGY", "price": 0.24, "step_size": 1}], "restrictions": {"start_time": "12:30"}}`
	falls        = `{"price_components": [{"type": "TIME", "price": 6.00, "step_size": 900}, {"type": "PARKING_TIME", "price": 0.60, "step_size": 1}]}`
	timeStepless = `{"price_components": [{"type": "TIME", "price": 6.00, "step_size": 0}]}`
	min50        = `"min_price": {"excl_vat": 0.50, "incl_vat": 0.55}, `
)

const noon, one, half1, half2 = "2025-06-02T12:00:00Z", "2025-06-02T13:00:00Z", "2025-06-02T12:30:00Z", "2025-06-02T14:30:00Z"

// from is the first version that can say it.
type workedCase struct {
	name, more, elements string
	from                 Version
	start, end           string
	periods              []string
	want, exact          string // excluding and including tax; exact only where four decimals do not hold it
	excl                 string // what 2.1.1 prices, without any tax
}

var worked = []workedCase{
	{"8", "", energy25, V211, noon, one, []string{period(noon, "ENERGY 20")}, "5.0000 5.5000", "", "5.0000 -"},
	{"9", "", start50, V211, noon, one, []string{period(noon, "ENERGY 20.000")}, "5.5000 6.1000", "", "5.5000 -"},
	{"12", min50, energy25, V221, noon, one, []string{period(noon, "ENERGY 20")}, "5.0000 5.5000", "", ""},
	{"12, where the minimum binds", min50, energy25, V221, noon, one, []string{period(noon, "ENERGY 1.6")}, "0.5000 0.5500", "", ""},
	{"10", "", parking2, V211, noon, "2025-06-02T13:40:00Z", []string{period(noon, "ENERGY 20", "TIME 1.0"), period(one, "PARKING_TIME 0.6667")}, "7.0000 7.9000", "", "7.0000 -"},
	{"1", "", time2, V211, noon, half2, []string{period(noon, "TIME 2.5")}, "5.0000 5.5000", "", "5.0000 -"},
	{"13", "", time3, V211, noon, "2025-06-02T15:12:00Z", []string{period(noon, "TIME 2.5"), period(half2, "PARKING_TIME 0.7")}, "11.2500 12.7500", "", "11.2500 -"},
	// Published with 5.00, as if amounts had two decimals; its own rule gives 4.997.
	{"2", "", time190, V211, noon, half2, []string{period(noon, "TIME 2.5")}, "4.7500 4.9970", "19/4 4997/1000", "4.7500 -"},
	{"15", "", reserve5 + "," + start50, V221, "2025-06-02T11:45:00Z", one, []string{period("2025-06-02T11:45:00Z", "RESERVATION_TIME 0.25"), period(noon, "ENERGY 20", "TIME 1")}, "6.7500 7.6000", "", ""},
	{"17", "", expires17 + "," + reserve17 + "," + start50, V221, "2025-06-02T11:38:00Z", one, []string{period("2025-06-02T11:38:00Z", "RESERVATION_TIME 0.3667"), period(noon, "ENERGY 20", "TIME 1")}, "6.5000 7.3000", "", ""},
	{"17, expired", "", expires17 + "," + reserve17 + "," + start50, V221, noon, one, []string{period(noon, "RESERVATION_TIME 1")}, "6.0000 7.2000", "", ""},
	{"14a", "", evening14, V211, "2025-06-02T16:55:00Z", "2025-06-02T17:07:00Z", []string{period("2025-06-02T16:55:00Z", "TIME 0.0833"), period("2025-06-02T17:00:00Z", "TIME 0.0833"), period("2025-06-02T17:05:00Z", "PARKING_TIME 0.0333")}, "0.5500 0.5500", "", "0.5500 -"},
	{"14a, in one period across 17:00", "", evening14, V211, "2025-06-02T16:55:00Z", "2025-06-02T17:07:00Z", []string{period("2025-06-02T16:55:00Z", "TIME 0.1667"), period("2025-06-02T17:05:00Z", "PARKING_TIME 0.0333")}, "0.5500 0.5500", "", "0.5500 -"},
	{"pow", "", powers, V211, noon, half2, []string{period(noon, "ENERGY 1", "MAX_POWER 6"), period(half1, "ENERGY 40", "MAX_POWER 48"), period(one, "ENERGY 0.5", "MAX_POWER 4")}, "20.3000 24.3600", "", "20.3000 -"},
	{"cdr a", "", timeParking300, V211, noon, "2025-06-02T12:28:00Z", []string{period(noon, "TIME 0.35"), period("2025-06-02T12:21:00Z", "PARKING_TIME 0.1167")}, "0.6833 0.6833", "41/60 41/60", "0.6833 -"},
	{"cdr b", "", energy2027, V211, noon, one, []string{period(noon, "ENERGY 4.3"), period(half1, "ENERGY 1.1")}, "1.1840 1.1840", "148/125 148/125", "1.1840 -"},
	{"step", "", energy25step, V211, noon, one, []string{period(noon, "ENERGY 0.1152")}, "0.1250 0.1250", "", "0.1250 -"},
	{"rounding each period would give 1.83", "", realRounding, V211, noon, one, []string{period(noon, "ENERGY 7.293"), period(half1, "ENERGY 0.969")}, "1.8370 1.8370", "91851/50000 91851/50000", "1.8370 -"},
	{"hours that govern", "", timeStepless, V211, noon, one, []string{period(noon, "TIME 0.2667")}, "1.6002 1.6002", "8001/5000 8001/5000", "1.6002 -"},
	{"16 minutes", "", falls, V211, noon, "2025-06-02T12:16:00Z", []string{period(noon, "TIME 0.2667")}, "3.0000 3.0000", "", "3.0000 -"},
	{"and one parked minute later", "", falls, V211, noon, "2025-06-02T12:17:00Z", []string{period(noon, "TIME 0.2667"), period("2025-06-02T12:16:00Z", "PARKING_TIME 0.0167")}, "1.6100 1.6100", "", "1.6100 -"},
}

func TestWorkedExamples(t *testing.T) {
	for _, tt := range worked {
		for v := tt.from; v <= V230; v++ {
			t.Run(tt.name+"/"+v.String(), func(t *testing.T) {
				elements := tt.elements
				if v == V230 && !strings.Contains(elements, "vat") {
					t.Skip("2.3.0 would leave the tax open")
				}
				c := mustCDR(t, Detect, cdrText(v, tt.start, tt.end, `"total_energy": 20, `, strings.Join(tt.periods, ",")))
				c.Version = v // where no cost tells
				p := mustTariff(t, Detect, tariffText(v, tt.more, elements))
				if v == V211 && p.Version != V211 {
					t.Errorf("tariff taken for %v", p.Version)
				}
				r := mustPrice(t, c, PriceOptions{}, p)
				want := tt.want
				if v == V211 {
					want = tt.excl
				}
				if got := costs(r.Total); got != want {
					t.Errorf("cost %s, want %s; %v", got, want, r.Lines)
				}
				if got := exacts(r.Total); tt.exact != "" && v != V211 && got != tt.exact {
					t.Errorf("exactly %s, want %s", got, tt.exact)
				}
			})
		}
	}
}

// What examples a and b say of quantities, not of money.
func TestBilledQuantities(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
	}{
		{"cdr a", []string{"TIME 1260 1260", "PARKING_TIME 420 600"}},
		{"cdr b", []string{"ENERGY 4.3 4.3", "ENERGY 1.1 1.2"}},
		{"10", []string{"ENERGY 20 20", "PARKING_TIME 2400 2700", "FLAT 1 1"}},
	} {
		i := slices.IndexFunc(worked, func(w workedCase) bool { return w.name == tt.name })
		c := mustCDR(t, V221, cdrText(V221, worked[i].start, worked[i].end, "", strings.Join(worked[i].periods, ",")))
		r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, worked[i].more, worked[i].elements)))
		var got []string
		for _, l := range r.Lines {
			if l.Kind == Charge {
				got = append(got, l.Dimension+" "+l.Measured.String()+" "+l.Billed.String())
			}
		}
		slices.Sort(got)
		slices.Sort(tt.lines)
		if !slices.Equal(got, tt.lines) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.lines)
		}
	}
}

// The parts of a cost tell their quantities; a flat fee has none.
func TestDimensions(t *testing.T) {
	periods := period("2025-06-02T11:38:00Z", "RESERVATION_TIME 0.3667") + "," + period(noon, "ENERGY 20.5", "TIME 0.5") + "," + period(half1, "PARKING_TIME 0.5")
	c := mustCDR(t, V221, cdrText(V221, "2025-06-02T11:38:00Z", one, "", periods))
	r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", twoFlats+","+reserve17+","+parking2+","+time2)))
	var got []string
	for _, d := range r.ByDimension {
		got = append(got, d.Dimension+" "+d.Quantity.String()+" "+d.Unit+" "+costs(d.Cost))
	}
	want := []string{"ENERGY 20.5 kWh 5.1250 5.6375", "TIME 1800 s 1.0000 1.1000", "PARKING_TIME 1800 s 1.0000 1.2000",
		"FLAT 1  1.0000 1.0000", "RESERVATION 1800 s 5.0000 5.2000"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// A session of eight hours in half-hour periods, under prices by time and power.
func BenchmarkPrice(b *testing.B) {
	var periods []string
	start := time.Date(2025, 6, 2, 12, 0, 0, 0, time.UTC)
	for i := range 16 {
		periods = append(periods, period(start.Add(time.Duration(i)*30*time.Minute).Format(time.RFC3339), "ENERGY 3.125", "TIME 0.5", "POWER 6.25"))
	}
	c, _, err := ReadCDR([]byte(cdrText(V221, noon, start.Add(8*time.Hour).Format(time.RFC3339), "", strings.Join(periods, ","))), Options{})
	if err != nil {
		b.Fatal(err)
	}
	p, _, err := ReadTariff([]byte(tariffText(V221, "", evening14+","+powers)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Price(c, []*Tariff{p}, PriceOptions{Offsets: utc}); err != nil {
			b.Fatal(err)
		}
	}
}
