// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"testing"
	"time"

	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

var china = time.FixedZone("CST", 8*3600)

// wire writes a time where a record has it.
func wire(t *testing.T, at Time) [7]byte {
	t.Helper()
	data := must[[]byte](t)((&Record{At: at}).MarshalBinary())
	return [7]byte(data[142:149])
}

func TestTimeOfEachBit(t *testing.T) {
	for _, c := range []struct {
		name string
		at   Time
		want [7]byte
	}{
		{"nothing", Time{}, [7]byte{}},
		{"milliseconds, low byte first", Time{Millisecond: 59_999}, [7]byte{0x5f, 0xea}},
		{"minute", Time{Minute: 59}, [7]byte{2: 0x3b}},
		{"reserved in the minutes", Time{Reserved: 1}, [7]byte{2: 0x40}},
		{"invalid", Time{Invalid: true}, [7]byte{2: 0x80}},
		{"hour", Time{Hour: 23}, [7]byte{3: 0x17}},
		{"reserved in the hours", Time{Reserved: 6}, [7]byte{3: 0x60}},
		{"summer", Time{Summer: true}, [7]byte{3: 0x80}},
		{"day", Time{Day: 31}, [7]byte{4: 0x1f}},
		{"weekday", Time{Weekday: 7}, [7]byte{4: 0xe0}},
		{"month", Time{Month: 12}, [7]byte{5: 0x0c}},
		{"reserved in the month", Time{Reserved: 0x78}, [7]byte{5: 0xf0}},
		{"year", Time{Year: 99}, [7]byte{6: 0x63}},
		{"reserved in the year", Time{Reserved: 0x80}, [7]byte{6: 0x80}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := wire(t, c.at); got != c.want {
				t.Errorf("wrote %x, want %x", got, c.want)
			}
			data := make([]byte, RecordSize)
			copy(data[142:], c.want[:])
			var r Record
			if err := r.UnmarshalBinary(data); err != nil || r.At != c.at {
				t.Errorf("read %+v, %v", r.At, err)
			}
		})
	}
}

func TestTimeOfMoments(t *testing.T) {
	for _, c := range []struct {
		name string
		at   time.Time
		want Time
	}{
		{"Monday", time.Date(2026, 3, 2, 17, 55, 30, 250_999_999, china), goldenRecord().Start},
		{"Sunday", time.Date(2026, 3, 1, 0, 0, 0, 0, china), Time{Year: 26, Month: 3, Day: 1, Weekday: 7}},
		{"the first", time.Date(2000, 1, 1, 0, 0, 0, 0, china), Time{Month: 1, Day: 1, Weekday: 6}},
		{"the last", time.Date(2099, 12, 31, 23, 59, 59, 999_000_000, china),
			Time{Year: 99, Month: 12, Day: 31, Weekday: 4, Hour: 23, Minute: 59, Millisecond: 59_999}},
		{"a leap day", time.Date(2000, 2, 29, 12, 0, 0, 0, china), Time{Month: 2, Day: 29, Weekday: 2, Hour: 12}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := must[Time](t)(TimeOf(c.at))
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if back := must[time.Time](t)(got.In(china)); !back.Equal(c.at.Truncate(time.Millisecond)) {
				t.Errorf("back at %v", back)
			}
		})
	}
}

func TestTimeRefusesYears(t *testing.T) {
	for _, year := range []int{1970, 1999, 2100, 9999} {
		_, err := TimeOf(time.Date(year, 6, 1, 0, 0, 0, 0, china))
		refused(t, err, "Year", ErrTime)
	}
}

func TestTimeThatIsNoMoment(t *testing.T) {
	good := goldenRecord().Start
	for name, change := range map[string]func(*Time){
		"never set":          func(a *Time) { *a = Time{} },
		"year 2100":          func(a *Time) { a.Year = 100 },
		"month 0":            func(a *Time) { a.Month = 0 },
		"month 13":           func(a *Time) { a.Month = 13 },
		"day 0":              func(a *Time) { a.Day = 0 },
		"30 February":        func(a *Time) { a.Month, a.Day = 2, 30 },
		"29 February 2026":   func(a *Time) { a.Month, a.Day = 2, 29 },
		"31 April":           func(a *Time) { a.Month, a.Day = 4, 31 },
		"hour 24":            func(a *Time) { a.Hour = 24 },
		"minute 60":          func(a *Time) { a.Minute = 60 },
		"millisecond 60 000": func(a *Time) { a.Millisecond = 60_000 },
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			change(&bad)
			_, err := bad.In(china)
			refused(t, err, "Time", ErrTime)
			_, err = NewSerial(Pile{}, 1, bad, 1)
			refused(t, err, "Time", ErrTime)
		})
	}
	good.Invalid = true
	_, err := good.In(china)
	refused(t, err, "Invalid", ErrTime)
}

func TestTimeIgnoresWeekdayAndReservedBits(t *testing.T) {
	odd := goldenRecord().Start
	odd.Weekday, odd.Reserved = 5, 255
	if at := must[time.Time](t)(odd.In(china)); !at.Equal(time.Date(2026, 3, 2, 17, 55, 30, 250_000_000, china)) {
		t.Errorf("at %v", at)
	}
}

// Amsterdam shows 02:30 twice on 2025-10-26 and never on 2025-03-30.
func TestTimeWhereClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Skip("no zone data:", err)
	}
	twice := Time{Year: 25, Month: 10, Day: 26, Hour: 2, Minute: 30}
	winter := must[time.Time](t)(twice.In(zone))
	twice.Summer = true
	summer := must[time.Time](t)(twice.In(zone))
	if winter.UTC().Hour() != 1 || summer.UTC().Hour() != 0 {
		t.Errorf("in summer time %v, else %v", summer.UTC(), winter.UTC())
	}
	for _, at := range []time.Time{winter, summer} {
		if got := must[Time](t)(TimeOf(at)); got.Summer != at.IsDST() || got.Hour != 2 {
			t.Errorf("%v is %v", at, got)
		}
	}
	_, err = Time{Year: 25, Month: 3, Day: 30, Hour: 2, Minute: 30}.In(zone)
	refused(t, err, "Time", ErrTime)
	// A pile that never sets the bit is still understood in July.
	july := must[time.Time](t)(Time{Year: 25, Month: 7, Day: 1, Hour: 12}.In(zone))
	if july.UTC().Hour() != 10 {
		t.Errorf("in July %v", july)
	}
}

func TestTimeAsText(t *testing.T) {
	for want, at := range map[string]Time{
		"2026-03-02 17:55:30.250":                goldenRecord().Start,
		"2000-00-00 00:00:00.000":                {},
		"2026-12-31 23:59:59.999 summer invalid": {Year: 26, Month: 12, Day: 31, Hour: 23, Minute: 59, Millisecond: 59_999, Summer: true, Invalid: true},
	} {
		if at.String() != want {
			t.Errorf("%q, want %q", at.String(), want)
		}
	}
}
