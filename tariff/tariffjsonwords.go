// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// More names, all of them stable.
var (
	phaseNames  = []string{"charging", "idle", "reserved"}
	periodNames = []string{"none", "24-hours", "local-day"}
	dayNames    = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
)

// String returns "charging", "idle" or "reserved".
func (p Phase) String() string { return name(phaseNames, p) }

// MarshalText returns the form of String, or [ErrReading].
func (p Phase) MarshalText() ([]byte, error) { return marshalName(phaseNames, p, ErrReading) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (p *Phase) UnmarshalText(text []byte) error { return unmarshalName(p, phaseNames, text) }

// String returns "none", "24-hours" or "local-day".
func (p Period) String() string { return name(periodNames, p) }

// MarshalText returns the form of String, or [ErrIdle].
func (p Period) MarshalText() ([]byte, error) { return marshalName(periodNames, p, ErrIdle) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (p *Period) UnmarshalText(text []byte) error { return unmarshalName(p, periodNames, text) }

// String returns the names of the days in the order of [time.Weekday], with
// commas: "sunday,saturday".
func (d Days) String() string { return strings.Join(d.names(), ",") }

func (d Days) names() []string {
	names := []string{}
	for i, n := range dayNames {
		if d>>i&1 == 1 {
			names = append(names, n)
		}
	}
	if d > allDays {
		names = append(names, strconv.Itoa(int(d&^allDays)))
	}
	return names
}

// MarshalJSON returns the names of the days as an array, or [ErrRestriction].
func (d Days) MarshalJSON() ([]byte, error) {
	if d > allDays {
		return nil, ErrRestriction
	}
	return json.Marshal(d.names())
}

// UnmarshalJSON reads the form of MarshalJSON; the days may have any order, but
// none may be named twice.
func (d *Days) UnmarshalJSON(text []byte) error {
	var read Days
	var names []struct{}
	err := list(&names, func(_ *struct{}, text []byte) error {
		var day weekday
		if err := word(&day)(text); err != nil {
			return err
		}
		if read>>day&1 == 1 {
			return ErrField
		}
		read |= 1 << day
		return nil
	})(text)
	if err == nil {
		*d = read
	}
	return err
}

// weekday is a day as [time.Weekday] counts it.
type weekday uint8

func (w *weekday) UnmarshalText(text []byte) error { return unmarshalName(w, dayNames, text) }

const dateLayout = "2006-01-02"

// String returns "2026-05-01", and "none" for 0.
func (d Date) String() string {
	if d == 0 {
		return "none"
	}
	return time.Unix(int64(d)*day, 0).UTC().Format(dateLayout)
}

// MarshalText returns the form of String, or [ErrRestriction] for no day from
// 1970-01-02 to 9999-12-31.
func (d Date) MarshalText() ([]byte, error) {
	if d <= 0 || d > maxTime/day {
		return nil, ErrRestriction
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the form of MarshalText, or returns [ErrSyntax].
func (d *Date) UnmarshalText(text []byte) error {
	at, err := time.Parse(dateLayout, string(text))
	if err != nil {
		return ErrSyntax
	}
	read := Date(at.Unix() / day)
	if back, err := read.MarshalText(); err != nil || string(back) != string(text) {
		return ErrSyntax
	}
	*d = read
	return nil
}
