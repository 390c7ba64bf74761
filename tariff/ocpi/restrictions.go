// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"
	"strings"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// dayNames are the days of the week, by the number that time.Weekday gives them.
var dayNames = []string{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}

var reservationNames = []string{"", "RESERVATION", "RESERVATION_EXPIRES"}

func (r *reader) restrictions(n *node) (w Restrictions, err error) {
	if err := r.object(n, whenFields); err != nil {
		return w, err
	}
	for _, f := range [...]struct {
		key string
		dst *string
		ok  func(string) bool
	}{{"start_time", &w.StartTime, isTime}, {"end_time", &w.EndTime, isEndTime}, {"start_date", &w.StartDate, isDate}, {"end_date", &w.EndDate, isDate}} {
		if *f.dst, err = str(n, f.key); err != nil {
			return w, err
		}
		if *f.dst != "" && !f.ok(*f.dst) {
			return w, fail(ErrTime, "%s.%s", n.path(), f.key)
		}
	}
	for _, f := range w.decimals() {
		if *f.value, err = optional(n.get(f.key)); err != nil {
			return w, err
		}
		if d := *f.value; d != nil && d.Units < 0 {
			return w, fail(ErrRange, "%s.%s", n.path(), f.key)
		}
	}
	for _, f := range w.durations() {
		if m := n.get(f.key); m != nil {
			v, err := m.whole()
			if err != nil {
				return w, err
			}
			*f.value = &v
		}
	}
	if w.Days, err = days(n.get("day_of_week")); err != nil {
		return w, err
	}
	w.Reservation, err = reservation(n)
	return w, err
}

// decimalField is a restriction by number.
type decimalField struct {
	key   string
	value **Decimal
}

func (w *Restrictions) decimals() [6]decimalField {
	return [6]decimalField{{"min_kwh", &w.MinKWh}, {"max_kwh", &w.MaxKWh}, {"min_current", &w.MinCurrent},
		{"max_current", &w.MaxCurrent}, {"min_power", &w.MinPower}, {"max_power", &w.MaxPower}}
}

// durationField is a restriction by seconds.
type durationField struct {
	key   string
	value **int64
}

func (w *Restrictions) durations() [2]durationField {
	return [2]durationField{{"min_duration", &w.MinDuration}, {"max_duration", &w.MaxDuration}}
}

func days(n *node) (set tariff.Days, err error) {
	if n == nil {
		return 0, nil
	}
	if err := n.want(array); err != nil {
		return 0, err
	}
	for _, item := range n.kids {
		if err := item.want(text); err != nil {
			return 0, err
		}
		i := slices.Index(dayNames, item.text)
		if i < 0 {
			return 0, fail(ErrValue, "%s", item.path())
		}
		set |= 1 << i
	}
	return set, nil
}

func reservation(n *node) (tariff.Reservation, error) {
	s, err := str(n, "reservation")
	if err != nil || s == "" {
		return 0, err
	}
	i := slices.Index(reservationNames, s)
	if i < 0 {
		return 0, fail(ErrValue, "%s.reservation", n.path())
	}
	return tariff.Reservation(i), nil
}

// isTime reports whether s is a time of day as HH:MM.
func isTime(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == 5
}

// isEndTime also takes the 24:00 that some write for the end of the day.
func isEndTime(s string) bool { return s == "24:00" || isTime(s) }

func isDate(s string) bool {
	at, err := time.Parse(time.DateOnly, s)
	return err == nil && at.Year() >= 1970 && s != "1970-01-01" // day 0 of package tariff is no date
}

// seconds returns a time of day in seconds since midnight.
func seconds(s string) int32 {
	digit := func(i int) int32 { return int32(s[i] - '0') }
	return (digit(0)*10+digit(1))*3600 + (digit(3)*10+digit(4))*60
}

// dateOf returns a date of isDate.
func dateOf(s string) tariff.Date {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0
	}
	return tariff.DateOf(at.Year(), at.Month(), at.Day())
}

// moment reads a timestamp: UTC, with or without the letter Z, or with an
// offset. What is below a second is cut off, with a finding.
func (r *reader) moment(n *node) (int64, error) {
	if n == nil {
		return 0, nil
	}
	if err := n.want(text); err != nil {
		return 0, err
	}
	s := strings.TrimSpace(n.text)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05", s)
	}
	if err != nil || at.Unix() <= 0 || at.UTC().Year() > 9999 {
		return 0, fail(ErrTime, "%s", n.path())
	}
	if at.Nanosecond() != 0 {
		r.find(n.path(), tariff.Info, SubSecond, "")
	}
	return at.Unix(), nil
}
