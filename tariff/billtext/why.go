// SPDX-License-Identifier: Apache-2.0

package billtext

import (
	"reflect"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// whyWords are the texts of one language for what an element's restrictions
// say. Those of ranges have the order of spans; {} stands for the quantity.
type whyWords struct {
	otherwise             string
	first, between, from  [spans]string
	kWh, litre, kW, amp   string
	hours, minutes, secs  string
	days                  [7]string // from Monday
	dayRun, dayList       string
	date                  func(d time.Time) string
	dates                 func(first, last time.Time) string
	datesFrom, datesUntil string
	together              string // between conditions in the column of hours
}

// The ranges of restrictions in the order in which they are told.
const (
	spanEnergy = iota
	spanVolume
	spanPower
	spanCurrent
	spanTime
	spanDuration
	spanIdle
	spanIdling // as spanIdle, of idle time itself
	spans
)

// why returns what restricts a charge besides windows and reservation, in
// pieces that are all to hold.
func (w *words) why(b *tariff.Bill, l *tariff.Line) (pieces []string) {
	r := narrowed(b, l)
	if r.Days != 0 {
		pieces = append(pieces, w.dayNames(r.Days))
	}
	if dates := w.dateRange(r.From, r.Until); dates != "" {
		pieces = append(pieces, dates)
	}
	for i, s := range ranges(&r) {
		if i == spanIdle && l.Dimension == tariff.IdleTime {
			i = spanIdling
		}
		if *s != (tariff.Span{}) {
			pieces = append(pieces, w.span(i, *s))
		}
	}
	if l.Element > 0 && unrestricted(&r) && overtaken(b, l) {
		pieces = append(pieces, w.otherwise)
	}
	return pieces
}

// ranges returns the ranges of r in the order in which they are told.
func ranges(r *tariff.Restrictions) [spanIdling]*tariff.Span {
	return [...]*tariff.Span{&r.Energy, &r.Volume, &r.Power, &r.Current, &r.Time, &r.Duration, &r.Idle}
}

// unrestricted reports whether nothing but the reservation restricts.
func unrestricted(r *tariff.Restrictions) bool {
	for _, s := range ranges(r) {
		if *s != (tariff.Span{}) {
			return false
		}
	}
	return len(r.Windows) == 0 && r.Days == 0 && r.From == 0 && r.Until == 0
}

// overtaken reports whether elements before that of a charge take some of its
// time. Energy goes first in a tariff: there an element that is not the first
// has such elements before it even where none of them is on the bill.
func overtaken(b *tariff.Bill, l *tariff.Line) bool {
	return l.Dimension == tariff.Energy || slices.ContainsFunc(b.Lines, func(o tariff.Line) bool {
		return o.Kind == tariff.ChargeLine && o.Dimension == l.Dimension && o.Class == l.Class && o.Element < l.Element &&
			o.When.Reservation == l.When.Reservation && !unrestricted(&o.When)
	})
}

// narrowed returns the restrictions of a charge without what the element right
// before it takes of a range: behind "first 20 kWh" the "first 50 kWh" are those
// from 20 to 50. What nothing restricts is narrowed only behind elements that
// all restrict the same range: then it is the rest of it.
func narrowed(b *tariff.Bill, l *tariff.Line) tariff.Restrictions {
	kind, all, before := -1, true, (*tariff.Line)(nil)
	for i := range b.Lines {
		o := &b.Lines[i]
		if o.Kind != tariff.ChargeLine || o.Dimension != l.Dimension || o.Class != l.Class || o.Element >= l.Element {
			continue
		}
		k := apart(&l.When, &o.When)
		all = all && k >= 0 && (kind < 0 || k == kind)
		kind, before = k, o
	}
	r := l.When
	if kind < 0 || before.Element != l.Element-1 || unrestricted(&r) && !all {
		return r
	}
	s := ranges(&r)[kind]
	*s = less(*s, *ranges(&before.When)[kind])
	return r
}

// apart returns the range in which two restrictions differ, -1 unless it is
// one range and nothing else.
func apart(a, b *tariff.Restrictions) int {
	for k, s := range ranges(b) {
		same := *a
		if own := ranges(&same)[k]; *own != *s {
			*own = *s
			if reflect.DeepEqual(&same, b) {
				return k
			}
			return -1
		}
	}
	return -1
}

// less returns s without what another range takes at one of its ends.
func less(s, taken tariff.Span) tariff.Span {
	open := s.Max == 0
	switch {
	case taken.Min <= s.Min && taken.Max > s.Min && (open || taken.Max < s.Max):
		s.Min = taken.Max
	case taken.Min > s.Min && (open || taken.Min < s.Max) && (taken.Max == 0 || !open && taken.Max >= s.Max):
		s.Max = taken.Min
	}
	return s
}

// span returns "first 20 kWh", "20-50 kWh" or "from 50 kWh", each in the
// wording of its kind.
func (w *words) span(kind int, s tariff.Span) string {
	format := w.between[kind]
	switch {
	case s.Max == 0:
		format = w.from[kind]
	case s.Min == 0:
		format = w.first[kind]
	}
	unit, divisor, decimals := "", int64(1), uint8(3)
	switch kind {
	case spanEnergy:
		unit, decimals = w.kWh, 6
	case spanVolume:
		unit = w.litre
	case spanPower:
		unit = w.kW
	case spanCurrent:
		unit = w.amp
	default:
		unit, divisor = w.timeUnit(s.Min, s.Max)
		decimals = 0
	}
	text := trimmed(s.Max/divisor, decimals)
	switch {
	case s.Max == 0:
		text = trimmed(s.Min/divisor, decimals)
	case s.Min != 0:
		text = trimmed(s.Min/divisor, decimals) + "-" + text
	}
	return fill(format, text+unit)
}

// timeUnit returns the largest unit that both times are whole multiples of.
func (w *words) timeUnit(a, b int64) (name string, seconds int64) {
	switch {
	case a%3600 == 0 && b%3600 == 0:
		return w.hours, 3600
	case a%60 == 0 && b%60 == 0:
		return w.minutes, 60
	}
	return w.secs, 1
}

// dayNames lists the days of a week from Monday; three in a row and more are a run.
func (w *words) dayNames(d tariff.Days) (text string) {
	on := func(i int) bool { return i < 7 && d>>((i+1)%7)&1 == 1 }
	for i := 0; i < 7; i++ {
		if !on(i) {
			continue
		}
		last := i
		for on(last + 1) {
			last++
		}
		if text != "" {
			text += w.dayList
		}
		text += w.days[i]
		if last >= i+2 {
			text += w.dayRun + w.days[last]
			i = last
		}
	}
	return text
}

// dateRange names the first and the last day.
func (w *words) dateRange(from, until tariff.Date) string {
	first, last := dayOf(from), dayOf(until-1)
	switch {
	case from == 0 && until == 0:
		return ""
	case until == 0:
		return fill(w.datesFrom, w.date(first))
	case from == 0:
		return fill(w.datesUntil, w.date(last))
	case first.Equal(last):
		return w.date(first)
	}
	return w.dates(first, last)
}

func dayOf(d tariff.Date) time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

func englishDates(first, last time.Time) string {
	switch {
	case first.Year() != last.Year():
		return first.Format("2 Jan 2006") + " - " + last.Format("2 Jan 2006")
	case first.Month() != last.Month():
		return first.Format("2 Jan") + " - " + last.Format("2 Jan 2006")
	}
	return first.Format("2") + "-" + last.Format("2 Jan 2006")
}

func chineseDates(first, last time.Time) string {
	switch {
	case first.Year() != last.Year():
		return first.Format("2006年1月2日") + "至" + last.Format("2006年1月2日")
	case first.Month() != last.Month():
		return first.Format("2006年1月2日") + "至" + last.Format("1月2日")
	}
	return first.Format("2006年1月2日") + "至" + last.Format("2日")
}
