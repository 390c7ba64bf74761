// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // zones also where the host has none

	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

var (
	errZone  = errors.New("no time zone of the tz database, as Europe/Amsterdam")
	errNever = errors.New("the clocks never show this time there")
	errTwice = errors.New("the clocks show this time twice there: write the offset from UTC, as +02:00")
	errTime  = errors.New("neither a time as 2026-03-02T17:00:00+01:00 nor a local one as 2026-03-02T17:00")
)

// loadZone finds a zone by name. "Local" and the empty name would depend on the
// host or pass for a zone.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q: %w", name, errZone)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, errZone)
	}
	return loc, nil
}

// countryZone names the zone of a country, by its alpha-2 or alpha-3 code, and
// is empty for a country with several.
func countryZone(code string) string {
	zone, _ := ocpi.CountryZone(code)
	return zone
}

// parseStart reads a moment: with an offset from UTC, or as the clocks of loc
// show it, when it must be one that they show once.
func parseStart(text string, loc *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		at, err := time.ParseInLocation(layout, text, loc)
		if err != nil {
			continue
		}
		if at.Format(layout) != text {
			return at, fmt.Errorf("%s: %w", text, errNever)
		}
		for _, shift := range []time.Duration{-time.Hour, -time.Hour / 2, time.Hour / 2, time.Hour} {
			if at.Add(shift).Format(layout) == text {
				return at, fmt.Errorf("%s: %w", text, errTwice)
			}
		}
		return at, nil
	}
	return time.Time{}, fmt.Errorf("%q: %w", text, errTime)
}
