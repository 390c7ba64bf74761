// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

const (
	stepped    = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1000}]}`
	stepless   = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 0}]}`
	parkTime   = `{"price_components": [{"type": "TIME", "price": 6, "step_size": 900}, {"type": "PARKING_TIME", "price": 1.2, "step_size": 900}]}`
	cheapNight = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}], "restrictions": {"end_time": "12:30"}},
		{"price_components": [{"type": "ENERGY", "price": 3, "step_size": 1}]}`
	tiers = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}], "restrictions": {"max_kwh": 5}},
		{"price_components": [{"type": "ENERGY", "price": 3, "step_size": 1}]}`
	twoFlats = `{"price_components": [{"type": "FLAT", "price": 4}], "restrictions": {"reservation": "RESERVATION"}}, {"price_components": [{"type": "FLAT", "price": 1}]}`
	power10  = `{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}], "restrictions": {"min_power": 10}}, {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}`
	power20  = `{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}], "restrictions": {"max_power": 20}}, {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}`
	current6 = `{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}], "restrictions": {"max_current": 6}}, {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}`
	equal    = `{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}], "restrictions": {"start_time": "08:00", "end_time": "08:00"}}, {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}`
	// Monday night is cheap; 2025-06-03 is a Tuesday.
	mondays = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}], "restrictions": {"start_time": "22:00", "end_time": "06:00", "day_of_week": ["MONDAY"]}},
		{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}]}`
	dated = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}], "restrictions": {"start_time": "22:00", "end_time": "06:00", "start_date": "2025-06-02", "end_date": "2025-06-03"}},
		{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}]}`
	afterAnHour = `{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}], "restrictions": {"min_duration": 3600}}, {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}`
	untaxed     = `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}, {"type": "FLAT", "price": 1, "vat": 10}]}`
	chinese     = `{"price_components": [{"type": "ENERGY", "price": 0.68625, "step_size": 1}]}`
	hourly      = `{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}]}`
	words211    = `{"price_components": [{"type": "TIME", "price": 6, "step_size": 1}], "restrictions": {"max_duration": 3600}},
		{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}, {"type": "TIME", "price": 12, "step_size": 1}]}`
	reservations = `{"price_components": [{"type": "FLAT", "price": 4}], "restrictions": {"reservation": "RESERVATION_EXPIRES"}}, {"price_components": [{"type": "TIME", "price": 2, "step_size": 1}], "restrictions": {"reservation": "RESERVATION"}},
		{"price_components": [{"type": "TIME", "price": 6, "step_size": 1}]}`
	threes = `{"price_components": [{"type": "ENERGY", "price": 0.33335, "vat": 0, "step_size": 1}]}`
)

// Each switch at the first value and at another, with what each makes of one
// session. Prices are excluding and including tax.
var switches = []struct {
	name, more, elements, start, end string
	periods                          []string
	other                            Profile
	first, then                      string
}{
	{"Selection", "", words211, noon, half2, []string{period(noon, "ENERGY 5", "TIME 1"), period(one, "ENERGY 5", "TIME 1.5")},
		Profile{Selection: FirstElement}, "34.0000 34.0000", "29.0000 29.0000"}, // 6 + 18 + 10, or the first 5 kWh free
	{"Straddle, over time", "", cheapNight, noon, one, []string{period(noon, "ENERGY 10")},
		Profile{Straddle: AtStart}, "20.0000 20.0000", "10.0000 10.0000"},
	{"Straddle, over energy", "", tiers, noon, one, []string{period(noon, "ENERGY 10")},
		Profile{Straddle: AtStart}, "20.0000 20.0000", "10.0000 10.0000"},
	{"Multiple", "", stepped, noon, one, []string{period(noon, "ENERGY 3.000")},
		Profile{Multiple: AddStep}, "3.0000 3.0000", "4.0000 4.0000"},
	{"Multiple, of a sum that is none", "", stepped, noon, one, []string{period(noon, "ENERGY 2.5")},
		Profile{Multiple: AddStep}, "3.0000 3.0000", "3.0000 3.0000"},
	{"Absorb", "", parkTime, noon, "2025-06-02T12:50:00Z", []string{period(noon, "PARKING_TIME 0.3333"), period("2025-06-02T12:20:00Z", "TIME 0.5")},
		Profile{Absorb: LastPeriod}, "3.6000 3.6000", "3.4000 3.4000"}, // 30 min parked + 3; or 20 min parked + 3
	{"Absorb, time rounds", "", parkTime, noon, "2025-06-02T12:30:00Z", []string{period(noon, "PARKING_TIME 0.3333"), period("2025-06-02T12:20:00Z", "TIME 0.1667")},
		Profile{Absorb: LastPeriod}, "1.6000 1.6000", "1.9000 1.9000"}, // .60 + 1.00; or .40 + 1.50
	{"Absorb, parking last", "", parkTime, noon, "2025-06-02T12:30:00Z", []string{period(noon, "TIME 0.1667"), period("2025-06-02T12:10:00Z", "PARKING_TIME 0.3333")},
		Profile{Absorb: LastPeriod}, "1.6000 1.6000", "1.6000 1.6000"},
	{"Flats", "", twoFlats, "2025-06-02T11:00:00Z", one, []string{period("2025-06-02T11:00:00Z", "RESERVATION_TIME 1"), period(noon, "ENERGY 1")},
		Profile{Flats: OncePerSession}, "5.0000 5.0000", "1.0000 1.0000"},
	{"Flats, of a reservation alone", "", twoFlats, noon, one, []string{period(noon, "RESERVATION_TIME 1")},
		Profile{Flats: OncePerSession}, "4.0000 4.0000", "4.0000 4.0000"},
	{"Labels, minimum", "", power10, noon, one, []string{period(noon, "ENERGY 1")}, Profile{Labels: Met}, "1.0000 1.0000", "2.0000 2.0000"},
	{"Labels, maximum", "", power20, noon, one, []string{period(noon, "ENERGY 1")}, Profile{Labels: Met}, "1.0000 1.0000", "2.0000 2.0000"},
	{"Labels, current", "", current6, noon, one, []string{period(noon, "ENERGY 1"), period(half1, "ENERGY 1", "CURRENT 5.999")}, Profile{Labels: Met}, "3.0000 3.0000", "4.0000 4.0000"},
	{"EqualTimes", "", equal, noon, one, []string{period(noon, "ENERGY 1")}, Profile{EqualTimes: Never}, "2.0000 2.0000", "1.0000 1.0000"},
	{"Wrap, with days", "", mondays, "2025-06-02T23:00:00Z", "2025-06-03T01:00:00Z", []string{period("2025-06-02T23:00:00Z", "ENERGY 10")},
		Profile{Wrap: StartDay}, "15.0000 15.0000", "10.0000 10.0000"},
	{"Wrap, with dates", "", dated, "2025-06-02T23:00:00Z", "2025-06-03T01:00:00Z", []string{period("2025-06-02T23:00:00Z", "ENERGY 10")},
		Profile{Wrap: StartDay}, "15.0000 15.0000", "10.0000 10.0000"},
	{"Origin", "", afterAnHour, noon, half2, []string{period(one, "ENERGY 1"), period("2025-06-02T13:30:00Z", "ENERGY 1")},
		Profile{Origin: FromPeriod}, "4.0000 4.0000", "2.5000 2.5000"}, // 13:30 to 14:30 is cut at 14:00
	{"MissingTax, none", "", untaxed, noon, one, []string{period(noon, "ENERGY 1")}, Profile{MissingTax: NoTax}, "2.0000 2.1000", "2.0000 2.1000"},
	{"MissingTax, unknown", "", untaxed, noon, one, []string{period(noon, "ENERGY 1")}, Profile{MissingTax: UnknownTax}, "2.0000 2.1000", "2.0000 -"},
	{"Digits", "", chinese, noon, one, []string{period(noon, "ENERGY 100")}, Profile{Digits: FourDigits}, "68.6250 68.6250", "68.6300 68.6300"},
	{"Hours", "", hourly, noon, "2025-06-02T12:05:00Z", []string{period(noon, "TIME 0.0833")}, Profile{Hours: ByVolume}, "3.0000 3.0000", "2.9988 2.9988"},
	{"Expiry", "", reservations, noon, "2025-06-02T13:30:00Z", []string{period(noon, "RESERVATION_TIME 1"), period(one, "TIME 0.5")},
		Profile{Expiry: NoEnergy}, "5.0000 5.0000", "9.0000 9.0000"},
	{"Limits", `"max_price": {"excl_vat": 10.00, "incl_vat": 11.00}, `, `{"price_components": [{"type": "ENERGY", "price": 1, "vat": 20, "step_size": 1}]}`, noon, one, []string{period(noon, "ENERGY 12")},
		Profile{Limits: NetOnly}, "10.0000 11.0000", "10.0000 12.0000"},
	{"Decimals", "", threes, noon, one, []string{period(noon, "ENERGY 1")}, Profile{Decimals: 2}, "0.3334 0.3334", "0.33 0.33"},
	{"Decimals, none", "", stepped, noon, one, []string{period(noon, "ENERGY 1")}, Profile{Decimals: WholeUnits}, "1.0000 1.0000", "1 1"},
	{"Rounding", "", threes, noon, one, []string{period(noon, "ENERGY 1")}, Profile{Rounding: tariff.Down}, "0.3334 0.3334", "0.3333 0.3333"},
	{"Rounding, half even", "", threes, noon, one, []string{period(noon, "ENERGY 3")}, Profile{Rounding: tariff.HalfEven}, "1.0001 1.0001", "1.0000 1.0000"},
	{"Rounding, up", "", threes, noon, one, []string{period(noon, "ENERGY 2.001")}, Profile{Rounding: tariff.Up}, "0.6670 0.6670", "0.6671 0.6671"},
}

func TestSwitches(t *testing.T) {
	for _, tt := range switches {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCDR(t, V221, cdrText(V221, tt.start, tt.end, "", strings.Join(tt.periods, ",")))
			p := mustTariff(t, V221, tariffText(V221, tt.more, tt.elements))
			if got := costs(mustPrice(t, c, PriceOptions{}, p).Total); got != tt.first {
				t.Errorf("by default %s, want %s", got, tt.first)
			}
			if got := costs(mustPrice(t, c, PriceOptions{Profile: tt.other}, p).Total); got != tt.then {
				t.Errorf("else %s, want %s", got, tt.then)
			}
		})
	}
}

func TestSwitchesThatRefuse(t *testing.T) {
	c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY 1")))
	p := mustTariff(t, V221, tariffText(V221, "", stepless))
	for _, tt := range []struct {
		profile Profile
		err     error
		path    string
	}{
		{Profile{ZeroStep: StepRefused}, ErrStep, "$.elements[0].price_components[0].step_size"},
		{Profile{NoID: IDRefused}, ErrTariff, "$.charging_periods[0].tariff_id"},
		{Profile{Decimals: 10}, ErrProfile, "Profile.Decimals"},
		{Profile{Rounding: 9}, ErrProfile, "Profile.Rounding"},
		{Profile{Wrap: 2}, ErrProfile, "Profile.Wrap"},
		{Profile{MissingTax: 3}, ErrProfile, "Profile.MissingTax"},
	} {
		_, err := Price(c, []*Tariff{p}, PriceOptions{Profile: tt.profile, Offsets: utc})
		checkError(t, err, tt.err, tt.path)
	}
	r := mustPrice(t, c, PriceOptions{}, p)
	if got := costs(r.Total); got != "1.0000 1.0000" || !hasCode(r.Findings, NoTariffID) {
		t.Errorf("by default %s, %v", got, r.Findings)
	}
	if _, _, err := p.Model(Profile{Flats: 7}); !errors.Is(err, ErrProfile) {
		t.Errorf("model under an unknown profile: %v", err)
	}
}

// checkError holds an error against its sentinel and path.
func checkError(t *testing.T, err, want error, path string) {
	t.Helper()
	var e *Error
	if !errors.Is(err, want) || !errors.As(err, &e) || e.Path != path {
		t.Errorf("error %v, want %v at %s", err, want, path)
	}
}

func TestProfileNames(t *testing.T) {
	for _, name := range ProfileNames() {
		p, ok := ProfileNamed(name)
		if !ok || p.Check() != nil {
			t.Errorf("%s: %v, %v", name, ok, p.Check())
		}
	}
	for _, name := range []string{"ocpi", "default"} {
		if p, _ := ProfileNamed(name); p != (Profile{}) {
			t.Errorf("%s is not the zero profile", name)
		}
	}
	if _, ok := ProfileNamed("OCPI"); ok {
		t.Error("names have one spelling")
	}
	other, _ := ProfileNamed("ocpi-tariffs")
	c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY 100")))
	p := mustTariff(t, V221, tariffText(V221, "", chinese))
	if got := costs(mustPrice(t, c, PriceOptions{Profile: other}, p).Total); got != "68.6300 68.6300" {
		t.Errorf("four digits: %s", got)
	}
	if first, ok := ProfileNamed("first-element"); !ok || first.Selection != FirstElement {
		t.Error("first-element does not select so")
	}
}
