// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"fmt"
	"time"
)

// Time is a CP56Time2a (IEC 60870-5-4, section 6.8): seven bytes of local time,
// as a field for each of its parts. Every seven bytes are one Time and every
// Time within the widths is seven bytes, so that a record is read and written
// back unchanged even where its clock was wrong or never set. Whether the fields
// are a moment is asked of [Time.In].
//
// The zone is not transmitted. Piles in China send the time of UTC+8. The zero
// value is seven zero bytes, which senders use for "no time".
type Time struct {
	Year        uint8  // 0 to 99, from 2000 on; 7 bits
	Month       uint8  // 1 to 12; 4 bits
	Day         uint8  // of the month, 1 to 31; 5 bits
	Weekday     uint8  // 1 is Monday, 7 Sunday, 0 is not used; 3 bits
	Hour        uint8  // 0 to 23; 5 bits
	Minute      uint8  // 0 to 59; 6 bits
	Millisecond uint16 // within the minute, 0 to 59999
	Invalid     bool   // IV: the sender says that its clock is not to be trusted
	Summer      bool   // SU: summer time
	Reserved    uint8  // the eight reserved bits; bit 0 is that of the minutes, 1 and 2 of the hours, 3 to 6 of the month, 7 of the year
}

const timeSize = 7

// TimeOf returns a time as t shows it in its own location, with weekday and
// summer bit; parts of a millisecond are cut off. It fails with [ErrTime]
// outside the years 2000 to 2099.
func TimeOf(t time.Time) (Time, error) {
	year := t.Year()
	if year < 2000 || year > 2099 {
		return Time{}, fail(ErrTime, "Year")
	}
	return Time{
		Year: uint8(year - 2000), Month: uint8(t.Month()), Day: uint8(t.Day()),
		Weekday: uint8((t.Weekday()+6)%7 + 1), Hour: uint8(t.Hour()), Minute: uint8(t.Minute()),
		Millisecond: uint16(1000*t.Second() + t.Nanosecond()/1_000_000), Summer: t.IsDST(),
	}, nil
}

// In returns the moment at which the clocks of loc show t. Where they show it
// twice, the summer bit decides. It fails with [ErrTime] where they never do,
// and where the time is marked invalid.
//
// Reserved bits and the weekday are not looked at: piles that count the days of
// the week from Sunday, or are off by one, are in the field.
func (t Time) In(loc *time.Location) (time.Time, error) {
	if t.Invalid {
		return time.Time{}, fail(ErrTime, "Invalid")
	}
	if !t.exists() {
		return time.Time{}, fail(ErrTime, "Time")
	}
	ms := int(t.Millisecond)
	at := time.Date(2000+int(t.Year), time.Month(t.Month), int(t.Day), int(t.Hour), int(t.Minute), ms/1000, ms%1000*1_000_000, loc)
	if !t.shownBy(at) {
		return time.Time{}, fail(ErrTime, "Time")
	}
	for _, other := range [...]time.Time{at.Add(-time.Hour), at.Add(time.Hour)} {
		if at.IsDST() != t.Summer && other.IsDST() == t.Summer && t.shownBy(other) {
			return other, nil
		}
	}
	return at, nil
}

// shownBy reports whether a clock shows hour and minute of t at a moment of about that time.
func (t Time) shownBy(at time.Time) bool {
	return at.Hour() == int(t.Hour) && at.Minute() == int(t.Minute)
}

// exists reports whether the fields are a moment of the calendar.
func (t Time) exists() bool {
	if t.Year > 99 || t.Month < 1 || t.Month > 12 || t.Hour > 23 || t.Minute > 59 || t.Millisecond > 59_999 {
		return false
	}
	last := time.Date(2000+int(t.Year), time.Month(t.Month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return 1 <= t.Day && int(t.Day) <= last
}

// String returns "2026-03-02 17:00:00.000", followed by " summer" and
// " invalid" where the bits say so. Fields out of range are shown as they are.
func (t Time) String() string {
	ms := t.Millisecond
	text := fmt.Sprintf("%d-%02d-%02d %02d:%02d:%02d.%03d", 2000+int(t.Year), t.Month, t.Day, t.Hour, t.Minute, ms/1000, ms%1000)
	if t.Summer {
		text += " summer"
	}
	if t.Invalid {
		text += " invalid"
	}
	return text
}

// check returns ErrOverflow where a field has more bits than its place.
func (t Time) check() error {
	for _, f := range [...]struct {
		name        string
		value, most uint8
	}{
		{"Year", t.Year, 127}, {"Month", t.Month, 15}, {"Day", t.Day, 31}, {"Weekday", t.Weekday, 7},
		{"Hour", t.Hour, 31}, {"Minute", t.Minute, 63},
	} {
		if f.value > f.most {
			return &Error{f.name, ErrOverflow}
		}
	}
	return nil
}

// append writes a time that was checked.
//
//	milliseconds, low byte first | IV RES1 minute 6 | SU RES2 2 hour 5 |
//	weekday 3 day 5 | RES3 4 month 4 | RES4 year 7
func (t Time) append(dst []byte) []byte {
	r := t.Reserved
	return append(dst, byte(t.Millisecond), byte(t.Millisecond>>8),
		bit(t.Invalid)<<7|r&1<<6|t.Minute,
		bit(t.Summer)<<7|r>>1&3<<5|t.Hour,
		t.Weekday<<5|t.Day,
		r>>3&15<<4|t.Month,
		r>>7<<7|t.Year)
}

// readTime reads seven bytes, whatever they are.
func readTime(b []byte) Time {
	return Time{
		Millisecond: uint16(b[0]) | uint16(b[1])<<8,
		Minute:      b[2] & 63, Invalid: b[2]>>7 == 1,
		Hour: b[3] & 31, Summer: b[3]>>7 == 1,
		Day: b[4] & 31, Weekday: b[4] >> 5,
		Month:    b[5] & 15,
		Year:     b[6] & 127,
		Reserved: b[2]>>6&1 | b[3]>>5&3<<1 | b[5]>>4<<3 | b[6]>>7<<7,
	}
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
