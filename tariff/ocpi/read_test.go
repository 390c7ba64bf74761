// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// full has every field of a 2.2.1 tariff that something depends on.
const full = `{
  "country_code": "DE", "party_id": "ALL", "id": "full", "currency": "EUR", "type": "REGULAR",
  "tariff_alt_text": [], "tariff_alt_url": "https://example.com", "energy_mix": {"is_green_energy": true},
  "min_price": {"excl_vat": 0.50, "incl_vat": 0.55}, "max_price": {"excl_vat": 50, "incl_vat": 55},
  "start_date_time": "2025-01-01T00:00:00Z", "end_date_time": "2026-01-01T00:00:00Z", "last_updated": "2025-01-01T00:00:00Z",
  "elements": [
    {"price_components": [{"type": "ENERGY", "price": 0.2500, "vat": 10.0, "step_size": 1}, {"type": "FLAT", "price": 0.5, "vat": 10, "step_size": 1}],
     "restrictions": {"start_time": "09:00", "end_time": "18:00", "start_date": "2025-02-01", "end_date": "2025-12-01", "min_kwh": 1, "max_kwh": 40.5,
       "min_current": 6, "max_current": 32, "min_power": 1.4, "max_power": 22, "min_duration": 60, "max_duration": 7200,
       "day_of_week": ["MONDAY", "SUNDAY"]}},
    {"price_components": [{"type": "TIME", "price": 1.00, "vat": 10.0, "step_size": 60}], "restrictions": {"reservation": "RESERVATION"}},
    {"price_components": [{"type": "PARKING_TIME", "price": 5.00, "vat": 10.0, "step_size": 300}]}
  ]}`

const record = `{
  "country_code": "DE", "party_id": "ALL", "id": "C", "start_date_time": "2025-06-02T12:00:00Z", "end_date_time": "2025-06-02T13:00:00Z",
  "cdr_token": {}, "auth_method": "WHITELIST", "cdr_location": {"country": "NLD"}, "currency": "EUR",
  "charging_periods": [{"start_date_time": "2025-06-02T12:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 20}, {"type": "TIME", "volume": 1}], "tariff_id": "full"}],
  "total_cost": {"excl_vat": 5.5, "incl_vat": 6.05}, "total_energy": 20, "total_time": 1, "total_parking_time": 0, "last_updated": "2025-06-02T13:00:00Z"}`

func TestWholeDocumentsAreWithoutFindings(t *testing.T) {
	p, findings, err := ReadTariff([]byte(full), Options{})
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, %v", findings, err)
	}
	if p.Version != V221 || p.ID != "full" || p.Type != "REGULAR" || p.PartyID != "ALL" || p.Start != 1735689600 {
		t.Errorf("%+v", p)
	}
	w := p.Elements[0].When
	if w.MaxKWh.String() != "40.5" || *w.MaxDuration != 7200 || w.Days != 1<<0|1<<1 || w.EndDate != "2025-12-01" {
		t.Errorf("%+v", w)
	}
	if c := p.Elements[0].Components[0]; c.Price.String() != "0.2500" || c.VAT.String() != "10.0" {
		t.Errorf("prices are not as they were written: %+v", c)
	}
	c, findings, err := ReadCDR([]byte(record), Options{})
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, %v", findings, err)
	}
	if c.Version != V221 || c.Country != "NLD" || c.TotalCost.InclTax.String() != "6.05" || c.Periods[0].TariffID != "full" {
		t.Errorf("%+v", c)
	}
}

func TestUnreadableTariffs(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		err            error
		path           string
	}{
		{"no JSON", `"id"`, `id`, ErrSyntax, "$"},
		{"a list", full, `[1]`, ErrType, "$"},
		{"a comma too many", `["MONDAY", "SUNDAY"]`, `["MONDAY",]`, ErrSyntax, "$.elements[0].restrictions.day_of_week[1]"},
		{"more behind it", `5.00, "vat": 10.0, "step_size": 300}]}
  ]}`, `5.00, "vat": 10.0, "step_size": 300}]}
  ]} {}`, ErrSyntax, "$"},
		{"an open object", full, `{"id": {`, ErrSyntax, "$.id"},
		{"an open list", full, `{"id": [`, ErrSyntax, "$.id"},
		{"no currency", `"currency": "EUR",`, ``, ErrMissing, "$.currency"},
		{"currency of none", `"EUR"`, `"EUX"`, tariff.ErrCurrency, "$.currency"},
		{"currency a number", `"EUR"`, `978`, ErrType, "$.currency"},
		{"id a number", `"full"`, `1`, ErrType, "$.id"},
		{"elements an object", `"elements": [`, `"elements": {}, "x": [`, ErrType, "$.elements"},
		{"elements null", `"elements": [`, `"elements": null, "x": [`, ErrMissing, "$.elements"},
		{"no element", `"elements": [`, `"elements": [], "x": [`, ErrMissing, "$.elements[0]"},
		{"an element that is none", `"elements": [`, `"elements": [4,`, ErrType, "$.elements[0]"},
		{"no components", `{"price_components": [{"type": "TIME"`, `{"price_component": [{"type": "TIME"`, ErrMissing, "$.elements[1].price_components"},
		{"components empty", `"price_components": [{"type": "TIME"`, `"price_components": [], "x": [{"type": "TIME"`, ErrMissing, "$.elements[1].price_components[0]"},
		{"components a text", `"price_components": [{"type": "TIME"`, `"price_components": "", "x": [{"type": "TIME"`, ErrType, "$.elements[1].price_components"},
		{"a component that is none", `[{"type": "TIME"`, `[null, {"type": "TIME"`, ErrType, "$.elements[1].price_components[0]"},
		{"no type", `"type": "TIME", `, ``, ErrMissing, "$.elements[1].price_components[0].type"},
		{"type a number", `"type": "TIME"`, `"type": 1`, ErrType, "$.elements[1].price_components[0].type"},
		{"type in other letters", `"type": "TIME"`, `"type": "Time"`, ErrValue, "$.elements[1].price_components[0].type"},
		{"no price", `"price": 1.00, `, ``, ErrMissing, "$.elements[1].price_components[0].price"},
		{"price a text", `"price": 1.00`, `"price": "1.00"`, ErrType, "$.elements[1].price_components[0].price"},
		{"price with an exponent", `"price": 1.00`, `"price": 1e-3`, ErrNumber, "$.elements[1].price_components[0].price"},
		{"price with a big exponent", `"price": 1.00`, `"price": 1E400`, ErrNumber, "$.elements[1].price_components[0].price"},
		{"price too large", `"price": 1.00`, `"price": 99999999999999999999`, ErrRange, "$.elements[1].price_components[0].price"},
		{"price too fine", `"price": 1.00`, `"price": 0.1000000000000000055511151231257827`, ErrRange, "$.elements[1].price_components[0].price"},
		{"VAT below zero", `"vat": 10.0, "step_size": 60`, `"vat": -10, "step_size": 60`, ErrRange, "$.elements[1].price_components[0].vat"},
		{"VAT a text", `"vat": 10.0, "step_size": 60`, `"vat": "10", "step_size": 60`, ErrType, "$.elements[1].price_components[0].vat"},
		{"half a step", `"step_size": 60`, `"step_size": 0.5`, ErrNumber, "$.elements[1].price_components[0].step_size"},
		{"a step back", `"step_size": 60`, `"step_size": -60`, ErrRange, "$.elements[1].price_components[0].step_size"},
		{"step a text", `"step_size": 60`, `"step_size": "60"`, ErrType, "$.elements[1].price_components[0].step_size"},
		{"restrictions a list", `{"reservation": "RESERVATION"}`, `[]`, ErrType, "$.elements[1].restrictions"},
		{"a reservation of no kind", `"RESERVATION"`, `"YES"`, ErrValue, "$.elements[1].restrictions.reservation"},
		{"reservation a number", `"RESERVATION"`, `1`, ErrType, "$.elements[1].restrictions.reservation"},
		{"an hour too much", `"09:00"`, `"25:00"`, ErrTime, "$.elements[0].restrictions.start_time"},
		{"an hour of one digit", `"09:00"`, `"9:00"`, ErrTime, "$.elements[0].restrictions.start_time"},
		{"24:00 as a beginning", `"09:00"`, `"24:00"`, ErrTime, "$.elements[0].restrictions.start_time"},
		{"time a number", `"18:00"`, `18`, ErrType, "$.elements[0].restrictions.end_time"},
		{"no such day", `"2025-02-01"`, `"2025-02-30"`, ErrTime, "$.elements[0].restrictions.start_date"},
		{"day of the week in short", `"SUNDAY"`, `"SUN"`, ErrValue, "$.elements[0].restrictions.day_of_week[1]"},
		{"day of the week by number", `"SUNDAY"`, `0`, ErrType, "$.elements[0].restrictions.day_of_week[1]"},
		{"days a text", `["MONDAY", "SUNDAY"]`, `"MONDAY"`, ErrType, "$.elements[0].restrictions.day_of_week"},
		{"energy below zero", `"min_kwh": 1`, `"min_kwh": -1`, ErrRange, "$.elements[0].restrictions.min_kwh"},
		{"power a text", `"max_power": 22`, `"max_power": "22"`, ErrType, "$.elements[0].restrictions.max_power"},
		{"half a second", `7200`, `7200.5`, ErrNumber, "$.elements[0].restrictions.max_duration"},
		{"a limit without its first amount", `"excl_vat": 0.50, `, ``, ErrMissing, "$.min_price.excl_vat"},
		{"a limit as text", `"excl_vat": 0.50`, `"excl_vat": "0.50"`, ErrType, "$.min_price.excl_vat"},
		{"a limit with tax as text", `"incl_vat": 55`, `"incl_vat": "55"`, ErrType, "$.max_price.incl_vat"},
		{"a limit that is none", `{"excl_vat": 50, "incl_vat": 55}`, `true`, ErrType, "$.max_price"},
		{"no moment", `"2025-01-01T00:00:00Z", "end`, `"2025-01-01", "end`, ErrTime, "$.start_date_time"},
		{"moment a number", `"2026-01-01T00:00:00Z"`, `1735689600`, ErrType, "$.end_date_time"},
		{"another word for included", `"id": "full"`, `"id": "full", "tax_included": "MAYBE"`, ErrValue, "$.tax_included"},
		{"included a boolean", `"id": "full"`, `"id": "full", "tax_included": true`, ErrType, "$.tax_included"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(full, tt.old, tt.new, 1)
			if text == full {
				t.Fatal("nothing changed")
			}
			p, findings, err := ReadTariff([]byte(text), Options{})
			checkError(t, err, tt.err, tt.path)
			if p != nil || findings != nil {
				t.Errorf("%+v and %v beside an error", p, findings)
			}
		})
	}
}

func TestUnreadableCDRs(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		err            error
		path           string
	}{
		{"no JSON", record, ``, ErrSyntax, "$"},
		{"no start", `"start_date_time": "2025-06-02T12:00:00Z", "end`, `"end`, ErrMissing, "$.start_date_time"},
		{"no moment", `"end_date_time": "2025-06-02T13:00:00Z"`, `"end_date_time": "13:00"`, ErrTime, "$.end_date_time"},
		{"id a number", `"C"`, `3`, ErrType, "$.id"},
		{"start a number", `"start_date_time": "2025-06-02T12:00:00Z", "end`, `"start_date_time": 3, "end`, ErrType, "$.start_date_time"},
		{"before time", `2025-06-02T12:00:00Z", "end`, `1969-06-02T12:00:00Z", "end`, ErrTime, "$.start_date_time"},
		{"no currency", `"currency": "EUR",`, ``, ErrMissing, "$.currency"},
		{"location a text", `{"country": "NLD"}`, `"NLD"`, ErrType, "$.cdr_location"},
		{"country a number", `"NLD"`, `31`, ErrType, "$.cdr_location.country"},
		{"zone a number", `"NLD"`, `"NLD", "time_zone": 1`, ErrType, "$.cdr_location.time_zone"},
		{"cost a text", `{"excl_vat": 5.5, "incl_vat": 6.05}`, `"5.5"`, ErrType, "$.total_cost"},
		{"energy a text", `"total_energy": 20`, `"total_energy": "20"`, ErrType, "$.total_energy"},
		{"time a text", `"total_time": 1`, `"total_time": "1"`, ErrType, "$.total_time"},
		{"parking a text", `"total_parking_time": 0`, `"total_parking_time": "0"`, ErrType, "$.total_parking_time"},
		{"no periods", `"charging_periods"`, `"charging_period"`, ErrMissing, "$.charging_periods"},
		{"periods empty", `"charging_periods": [`, `"charging_periods": [], "x": [`, ErrMissing, "$.charging_periods[0]"},
		{"periods an object", `"charging_periods": [`, `"charging_periods": {}, "x": [`, ErrType, "$.charging_periods"},
		{"a period that is none", `"charging_periods": [`, `"charging_periods": [0, `, ErrType, "$.charging_periods[0]"},
		{"a period without start", `[{"start_date_time": "2025-06-02T12:00:00Z", `, `[{`, ErrMissing, "$.charging_periods[0].start_date_time"},
		{"a period of no moment", `[{"start_date_time": "2025-06-02T12:00:00Z"`, `[{"start_date_time": "now"`, ErrTime, "$.charging_periods[0].start_date_time"},
		{"tariff by number", `"tariff_id": "full"`, `"tariff_id": 1`, ErrType, "$.charging_periods[0].tariff_id"},
		{"no dimensions", `"dimensions"`, `"dimension"`, ErrMissing, "$.charging_periods[0].dimensions"},
		{"dimensions an object", `"dimensions": [`, `"dimensions": {}, "x": [`, ErrType, "$.charging_periods[0].dimensions"},
		{"a dimension that is none", `"dimensions": [`, `"dimensions": [[], `, ErrType, "$.charging_periods[0].dimensions[0]"},
		{"no type", `"type": "TIME", `, ``, ErrMissing, "$.charging_periods[0].dimensions[1].type"},
		{"type a number", `"type": "TIME"`, `"type": 2`, ErrType, "$.charging_periods[0].dimensions[1].type"},
		{"no volume", `"type": "TIME", "volume": 1`, `"type": "TIME"`, ErrMissing, "$.charging_periods[0].dimensions[1].volume"},
		{"volume a text", `"type": "TIME", "volume": 1`, `"type": "TIME", "volume": "1"`, ErrType, "$.charging_periods[0].dimensions[1].volume"},
		{"volume below zero", `"type": "TIME", "volume": 1`, `"type": "TIME", "volume": -1`, ErrRange, "$.charging_periods[0].dimensions[1].volume"},
		{"tariffs an object", `"id": "C"`, `"id": "C", "tariffs": {}`, ErrType, "$.tariffs"},
		{"a tariff's price", `"id": "C"`, `"id": "C", "tariffs": [{"currency": "EUR", "elements": [{"price_components": [{"type": "ENERGY", "price": "1"}]}]}]`, ErrType, "$.tariffs[0].elements[0].price_components[0].price"},
		{"taxes of no amount", `{"excl_vat": 5.5, "incl_vat": 6.05}`, `{"before_taxes": 5.5, "taxes": [{"name": "VAT"}]}`, ErrMissing, "$.total_cost.taxes[0].amount"},
		{"taxes by name", `{"excl_vat": 5.5, "incl_vat": 6.05}`, `{"before_taxes": 5.5, "taxes": ["VAT"]}`, ErrType, "$.total_cost.taxes[0]"},
		{"taxes as text", `{"excl_vat": 5.5, "incl_vat": 6.05}`, `{"before_taxes": 5.5, "taxes": [{"amount": "1"}]}`, ErrType, "$.total_cost.taxes[0].amount"},
		{"taxes beyond reason", `{"excl_vat": 5.5, "incl_vat": 6.05}`, `{"before_taxes": 9223372036854775807, "taxes": [{"amount": 1}]}`, ErrRange, "$.total_cost.taxes[0].amount"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(record, tt.old, tt.new, 1)
			if text == record {
				t.Fatal("nothing changed")
			}
			c, findings, err := ReadCDR([]byte(text), Options{})
			checkError(t, err, tt.err, tt.path)
			if c != nil || findings != nil {
				t.Errorf("%+v and %v beside an error", c, findings)
			}
		})
	}
}

func TestFields(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		want           Finding
	}{
		{"camel case", `"day_of_week"`, `"dayOfWeek"`, Finding{"$.elements[0].restrictions.dayOfWeek", tariff.Warning, MisspeltField, "day_of_week"}},
		{"capitals", `"vat": 10.0, "step_size": 60`, `"VAT": 10.0, "step_size": 60`, Finding{"$.elements[1].price_components[0].VAT", tariff.Warning, MisspeltField, "vat"}},
		{"two letters changed", `"max_power"`, `"max_powre"`, Finding{"$.elements[0].restrictions.max_powre", tariff.Warning, MisspeltField, "max_power"}},
		{"a letter too few", `"step_size": 60`, `"stepsiz": 60`, Finding{"$.elements[1].price_components[0].stepsiz", tariff.Warning, MisspeltField, "step_size"}},
		{"another word", `"type": "REGULAR"`, `"colour": "REGULAR"`, Finding{"$.colour", tariff.Info, UnknownField, ""}},
		{"a very long word", `"type": "REGULAR"`, `"` + strings.Repeat("currency", 20) + `": 1`, Finding{"$." + strings.Repeat("currency", 8) + "…", tariff.Info, UnknownField, ""}},
		{"twice", `"min_power": 1.4`, `"min_power": 2, "min_power": 1.4`, Finding{"$.elements[0].restrictions.min_power", tariff.Warning, DuplicateField, ""}},
		{"missing", `"party_id": "ALL", `, ``, Finding{"$.party_id", tariff.Info, MissingField, ""}},
		{"of a later version", `"party_id": "ALL", `, `"party_id": "ALL", "preauthorize_amount": 5, `, Finding{"$.preauthorize_amount", tariff.Info, OtherVersion, "2.3.0"}},
		{"a limit's other name", `"incl_vat": 55`, `"after_taxes": 55`, Finding{"$.max_price.after_taxes", tariff.Info, OtherVersion, "2.3.0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, findings, err := ReadTariff([]byte(strings.Replace(full, tt.old, tt.new, 1)), Options{V221})
			if err != nil || len(findings) == 0 || findings[0] != tt.want {
				t.Errorf("%v, %v; want %v", findings, err, tt.want)
			}
			if tt.name == "twice" && p.Elements[0].When.MinPower.String() != "1.4" {
				t.Error("not the last one counts")
			}
		})
	}
	f := Finding{"$.x", tariff.Warning, MisspeltField, "y"}
	if f.String() != "misspelt-field at $.x: y" || (Finding{Path: "$", Code: Overlap}).String() != "overlap at $" {
		t.Error(f)
	}
}

func TestVersionIsFound(t *testing.T) {
	const elements = `"currency": "EUR", "elements": [{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}]`
	for text, want := range map[string]Version{
		`{` + elements + `}`:                                                                     V211,
		`{"party_id": "X", ` + elements + `}`:                                                    V221,
		`{"min_price": {"excl_vat": 1}, ` + elements + `}`:                                       V221,
		`{"tax_included": "N/A", ` + elements + `}`:                                              V230,
		`{"min_price": {"before_taxes": 1}, ` + elements + `}`:                                   V230,
		strings.Replace(`{`+elements+`}`, `"price": 1`, `"price": 1, "vat": 0`, 1):               V221,
		strings.Replace(`{`+elements+`}`, `}]}]`, `}], "restrictions": {"max_current": 1}}]`, 1): V221,
	} {
		if p := mustTariff(t, Detect, text); p.Version != want {
			t.Errorf("%s: %v, want %v", text, p.Version, want)
		}
		if p := mustTariff(t, V211, text); p.Version != V211 {
			t.Errorf("%s is %v though 2.1.1 was said", text, p.Version)
		}
	}
	const periods = `"currency": "EUR", "start_date_time": "2025-06-02T12:00:00", "charging_periods": [{"start_date_time": "2025-06-02T14:00:00+02:00", "dimensions": []}]`
	for text, want := range map[string]Version{
		`{"total_cost": 5, ` + periods + `}`:                                       V211,
		`{"stop_date_time": "2025-06-02T13:00:00Z", ` + periods + `}`:              V211,
		`{"location": {}, ` + periods + `}`:                                        V211,
		`{"total_cost": {"excl_vat": 5}, ` + periods + `}`:                         V221,
		`{` + periods + `}`:                                                        V221,
		`{"total_cost": {"before_taxes": 5}, ` + periods + `}`:                     V230,
		`{"tariffs": [{"tax_included": "NO", ` + elements + `}], ` + periods + `}`: V230,
	} {
		c := mustCDR(t, Detect, text)
		if c.Version != want {
			t.Errorf("%s: %v, want %v", text, c.Version, want)
		}
		if c.Start != c.Periods[0].Start {
			t.Errorf("noon is %d and %d", c.Start, c.Periods[0].Start)
		}
	}
	for _, v := range []Version{V211, V221, V230} {
		if got, err := ParseVersion(v.String()); got != v || err != nil {
			t.Errorf("%v: %v, %v", v, got, err)
		}
	}
	if _, err := ParseVersion("2.0"); !errors.Is(err, ErrVersion) || Version(9).String() != "" {
		t.Errorf("an unknown version: %v", err)
	}
	_, _, err := ReadTariff([]byte(full), Options{9})
	checkError(t, err, ErrVersion, "Options.Version")
	_, _, err = ReadCDR([]byte(full), Options{9})
	checkError(t, err, ErrVersion, "Options.Version")
}

func TestAnswersAreUnwrapped(t *testing.T) {
	p := mustTariff(t, Detect, "\xef\xbb\xbf"+`{"data": [`+full+`], "status_code": 1000}`)
	if p.ID != "full" {
		t.Error(p.ID)
	}
	if c := mustCDR(t, Detect, `{"data": `+record+`, "status_code": 1000}`); c.ID != "C" {
		t.Error(c.ID)
	}
	c := mustCDR(t, Detect, `{"data": [`+record+`]}`)
	_, err := Price(c, nil, PriceOptions{Offsets: utc})
	checkError(t, err, ErrTariff, "$.data[0].tariffs")
	c.Periods[0].TariffID = ""
	if r := mustPrice(t, c, PriceOptions{}, p); findPath(r.Findings, NoTariffID) != "$.data[0].charging_periods[0].tariff_id" {
		t.Errorf("%v", r.Findings)
	}
	_, _, err = ReadTariff([]byte(`{"data": [`+full+`,`+full+`]}`), Options{})
	checkError(t, err, ErrType, "$.data")
	_, _, err = ReadTariff([]byte(`{"data": {"currency": "EUR"}}`), Options{})
	checkError(t, err, ErrMissing, "$.data.elements")
}

func TestTooDeep(t *testing.T) {
	_, _, err := ReadTariff([]byte(strings.Repeat(`{"a":`, 50)+"1"+strings.Repeat("}", 50)), Options{})
	if !errors.Is(err, ErrSyntax) {
		t.Error(err)
	}
}
