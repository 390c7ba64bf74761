// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestZonesOfCountries: each zone of a country is one that the command can load.
func TestZonesOfCountries(t *testing.T) {
	known := 0
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string(first) + string(second)
			zone := countryZone(code)
			if zone == "" {
				continue
			}
			known++
			if loc, err := loadZone(zone); err != nil || loc.String() != zone {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	if known < 200 {
		t.Errorf("%d countries", known)
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
