// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// utc is local time where nothing else matters.
var utc = []tariff.Offset{{}}

// tariffText makes a tariff of a version from the elements of 2.2.1; more goes
// in front of them. For 2.1.1 VAT is taken out, for 2.3.0 limits change their names.
func tariffText(v Version, more, elements string) string {
	head := `"id": "T1", "currency": "EUR", "last_updated": "2025-01-01T00:00:00Z"`
	if v != V211 {
		head += `, "country_code": "DE", "party_id": "ALL"`
	}
	body := more + `"elements": [` + elements + `]`
	switch v {
	case V211:
		body = regexp.MustCompile(`, *"vat": *[0-9.]+`).ReplaceAllString(body, "")
	case V230:
		head += `, "tax_included": "NO"`
		body = strings.NewReplacer("excl_vat", "before_taxes", "incl_vat", "after_taxes").Replace(body)
	}
	return "{" + head + ", " + body + "}"
}

// cdrText makes a CDR of a version, without costs.
func cdrText(v Version, start, end, more, periods string) string {
	head := `"id": "C1", "currency": "EUR", "auth_method": "WHITELIST", "last_updated": "2025-01-01T00:00:00Z", "total_time": 1, `
	stop := "end_date_time"
	if v == V211 {
		head += `"auth_id": "A", "location": {"country": "NLD", "time_zone": "Europe/Amsterdam"}, `
		stop = "stop_date_time"
	} else {
		head += `"country_code": "DE", "party_id": "ALL", "cdr_token": {}, "cdr_location": {"country": "NLD"}, `
	}
	return fmt.Sprintf(`{%s"start_date_time": %q, %q: %q, %s"charging_periods": [%s]}`, head, start, stop, end, more, periods)
}

// period makes a charging period of "TYPE volume" pairs.
func period(start string, quantities ...string) string {
	var dimensions []string
	for _, q := range quantities {
		name, volume, _ := strings.Cut(q, " ")
		dimensions = append(dimensions, fmt.Sprintf(`{"type": %q, "volume": %s}`, name, volume))
	}
	return fmt.Sprintf(`{"start_date_time": %q, "dimensions": [%s]}`, start, strings.Join(dimensions, ", "))
}

func mustTariff(t *testing.T, v Version, text string) *Tariff {
	t.Helper()
	p, _, err := ReadTariff([]byte(text), Options{v})
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return p
}

func mustCDR(t *testing.T, v Version, text string) *CDR {
	t.Helper()
	c, _, err := ReadCDR([]byte(text), Options{v})
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return c
}

// mustPrice prices, and checks that the lines of the result make up its total.
func mustPrice(t *testing.T, c *CDR, o PriceOptions, tariffs ...*Tariff) *Result {
	t.Helper()
	if o.Offsets == nil {
		o.Offsets = utc
	}
	r, err := Price(c, tariffs, o)
	if err != nil {
		t.Fatal(err)
	}
	checkSums(t, r)
	return r
}

func rat(s fmt.Stringer) *big.Rat {
	r, ok := new(big.Rat).SetString(s.String())
	if !ok {
		panic("no fraction: " + s.String())
	}
	return r
}

// checkSums adds lines and dimensions up.
func checkSums(t *testing.T, r *Result) {
	t.Helper()
	excl, incl, parts, rounded, roundedIncl := new(big.Rat), new(big.Rat), new(big.Rat), int64(0), int64(0)
	for _, l := range r.Lines {
		excl.Add(excl, rat(l.Cost.ExactExcl))
		incl.Add(incl, rat(l.Cost.ExactIncl))
		rounded, roundedIncl = rounded+l.Cost.ExclTax.Units, roundedIncl+l.Cost.InclTax.Units
	}
	for _, d := range r.ByDimension {
		parts.Add(parts, rat(d.Cost.ExactExcl))
	}
	if want := rat(r.Total.ExactExcl); excl.Cmp(want) != 0 || parts.Cmp(want) != 0 || rounded != r.Total.ExclTax.Units {
		t.Errorf("lines are %v, rounded %d, dimensions %v; total %v, %v", excl, rounded, parts, want, r.Total.ExclTax)
	}
	if want := rat(r.Total.ExactIncl); !r.Total.TaxUnknown && (incl.Cmp(want) != 0 || roundedIncl != r.Total.InclTax.Units) {
		t.Errorf("lines with taxes are %v, rounded %d; total %v, %v", incl, roundedIncl, want, r.Total.InclTax)
	}
}

// costs writes a cost as "excl incl", "-" where there is none.
func costs(c Cost) string {
	excl := string(tariff.AppendDecimal(nil, c.ExclTax.Units, c.ExclTax.Scale))
	if c.TaxUnknown {
		return excl + " -"
	}
	return excl + " " + string(tariff.AppendDecimal(nil, c.InclTax.Units, c.InclTax.Scale))
}

// exacts writes the exact amounts of a cost.
func exacts(c Cost) string {
	if c.TaxUnknown {
		return c.ExactExcl.String() + " -"
	}
	return c.ExactExcl.String() + " " + c.ExactIncl.String()
}

func hasCode(findings []Finding, code Code) bool { return findPath(findings, code) != "" }

// findPath returns the path of the first finding of a code.
func findPath(findings []Finding, code Code) string {
	for _, f := range findings {
		if f.Code == code {
			return f.Path
		}
	}
	return ""
}

// offsets returns the offsets of a zone around a CDR. The zone comes from the
// test's host; where there is none the test is skipped, or fails in CI.
func offsets(t *testing.T, zone string, c *CDR) []tariff.Offset {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		skip(t, err)
	}
	from, to := c.Span()
	return tariff.OffsetsIn(loc, time.Unix(from, 0), time.Unix(to, 0))
}
