// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// priced prices periods by elements of 2.2.1.
func priced(t *testing.T, o PriceOptions, start, end, more, elements string, periods ...string) *Result {
	t.Helper()
	c := mustCDR(t, V221, cdrText(V221, start, end, "", strings.Join(periods, ",")))
	return mustPrice(t, c, o, mustTariff(t, V221, tariffText(V221, more, elements)))
}

// Hours that govern are spread over the whole period, not over its beginning.
func TestGoverningHoursAreSpread(t *testing.T) {
	const halves = `{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}], "restrictions": {"end_time": "12:30"}}, {"price_components": [{"type": "TIME", "price": 72, "step_size": 0}]}`
	r := priced(t, PriceOptions{}, at("12:00"), at("14:00"), "", halves, period(at("12:00"), "TIME 0.5000"))
	if got := costs(r.Total); got != "31.5000 31.5000" { // 450 s at .01 and 1350 s at .02
		t.Error(got)
	}
}

func TestVolumesThatAreAskedForAreNoFinding(t *testing.T) {
	r := priced(t, PriceOptions{Profile: Profile{Hours: ByVolume}}, at("12:00"), at("12:05"), "", hourly, period(at("12:00"), "TIME 0.0833"))
	if hasCode(r.Findings, VolumeGoverns) {
		t.Error(r.Findings)
	}
}

func TestPeriodAtTheEnd(t *testing.T) {
	r := priced(t, PriceOptions{}, at("12:00"), at("13:00"), "", perKWh1, period(at("12:00"), "ENERGY 1"), period(at("13:00"), "ENERGY 2"))
	if costs(r.Total) != "3.0000 3.0000" || hasCode(r.Findings, OutsideSession) || hasCode(r.Findings, VolumeGoverns) {
		t.Errorf("%s, %v", costs(r.Total), r.Findings)
	}
}

func TestAbsorbLooksAtTime(t *testing.T) {
	// The last period has no time: charging came last.
	r := priced(t, PriceOptions{Profile: Profile{Absorb: LastPeriod}}, at("12:00"), at("13:00"), "", parkTime,
		period(at("12:00"), "PARKING_TIME 0.3333"), period(at("12:20"), "TIME 0.1667"), period(at("12:30"), "ENERGY 1"))
	if got := costs(r.Total); got != "1.9000 1.9000" {
		t.Error(got)
	}
}

func TestAnAddedStepWasNotMeasured(t *testing.T) {
	r := priced(t, PriceOptions{Profile: Profile{Multiple: AddStep}}, noon, one, "", stepped, period(noon, "ENERGY 3"))
	if l := r.Lines[0]; l.Measured.String() != "3" || l.Billed.String() != "4" || r.Bill != nil {
		t.Errorf("%+v", l)
	}
}

func TestFourDigitsRoundByMagnitude(t *testing.T) {
	for price, want := range map[string]string{"-0.00005": "-0.0100", "0.00005": "0.0100", "0.00004": "0.0000", "-0.00004": "0.0000", "0.000049": "0.0000", "1.23456": "123.4600"} {
		elements := strings.Replace(chinese, "0.68625", price, 1)
		r := priced(t, PriceOptions{Profile: Profile{Digits: FourDigits}}, noon, one, "", elements, period(noon, "ENERGY 100"))
		if got, _, _ := strings.Cut(costs(r.Total), " "); got != want {
			t.Errorf("%s: %s, want %s", price, got, want)
		}
	}
}

func TestSpanOfAbsurdHours(t *testing.T) {
	for _, hours := range []string{"TIME 999999999999999999", "TIME 9999999"} {
		c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, hours)))
		if from, to := c.Span(); to-from != 3600 {
			t.Errorf("%s: %d to %d", hours, from, to)
		}
	}
	c := mustCDR(t, V221, cdrText(V221, one, one, "", period(noon, "TIME 2.00001")))
	if from, to := c.Span(); to-from != 7201 {
		t.Errorf("%d to %d", from, to)
	}
}

func TestMinimumThatIsTheMaximum(t *testing.T) {
	r := priced(t, PriceOptions{}, noon, one, `"min_price": {"excl_vat": 5, "incl_vat": 6}, "max_price": {"excl_vat": 5, "incl_vat": 6}, `, perKWh1, period(noon, "ENERGY 1"))
	if costs(r.Total) != "5.0000 6.0000" || hasCode(r.Findings, MinAboveMax) {
		t.Errorf("%s, %v", costs(r.Total), r.Findings)
	}
}

// A tariff of two decimals that is asked for in finer units of time still
// shows its prices as they are.
func TestPricesOfFineTime(t *testing.T) {
	elements := `{"price_components": [{"type": "TIME", "price": 1.20, "vat": 10, "step_size": 0}, {"type": "ENERGY", "price": 0.25, "step_size": 0}, {"type": "FLAT", "price": 2}]}`
	r := priced(t, PriceOptions{}, noon, one, "", elements, period(noon, "TIME 0.0001", "ENERGY 4"))
	want := map[string]string{"TIME": "1.20 EUR 0.36", "ENERGY": "0.25 EUR 4", "FLAT": "2.00 EUR 1"}
	for _, l := range r.Lines {
		if l.Kind == Charge && l.Price.String()+" "+l.Billed.String() != want[l.Dimension] {
			t.Errorf("%s: %v %v", l.Dimension, l.Price, l.Billed)
		}
	}
	if exacts(r.Total) != "75003/25000 750033/250000" { // 3 + .00012, and .000132
		t.Error(exacts(r.Total))
	}
}

// Offsets of local time are those given; windows with seconds of an offset
// within a minute are looked at too.
func TestOddOffsets(t *testing.T) {
	r := priced(t, PriceOptions{Offsets: []tariff.Offset{{Seconds: 1172}}}, at("12:00"), at("13:00"), "",
		`{"price_components": [{"type": "TIME", "price": 36, "step_size": 0}], "restrictions": {"end_time": "12:20"}}`, period(at("12:00"), "TIME 1.0"))
	if got, _, _ := strings.Cut(costs(r.Total), " "); got != "0.2800" { // 28 s until 12:20 there
		t.Error(got)
	}
}
