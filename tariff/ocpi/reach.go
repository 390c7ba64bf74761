// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// Tariffs of power exchanges have an element for each quarter of an hour of
// days, more than package tariff holds. Of these a price needs no more than
// those that can apply while the session lasts.

// maxReach is how long a session is looked at minute by minute.
const maxReach = 31 * day

// reach is the local time of a session, by minutes.
type reach struct{ minutes []localMinute }

type localMinute struct {
	date   tariff.Date
	second int32 // of the day
}

// newReach lists the minutes of a course; nothing where it lasts too long.
func newReach(c *course, offsets []tariff.Offset) *reach {
	from, to := c.stretches[0].at, c.stretches[0].end
	for i := range c.stretches {
		to = max(to, c.stretches[i].end)
	}
	if to-from > maxReach {
		return nil
	}
	r := &reach{}
	for at, next := from, 0; at <= to; at = (at/60 + 1) * 60 {
		for next+1 < len(offsets) && offsets[next+1].From <= at {
			next++
		}
		local := at + int64(offsets[next].Seconds)
		r.minutes = append(r.minutes, localMinute{tariff.Date(local / day), int32(local % day)})
	}
	return r
}

// within reports whether the days, dates and windows of restrictions hold at
// some minute.
func (r *reach) within(w *tariff.Restrictions) bool {
	return slices.ContainsFunc(r.minutes, func(m localMinute) bool {
		weekday := (int(m.date) + 4) % 7 // 1970-01-01 was a Thursday
		return (w.Days == 0 || w.Days>>weekday&1 == 1) && (w.From == 0 || w.From <= m.date) && (w.Until == 0 || m.date < w.Until) &&
			(len(w.Windows) == 0 || slices.ContainsFunc(w.Windows, func(o tariff.Window) bool { return contains(o, m.second) }))
	})
}

func contains(w tariff.Window, second int32) bool {
	if w.From < w.To {
		return w.From <= second && second < w.To
	}
	return w.From <= second || second < w.To
}

// shorten leaves out what cannot apply, where there is more than package tariff
// holds: in its normal form an element is there for each of its components.
func (r *reach) shorten(elements []tariff.Element) []tariff.Element {
	n := 0
	for i := range elements {
		n += len(elements[i].Components)
	}
	if r == nil || n <= tariff.MaxElements {
		return elements
	}
	return slices.DeleteFunc(elements, func(e tariff.Element) bool { return !r.within(&e.When) })
}
