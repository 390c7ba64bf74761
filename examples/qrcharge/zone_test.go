// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

// TestZonesOfCountries: each line of the table is well-formed, no code stands
// twice, and Go knows each zone.
func TestZonesOfCountries(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for line := range strings.Lines(zonesText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(fields) != 3 || len(fields[0]) != 2 || len(fields[1]) != 3 || line != strings.TrimSpace(line)+"\n" {
			t.Fatalf("%q", line)
		}
		if fields[0] <= last {
			t.Errorf("%s after %s", fields[0], last)
		}
		last = fields[0]
		for _, code := range fields[:2] {
			if seen[code] || code != strings.ToUpper(code) {
				t.Errorf("%s stands twice, or is not in capitals", code)
			}
			seen[code] = true
			if got := countryZone(strings.ToLower(code)); got != fields[2] {
				t.Errorf("%s: %q, want %q", code, got, fields[2])
			}
		}
		if loc, err := loadZone(fields[2]); err != nil || loc.String() != fields[2] {
			t.Errorf("%s: %v", fields[2], err)
		}
	}
	if len(seen) < 400 {
		t.Errorf("%d codes", len(seen))
	}
}

// TestCountriesWithSeveralZones are not in the table.
func TestCountriesWithSeveralZones(t *testing.T) {
	for _, code := range strings.Fields("US USA CA CAN MX MEX BR BRA AU AUS RU RUS ES ESP PT PRT ID IDN KZ KAZ NZ NZL CL CHL CD COD XX XXX # 2025b") {
		if got := countryZone(code); got != "" {
			t.Errorf("%s: %s", code, got)
		}
	}
	if got := countryZone(""); got != "" {
		t.Errorf("no code: %s", got)
	}
	for code, want := range map[string]string{"NL": "Europe/Amsterdam", "NLD": "Europe/Amsterdam", "DEU": "Europe/Berlin", "GB": "Europe/London", "CHN": "Asia/Shanghai", "IND": "Asia/Kolkata", "NPL": "Asia/Kathmandu"} {
		if got := countryZone(code); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// TestZoneNames: the names that Go takes for the host's zone and for UTC are none.
func TestZoneNames(t *testing.T) {
	for _, name := range []string{"", "Local", "Europe/Nowhere", "../etc/passwd", "+01:00"} {
		if _, err := loadZone(name); !errors.Is(err, errZone) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestStartTimes: the clocks of Amsterdam went from 02:00 to 03:00 on 2025-03-30
// at 01:00 UTC, and back from 03:00 to 02:00 on 2025-10-26 at 01:00 UTC; those
// of Lord Howe move by half an hour.
func TestStartTimes(t *testing.T) {
	for _, c := range []struct {
		zone, text, want string // in UTC
		err              error
	}{
		{"Europe/Amsterdam", "2025-03-30T01:59:59", "2025-03-30T00:59:59Z", nil},
		{"Europe/Amsterdam", "2025-03-30T02:30", "", errNever},
		{"Europe/Amsterdam", "2025-03-30 03:00", "2025-03-30T01:00:00Z", nil},
		{"Europe/Amsterdam", "2025-10-26T02:30:00", "", errTwice},
		{"Europe/Amsterdam", "2025-10-26T02:30:00+02:00", "2025-10-26T00:30:00Z", nil},
		{"Europe/Amsterdam", "2025-10-26T02:30:00+01:00", "2025-10-26T01:30:00Z", nil},
		{"Europe/Amsterdam", "2025-10-26 01:59:59", "2025-10-25T23:59:59Z", nil},
		{"Europe/Amsterdam", "2025-10-26 03:00", "2025-10-26T02:00:00Z", nil},
		{"Australia/Lord_Howe", "2025-04-06T01:45", "", errTwice},
		{"Australia/Lord_Howe", "2025-10-05T02:15", "", errNever},
		{"Asia/Shanghai", "2026-03-02 17:00", "2026-03-02T09:00:00Z", nil},
		{"UTC", "17:00", "", errTime},
		{"UTC", "2026-03-02", "", errTime},
		{"UTC", "", "", errTime},
	} {
		loc, err := loadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := parseStart(c.text, loc)
		if !errors.Is(err, c.err) {
			t.Errorf("%s in %s: %v, want %v", c.text, c.zone, err, c.err)
		}
		if got := at.UTC().Format(time.RFC3339); err == nil && got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.text, c.zone, got, c.want)
		}
	}
}

// TestZonesAgree: package ocpi knows the zones of countries too.
func TestZonesAgree(t *testing.T) {
	known := 0
	for line := range strings.Lines(zonesText) {
		fields := strings.Fields(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		if zone, ok := ocpi.CountryZone(fields[1]); ok {
			known++
			if zone != fields[2] {
				t.Errorf("%s: %s, package ocpi says %s", fields[1], fields[2], zone)
			}
		}
	}
	if known < 100 {
		t.Errorf("package ocpi knows %d of them", known)
	}
}
