// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

const perKWh1 = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}`

// at returns a moment of 2025-06-02.
func at(clock string) string { return "2025-06-02T" + clock + ":00Z" }

func TestPeriods(t *testing.T) {
	const timeAndParking = `{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}, {"type": "PARKING_TIME", "price": 3.6, "step_size": 0}]}`
	const reserveTime = timeAndParking + `, {"price_components": [{"type": "TIME", "price": 1.8, "step_size": 0}], "restrictions": {"reservation": "RESERVATION"}}`
	for _, tt := range []struct {
		name, elements, start, end string
		periods                    []string
		want                       string
		code                       Code
		path                       string
	}{
		{"unsorted", afterAnHour, at("12:00"), at("14:00"), []string{period(at("13:00"), "ENERGY 1"), period(at("12:00"), "ENERGY 1")}, "3.0000", Unsorted, "$.charging_periods"},
		{"a session that ends before its periods", afterAnHour, at("12:00"), at("13:00"),
			[]string{period("2035-06-02T12:00:00Z", "ENERGY 1"), period("2035-06-02T13:00:00Z", "ENERGY 1")}, "3.0000", BadSession, "$.charging_periods"},
		{"a session that ends before it starts", perKWh1, at("12:00"), at("11:00"), []string{period(at("12:00"), "ENERGY 1")}, "1.0000", BadSession, "$.charging_periods"},
		{"a period before the session", perKWh1, at("12:00"), at("13:00"), []string{period(at("11:00"), "ENERGY 1")}, "1.0000", OutsideSession, "$.charging_periods[0].start_date_time"},
		{"a period after the session", timeAndParking, at("12:00"), at("13:00"), []string{period(at("12:00"), "TIME 1.5"), period(at("13:30"), "TIME 0.5")}, "72.0000", OutsideSession, "$.charging_periods[1].start_date_time"},
		{"a period longer than until the next", timeAndParking, at("12:00"), at("14:00"), []string{period(at("12:00"), "PARKING_TIME 1.5"), period(at("12:30"), "ENERGY 1")}, "5.4000", Overlap, "$.charging_periods[0]"},
		{"a period that ends when a later one begins", timeAndParking, at("12:00"), at("14:00"), []string{period(at("12:00"), "PARKING_TIME 1.00"), period(at("12:30"), "ENERGY 1"), period(at("13:00"), "ENERGY 1")}, "3.6000", Overlap, "$.charging_periods[0]"},
		{"hours that are not those of the timestamps", timeAndParking, at("12:00"), at("14:00"), []string{period(at("12:00"), "TIME 0.50")}, "18.0000", VolumeGoverns, "$.charging_periods[0]"},
		{"five minutes", timeAndParking, at("12:00"), at("12:05"), []string{period(at("12:00"), "TIME 0.0834")}, "3.0024", VolumeGoverns, "$.charging_periods[0]"},
		{"hours finer than they are held", timeAndParking, at("12:00"), at("14:00"), []string{period(at("12:00"), "TIME 0.333333333")}, "12.0000", Rounded, "$.charging_periods[0]"},
		{"energy finer than a mWh", perKWh1, at("12:00"), at("14:00"), []string{period(at("12:00"), "ENERGY 1.0000005")}, "1.0010", Rounded, "$.charging_periods[0].dimensions[0].volume"},
		{"two kinds of time in a period", timeAndParking, at("12:00"), at("13:00"), []string{period(at("12:00"), "TIME 0.3333", "PARKING_TIME 0.6667")}, "14.4000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"a zero is exact", timeAndParking, at("12:00"), at("12:20"), []string{period(at("12:00"), "TIME 0", "PARKING_TIME 0.3333")}, "1.2000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"two kinds that cannot share the seconds", timeAndParking, at("12:00"), at("12:10"), []string{period(at("12:00"), "TIME 0.2", "PARKING_TIME 0.01")}, "7.2360", VolumeGoverns, "$.charging_periods[0]"},
		{"no time at all", timeAndParking, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1")}, "0.0000", NoTime, "$.elements[0].price_components[0]"},
		{"energy by its other name", perKWh1, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY_IMPORT 2")}, "2.0000", ImportUsed, "$.charging_periods[0].dimensions[0].volume"},
		{"energy by both names", perKWh1, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY_IMPORT 2", "ENERGY 1")}, "1.0000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"energy that flows back", perKWh1, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 3", "ENERGY_EXPORT 1")}, "3.0000", ExportIgnored, "$.charging_periods[0].dimensions[1].volume"},
		{"no energy that flows back", perKWh1, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 3", "ENERGY_EXPORT 0")}, "3.0000", ExportIgnored, ""},
		{"an unknown dimension", perKWh1, at("12:00"), at("13:00"), []string{period(at("12:00"), "HEAT 2", "ENERGY 1")}, "1.0000", UnknownValue, "$.charging_periods[0].dimensions[0].type"},
		{"a dimension twice", timeAndParking, at("12:00"), at("13:00"), []string{period(at("12:00"), "TIME 0.5", "TIME 0.5")}, "36.0000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"power that is not told", power10, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1")}, "1.0000", NoPower, "$.elements[0].restrictions"},
		{"power that is not told is not 0", strings.Replace(power10, `"min_power": 10`, `"min_power": 0`, 1), at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1")}, "1.0000", NoPower, "$.elements[0].restrictions"},
		{"power of 0", strings.Replace(power10, `"min_power": 10`, `"min_power": 0`, 1), at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1", "POWER 0")}, "2.0000", NoPower, ""},
		{"a flat fee of no session", start50, at("12:00"), at("12:00"), []string{period(at("12:00"), "ENERGY 0")}, "0.0000", NoFlat, "$.elements[0].price_components[0]"},
		{"a flat fee of a session of no time", start50, at("12:00"), at("12:00"), []string{period(at("12:00"), "ENERGY 1")}, "0.7500", NoFlat, ""},
		{"current that is not told", current6, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1")}, "1.0000", NoCurrent, "$.elements[0].restrictions"},
		{"power beyond reason", power10, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1", "MAX_POWER 99999999999")}, "2.0000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"power that flows back", power10, at("12:00"), at("13:00"), []string{period(at("12:00"), "ENERGY 1", "POWER -11")}, "1.0000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"a reservation and a session in one period", reserveTime, at("12:00"), at("13:00"), []string{period(at("12:00"), "RESERVATION_TIME 0.5", "TIME 0.5")}, "18.9000", NoTariffID, "$.charging_periods[0].tariff_id"},
		{"a fraction of a second", perKWh1, "2025-06-02T12:00:00.500Z", at("13:00"), []string{period(at("12:00"), "ENERGY 1")}, "1.0000", SubSecond, "$.start_date_time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, findings, err := ReadCDR([]byte(cdrText(V221, tt.start, tt.end, "", strings.Join(tt.periods, ","))), Options{V221})
			if err != nil {
				t.Fatal(err)
			}
			r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", tt.elements)))
			if got, _, _ := strings.Cut(costs(r.Total), " "); got != tt.want {
				t.Errorf("cost %s, want %s; %v", got, tt.want, r.Lines)
			}
			if got := findPath(append(findings, r.Findings...), tt.code); got != tt.path {
				t.Errorf("%s at %q, want %q; all: %v", tt.code, got, tt.path, append(findings, r.Findings...))
			}
		})
	}
}

func TestPeriodsThatCannotBePriced(t *testing.T) {
	const hourly = `{"price_components": [{"type": "TIME", "price": 1, "step_size": 1}]}`
	for _, tt := range []struct {
		name, elements, volume string
		err                    error
		path                   string
	}{
		{"a gigawatt-hour", perKWh1, "ENERGY 1000000.0", ErrRange, "$.charging_periods[0]"},
		{"more than any register", perKWh1, "ENERGY 99999999999999", ErrRange, "$.charging_periods[0].dimensions[0].volume"},
		{"two centuries", hourly, "TIME 1753152.25", ErrRange, "$.charging_periods[0]"},
		{"hours beyond reason", hourly, "TIME 999999999999999999", ErrRange, "$.charging_periods[0]"},
	} {
		c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, tt.volume)))
		_, err := Price(c, []*Tariff{mustTariff(t, V221, tariffText(V221, "", tt.elements))}, PriceOptions{Offsets: utc})
		checkError(t, err, tt.err, tt.path)
		c.Span() // must come back
	}
	_, err := Price(&CDR{Currency: "EUR", Start: 1}, nil, PriceOptions{Offsets: utc})
	checkError(t, err, ErrMissing, "$.charging_periods[0]")
	_, err = Price(&CDR{}, nil, PriceOptions{})
	checkError(t, err, ErrOptions, "PriceOptions.Offsets")
	c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY 1")))
	_, err = Price(c, nil, PriceOptions{Offsets: utc})
	checkError(t, err, ErrTariff, "$.tariffs")
	p := mustTariff(t, V221, strings.Replace(tariffText(V221, "", perKWh1), "EUR", "SEK", 1))
	_, err = Price(c, []*Tariff{p}, PriceOptions{Offsets: utc})
	checkError(t, err, ErrCurrency, "$.currency")
	p = mustTariff(t, V221, strings.Replace(tariffText(V221, "", perKWh1), `"price": 1`, `"price": 1.0123456789`, 1))
	_, err = Price(c, []*Tariff{p}, PriceOptions{Offsets: utc})
	checkError(t, err, ErrRange, "$.elements[0].price_components[0].price")
	p = mustTariff(t, V221, strings.Replace(tariffText(V221, "", perKWh1), `"price": 1`, `"price": 9223372036854775807`, 1))
	_, err = Price(c, []*Tariff{p}, PriceOptions{Offsets: utc})
	if !errors.Is(err, tariff.ErrOverflow) {
		t.Errorf("a price beyond reason: %v", err)
	}
	early := *c
	early.Start, early.End = 1, 0 // a session of 55 years
	_, err = Price(&early, []*Tariff{mustTariff(t, V221, tariffText(V221, "", hourly))}, PriceOptions{Offsets: utc})
	checkError(t, err, ErrRange, "$.charging_periods[0]")
	huge := mustTariff(t, V221, tariffText(V221, `"min_price": {"excl_vat": 9223372036854775807}, `, perKWh1))
	_, err = Price(c, []*Tariff{huge}, PriceOptions{Offsets: utc})
	checkError(t, err, tariff.ErrOverflow, "$.total_cost")
	bad := []tariff.Offset{{Seconds: 99999}}
	if _, err = Price(c, []*Tariff{mustTariff(t, V221, tariffText(V221, "", perKWh1))}, PriceOptions{Offsets: bad}); !errors.Is(err, tariff.ErrOffsets) {
		t.Errorf("a bad offset: %v", err)
	}
}

// Local time decides windows, UTC decides durations, on the days on which the
// two part: 02:30 occurs twice on 2025-10-26 in Amsterdam, and not at all on
// 2025-03-30.
func TestSummerTime(t *testing.T) {
	const night = `{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}], "restrictions": {"start_time": "02:00", "end_time": "03:00"}}`
	const threeHours = `{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}], "restrictions": {"min_duration": 10800}}`
	for _, tt := range []struct{ name, elements, start, end, hours, want string }{
		{"an hour twice", night, "2025-10-25T22:00:00Z", "2025-10-26T04:00:00Z", "TIME 6.0", "72.0000"},
		{"an hour not at all", night, "2025-03-29T22:00:00Z", "2025-03-30T04:00:00Z", "TIME 6.0", "0.0000"},
		{"durations of the long night", threeHours, "2025-10-25T22:00:00Z", "2025-10-26T02:00:00Z", "TIME 4.0", "36.0000"},
	} {
		c := mustCDR(t, V221, cdrText(V221, tt.start, tt.end, "", period(tt.start, tt.hours)))
		zone, ok := c.Zone()
		if !ok || zone != "Europe/Amsterdam" {
			t.Fatalf("zone %q, %v", zone, ok)
		}
		r := mustPrice(t, c, PriceOptions{Offsets: offsets(t, zone, c)}, mustTariff(t, V221, tariffText(V221, "", tt.elements)))
		if got, _, _ := strings.Cut(costs(r.Total), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestCreditIsTold(t *testing.T) {
	for credit, want := range map[string]string{`"credit": true, `: "$.credit", `"credit": false, `: "", ``: ""} {
		_, findings, err := ReadCDR([]byte(cdrText(V221, noon, one, credit, period(noon, "ENERGY 1"))), Options{V221})
		if err != nil || findPath(findings, CreditCDR) != want {
			t.Errorf("%s: %v, %v", credit, findings, err)
		}
	}
}

// countries asks for all codes of so many letters, and returns the zones that it
// gets and by how many codes. Each must be one that there is.
func countries(t *testing.T, letters int) map[string]int {
	t.Helper()
	codes := []string{""}
	for range letters {
		var longer []string
		for _, code := range codes {
			for letter := 'A'; letter <= 'Z'; letter++ {
				longer = append(longer, code+string(letter))
			}
		}
		codes = longer
	}
	zones := map[string]int{}
	for _, code := range codes {
		zone, ok := CountryZone(code)
		if !ok {
			continue
		}
		if zones[zone]++; zones[zone] == 1 {
			if _, err := time.LoadLocation(zone); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	return zones
}

func TestZones(t *testing.T) {
	for country, want := range map[string]string{"NLD": "Europe/Amsterdam", "DEU": "Europe/Berlin", "CHN": "Asia/Shanghai", "AFG": "Asia/Kabul",
		"ZWE": "Africa/Harare", "NL": "Europe/Amsterdam", "nl": "Europe/Amsterdam", "Nld": "Europe/Amsterdam", "GB": "Europe/London", "IND": "Asia/Kolkata", "NPL": "Asia/Kathmandu",
		"USA": "", "US": "", "BRA": "", "ESP": "", "PRT": "", "RU": "", "": "", "XXX": "", "am/": "", "AF/AFG": "", "AF/AFG=Asia/Kabul": ""} {
		if got, ok := CountryZone(country); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", country, got, ok)
		}
	}
	two, three := countries(t, 2), countries(t, 3)
	if !maps.Equal(two, three) || len(two) < 200 {
		t.Errorf("%d zones by codes of two letters, %d by codes of three", len(two), len(three))
	}
	c := mustCDR(t, V211, cdrText(V211, noon, one, "", period(noon, "ENERGY 1")))
	c.TimeZone = "America/Lima"
	if zone, ok := c.Zone(); zone != "America/Lima" || !ok {
		t.Errorf("the location's own: %q", zone)
	}
	if from, to := c.Span(); to-from != 3600 || from != c.Start {
		t.Errorf("span %d to %d", from, to)
	}
}

// Boundaries are half-open, also those of the end of the day.
func TestWindows(t *testing.T) {
	price := func(restrictions string) string {
		return `{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}], "restrictions": {` + restrictions + `}}`
	}
	for _, tt := range []struct{ restrictions, want string }{
		{`"start_time": "22:00", "end_time": "00:00"`, "72.0000"},
		{`"start_time": "22:00", "end_time": "24:00"`, "72.0000"},
		{`"start_time": "22:00"`, "72.0000"},
		{`"end_time": "06:00"`, "216.0000"},
		{`"start_time": "22:00", "end_time": "06:00"`, "288.0000"},
		{`"start_time": "00:00", "end_time": "00:00"`, "864.0000"},
		{`"start_time": "00:00", "end_time": "24:00"`, "864.0000"},
		{`"start_time": "00:00"`, "864.0000"},
		{`"end_time": "00:00"`, "864.0000"},
		{`"start_date": "2025-06-03"`, "432.0000"},
		{`"end_date": "2025-06-03"`, "432.0000"},
		{`"day_of_week": ["TUESDAY"]`, "432.0000"},
		{`"day_of_week": ["TUESDAY"], "start_time": "22:00", "end_time": "06:00"`, "216.0000"}, // after midnight it is Tuesday
		{`"max_duration": 3600`, "36.0000"},
		{`"min_duration": 3600, "max_duration": 7200`, "36.0000"},
		{`"min_duration": 99999999999`, "0.0000"},
		{`"max_duration": 99999999999`, "864.0000"},
	} {
		c := mustCDR(t, V221, cdrText(V221, at("12:00"), "2025-06-03T12:00:00Z", "", period(at("12:00"), "TIME 24")))
		r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", price(tt.restrictions))))
		if got, _, _ := strings.Cut(costs(r.Total), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.restrictions, got, tt.want)
		}
	}
}

func TestElementsThatNeverApply(t *testing.T) {
	for _, restrictions := range []string{
		`"min_kwh": 5, "max_kwh": 5`, `"max_kwh": 0`, `"min_power": 5, "max_power": 4`, `"max_current": 0`, `"min_duration": 60, "max_duration": 60`,
		`"max_duration": 0`, `"start_date": "2025-06-03", "end_date": "2025-06-03"`, `"reservation": "RESERVATION"`,
	} {
		text := tariffText(V221, "", `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}], "restrictions": {`+restrictions+`}}`)
		p := mustTariff(t, V221, text)
		c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY 5")))
		r := mustPrice(t, c, PriceOptions{}, p)
		if costs(r.Total) != "0.0000 0.0000" || !hasCode(r.Findings, NeverApplies) || !hasCode(p.Lint(Profile{}), NeverApplies) {
			t.Errorf("%s: %s, %v", restrictions, costs(r.Total), r.Findings)
		}
	}
}

// Currencies with no decimals and with three are rounded as all others: it is
// OCPI's four decimals that count, and payment is another matter.
func TestCurrencies(t *testing.T) {
	for _, currency := range []string{"JPY", "KWD", "CNY"} {
		text := strings.Replace(tariffText(V221, "", `{"price_components": [{"type": "ENERGY", "price": 0.68625, "vat": 13, "step_size": 1}]}`), "EUR", currency, 1)
		c := mustCDR(t, V221, strings.Replace(cdrText(V221, noon, one, "", period(noon, "ENERGY 3")), "EUR", currency, 1))
		r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, text))
		if costs(r.Total) != "2.0588 2.3264" || exacts(r.Total) != "1647/800 186111/80000" || string(r.Currency) != currency {
			t.Errorf("%s: %s, %s", currency, costs(r.Total), exacts(r.Total))
		}
	}
}

// A negative price pays the customer, and is rounded as its mirror image.
func TestNegativePrices(t *testing.T) {
	c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY 3.333")))
	p := mustTariff(t, V221, tariffText(V221, "", `{"price_components": [{"type": "ENERGY", "price": -0.05, "vat": 10, "step_size": 1}]}`))
	if r := mustPrice(t, c, PriceOptions{}, p); costs(r.Total) != "-0.1667 -0.1833" || exacts(r.Total) != "-3333/20000 -36663/200000" {
		t.Errorf("%s, %s", costs(r.Total), exacts(r.Total)) // -.16665 and -.183315
	}
}

func TestSeveralTariffs(t *testing.T) {
	elements := `{"price_components": [{"type": "FLAT", "price": 1}, {"type": "ENERGY", "price": 1, "step_size": 1000}, {"type": "TIME", "price": 6, "step_size": 900}]}`
	first := mustTariff(t, V221, tariffText(V221, "", elements))
	second := mustTariff(t, V221, strings.NewReplacer(`"T1"`, `"T2"`, `"price": 1,`, `"price": 2,`).Replace(tariffText(V221, "", elements)))
	with := func(p, id string) string { return strings.Replace(p, `{"start`, `{"tariff_id": "`+id+`", "start`, 1) }
	for _, tt := range []struct {
		name    string
		periods []string
		want    string
	}{
		// 2.5 kWh are not rounded where the session goes on under T2; 20 minutes neither.
		{"one after the other", []string{with(period(at("12:00"), "ENERGY 2.5", "TIME 0.3333"), "T1"), with(period(at("12:20"), "ENERGY 2.5", "TIME 0.3333"), "T2")}, "14.5000"},
		{"there and back", []string{with(period(at("12:00"), "ENERGY 1", "TIME 0.1667"), "T1"), with(period(at("12:10"), "ENERGY 2.5", "TIME 0.1667"), "T2"), with(period(at("12:20"), "ENERGY 1.5", "TIME 0.3333"), "T1")}, "13.0000"},
	} {
		c := mustCDR(t, V221, cdrText(V221, at("12:00"), at("12:40"), "", strings.Join(tt.periods, ",")))
		r := mustPrice(t, c, PriceOptions{}, first, second)
		if got, _, _ := strings.Cut(costs(r.Total), " "); got != tt.want || r.Bill != nil {
			t.Errorf("%s: %s, want %s; %v", tt.name, got, tt.want, r.Lines)
		}
		flats := slices.DeleteFunc(slices.Clone(r.Lines), func(l Line) bool { return l.Dimension != FlatCost })
		if len(flats) != 1 {
			t.Errorf("%s: flat fees %v", tt.name, flats)
		}
	}
	c := mustCDR(t, V221, cdrText(V221, at("12:00"), at("12:40"), "", with(period(at("12:00"), "ENERGY 1"), "T3")))
	_, err := Price(c, []*Tariff{first, second}, PriceOptions{Offsets: utc})
	checkError(t, err, ErrTariff, "$.charging_periods[0].tariff_id")
	if r := mustPrice(t, c, PriceOptions{}, second); !hasCode(r.Findings, OtherTariffID) || costs(r.Total) != "3.0000 3.0000" {
		t.Errorf("%s, %v", costs(r.Total), r.Findings)
	}
	c.Periods[0].TariffID = ""
	late := *first
	late.Start = c.Start + 1
	if r := mustPrice(t, c, PriceOptions{}, &late, second); r.Findings[0].Hint != "T2" || costs(r.Total) != "3.0000 3.0000" {
		t.Errorf("not the one that is valid: %v", r.Findings)
	}
	if r := mustPrice(t, c, PriceOptions{}, second, first); r.Findings[0].Severity != tariff.Warning || r.Findings[0].Hint != "T2" {
		t.Errorf("%v", r.Findings)
	}
}

// A CDR that carries its tariff needs no other; its totals are looked at.
func TestEmbeddedTariff(t *testing.T) {
	text := strings.Replace(record, `"currency"`, `"tariffs": [`+strings.Replace(full, `"vat": 10.0, `, `"vat": 10.0, "stepSize": 4, `, 1)+`], "currency"`, 1)
	c, findings, err := ReadCDR([]byte(text), Options{})
	if err != nil || findPath(findings, MisspeltField) != "$.tariffs[0].elements[0].price_components[0].stepSize" {
		t.Fatal(findings, err)
	}
	r := mustPrice(t, c, PriceOptions{})
	// No power is told, so the first element never holds: the minimum is left.
	if costs(r.Total) != "0.5000 0.5500" || findPath(r.Findings, CostDiffers) != "$.total_cost" || findPath(r.Findings, NoPower) != "$.tariffs[0].elements[0].restrictions" {
		t.Errorf("%s, %v", costs(r.Total), r.Findings)
	}
	c.TotalEnergy.Units++
	c.TotalTime.Units++
	c.TotalParkingTime.Units++
	c.Start, c.End = c.Start-1e8, 0
	r = mustPrice(t, c, PriceOptions{})
	var differ []string
	for _, f := range r.Findings {
		if f.Code == TotalDiffers {
			differ = append(differ, f.Path)
		}
	}
	if !slices.Equal(differ, []string{"$.total_energy", "$.total_time", "$.total_parking_time"}) || findPath(r.Findings, NotValid) != "$.tariffs[0]" {
		t.Errorf("%v", r.Findings)
	}
}

func TestLimits(t *testing.T) {
	const taxed = `{"price_components": [{"type": "ENERGY", "price": 1, "vat": 20, "step_size": 1}]}`
	for _, tt := range []struct{ name, more, energy, want, exact, adjustment string }{
		{"both bind apart", `"max_price": {"excl_vat": 10.00, "incl_vat": 11.00}, `, "12", "10.0000 11.0000", "", "-2.0000 -3.4000"},
		{"that including tax alone", `"max_price": {"excl_vat": 20, "incl_vat": 11.00}, `, "12", "12.0000 11.0000", "", "0.0000 -3.4000"},
		{"that excluding tax alone", `"max_price": {"excl_vat": 10, "incl_vat": 15}, `, "12", "10.0000 14.4000", "", "-2.0000 0.0000"},
		{"a minimum", `"min_price": {"excl_vat": 5, "incl_vat": 6}, `, "1", "5.0000 6.0000", "", "4.0000 4.8000"},
		{"a minimum without a word on tax", `"min_price": {"excl_vat": 5}, `, "1", "5.0000 6.0000", "", "4.0000 4.8000"},
		{"a maximum without a word on tax", `"max_price": {"excl_vat": 1}, `, "3", "1.0000 1.2000", "", "-2.0000 -2.4000"},
		{"a minimum of nothing", `"min_price": {"excl_vat": 5}, `, "0", "5.0000 5.0000", "", "5.0000 5.0000"},
		{"a minimum above the maximum", `"min_price": {"excl_vat": 5}, "max_price": {"excl_vat": 4}, `, "1", "1.0000 1.2000", "", ""},
		{"a minimum above in the amount with tax", `"min_price": {"excl_vat": 2, "incl_vat": 12}, "max_price": {"excl_vat": 10, "incl_vat": 11}, `, "1", "2.0000 2.4000", "", "1.0000 1.2000"},
		{"a minimum above in the amount without tax", `"min_price": {"excl_vat": 5, "incl_vat": 6}, "max_price": {"excl_vat": 4, "incl_vat": 7}, `, "1", "1.0000 6.0000", "", "0.0000 4.8000"},
		{"both, and in between", `"min_price": {"excl_vat": 1, "incl_vat": 1}, "max_price": {"excl_vat": 4, "incl_vat": 5}, `, "3", "3.0000 3.6000", "", ""},
	} {
		c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY "+tt.energy)))
		p := mustTariff(t, V221, tariffText(V221, tt.more, taxed))
		r := mustPrice(t, c, PriceOptions{}, p)
		adjustment := ""
		for _, l := range r.Lines {
			if l.Kind == Adjustment {
				adjustment = costs(l.Cost)
			}
		}
		if costs(r.Total) != tt.want || adjustment != tt.adjustment {
			t.Errorf("%s: %s with %q, want %s with %q", tt.name, costs(r.Total), adjustment, tt.want, tt.adjustment)
		}
		if want := strings.Contains(tt.name, "above"); hasCode(r.Findings, MinAboveMax) != want || hasCode(p.Lint(Profile{}), MinAboveMax) != want {
			t.Errorf("%s: %v", tt.name, r.Findings)
		}
		if want := tt.name == "that including tax alone"; hasCode(r.Findings, BelowTax) != want {
			t.Errorf("%s: %v", tt.name, r.Findings)
		}
	}
}

// 2.3.0 says whether prices contain their taxes.
func TestTaxIncluded(t *testing.T) {
	const taxed = `{"price_components": [{"type": "ENERGY", "price": 1.21, "vat": 21, "step_size": 1}]}`
	const partly = `{"price_components": [{"type": "ENERGY", "price": 1.21, "vat": 21, "step_size": 1}, {"type": "FLAT", "price": 0}]}`
	const bare = `{"price_components": [{"type": "ENERGY", "price": 1.21, "step_size": 1}]}`
	for _, tt := range []struct {
		elements, word, want string
		unknown              bool
	}{
		{taxed, `"NO"`, "3.6300 4.3923", false},
		{taxed, `"YES"`, "3.0000 3.6300", false},
		{taxed, `"N/A"`, "3.6300 3.6300", false},
		{partly, `"NO"`, "3.6300 4.3923", false},
		{strings.Replace(partly, `"price": 0`, `"price": 1`, 1), `"NO"`, "4.6300 -", true},
		{bare, `"NO"`, "3.6300 -", true},
		{bare, `"YES"`, "3.6300 3.6300", false},
		{bare, `"N/A"`, "3.6300 3.6300", false},
	} {
		c := mustCDR(t, V230, cdrText(V230, noon, one, "", period(noon, "ENERGY 3")))
		p := mustTariff(t, V230, strings.Replace(tariffText(V230, "", tt.elements), `"NO"`, tt.word, 1))
		r := mustPrice(t, c, PriceOptions{}, p)
		if costs(r.Total) != tt.want || hasCode(r.Findings, TaxUnknown) != tt.unknown {
			t.Errorf("%s: %s, want %s; %v", tt.word, costs(r.Total), tt.want, r.Findings)
		}
	}
}

// A tariff of a power exchange, with a price for each quarter of an hour of a
// week: more elements than package tariff holds, of which a session meets few.
func TestManyElements(t *testing.T) {
	var elements []string
	for quarter := range 4 * 24 * 7 {
		minute, start := quarter%96*15, time.Date(2025, 6, 1+quarter/96, 0, 0, 0, 0, time.UTC)
		elements = append(elements, fmt.Sprintf(`{"price_components": [{"type": "ENERGY", "price": %d.%03d, "step_size": 0}], "restrictions":
			{"start_date": %q, "end_date": %q, "start_time": "%02d:%02d", "end_time": "%02d:%02d"}}`, quarter/1000, quarter%1000,
			start.Format(time.DateOnly), start.AddDate(0, 0, 1).Format(time.DateOnly), minute/60, minute%60, (minute+15)/60%24, (minute+15)%60))
	}
	p := mustTariff(t, V221, tariffText(V221, "", strings.Join(elements, ",")))
	// Two hours over midnight, in Amsterdam: from 2025-06-02 23:00, the quarters 188 to 195, 1 kWh each.
	c := mustCDR(t, V221, cdrText(V221, "2025-06-02T21:00:00Z", "2025-06-02T23:00:00Z", "", period("2025-06-02T21:00:00Z", "ENERGY 8")))
	offsets := []tariff.Offset{{Seconds: 3600}, {From: 1743296400, Seconds: 7200}, {From: 1761440400, Seconds: 3600}}
	r := mustPrice(t, c, PriceOptions{Offsets: offsets}, p)
	if got := costs(r.Total); got != "1.5320 1.5320" {
		t.Errorf("cost %s, want the sum of .188 to .195", got)
	}
	c = mustCDR(t, V221, cdrText(V221, "2025-06-01T00:00:00Z", "2025-07-20T23:00:00Z", "", period("2025-06-01T21:00:00Z", "ENERGY 8")))
	_, err := Price(c, []*Tariff{p}, PriceOptions{Offsets: offsets})
	checkError(t, err, tariff.ErrElement, "$.elements")
	// Most hours of the week by day of the week, and a window over midnight.
	elements = []string{`{"price_components": [{"type": "ENERGY", "price": 5, "step_size": 0}], "restrictions": {"start_time": "23:30", "end_time": "00:30"}}`}
	for hour := range 24 * 7 {
		elements = append(elements, fmt.Sprintf(`{"price_components": [{"type": "ENERGY", "price": %d, "step_size": 0}], "restrictions":
			{"day_of_week": [%q], "start_time": "%02d:00", "end_time": "%02d:00"}}`, hour, strings.ToUpper(time.Weekday(hour/24).String()), hour%24, (hour+1)%24))
	}
	p = mustTariff(t, V221, tariffText(V221, "", strings.Join(elements, ",")))
	c = mustCDR(t, V221, cdrText(V221, "2025-06-02T21:00:00Z", "2025-06-02T23:00:00Z", "", period("2025-06-02T21:00:00Z", "ENERGY 4")))
	if got := costs(mustPrice(t, c, PriceOptions{Offsets: offsets}, p).Total); got != "105.0000 105.0000" { // 47 + 5 + 5 + 48
		t.Errorf("cost %s", got)
	}
}
