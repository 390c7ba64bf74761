// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"cmp"
	"slices"
	"sort"
)

// segment is a part of the local day in which the same windows hold.
type segment struct {
	start int32 // second of the day
	holds set
}

// calendar says which elements hold by local time.
type calendar struct {
	offsets  []Offset
	segments []segment // by start; the last one runs on to the first
	days     [7]set
	dates    []dated
	daily    bool // days or dates restrict, so that midnight is an edge
}

// dated is an element with dates.
type dated struct {
	element     set
	from, until Date
}

// calendar returns the calendar of a tariff, still without offsets.
func (t *Tariff) calendar() (c calendar) {
	var windows []Window
	for i := range t.Elements {
		w := &t.Elements[i].When
		windows = append(windows, w.Windows...)
		for n := range c.days {
			if w.Days == 0 || w.Days>>n&1 == 1 {
				c.days[n] |= 1 << i
			}
		}
		if w.From != 0 || w.Until != 0 {
			c.dates = append(c.dates, dated{1 << i, w.From, w.Until})
		}
		c.daily = c.daily || w.Days != 0 || w.From != 0 || w.Until != 0
	}
	c.cutDay(t, cutEdges(windows))
	return c
}

// cutDay lists the segments of the day, and drops the edges at which nothing
// changes; midnight often is one.
func (c *calendar) cutDay(t *Tariff, edges []int32) {
	for _, start := range edges[:len(edges)-1] {
		s := segment{start: start}
		for i := range t.Elements {
			if t.Elements[i].When.hold(start) {
				s.holds |= 1 << i
			}
		}
		if n := len(c.segments); n == 0 || c.segments[n-1].holds != s.holds {
			c.segments = append(c.segments, s)
		}
	}
	if n := len(c.segments); n > 1 && c.segments[0].holds == c.segments[n-1].holds {
		c.segments = c.segments[1:]
	}
}

// at returns the elements that hold at a moment, and until when they stay the
// same; never is the end of time.
func (c *calendar) at(at int64) (holds set, until int64) {
	i := c.offset(at)
	holds, end := c.under(at, c.offsets[i])
	for i++; i < len(c.offsets) && c.offsets[i].From <= end; i++ {
		from := c.offsets[i].From
		var next set
		next, end = c.under(from, c.offsets[i])
		if next != holds {
			return holds, from
		}
	}
	return holds, end
}

// offset returns the index of the offset that holds at a moment.
func (c *calendar) offset(at int64) int {
	return sort.Search(len(c.offsets)-1, func(i int) bool { return c.offsets[i+1].From > at })
}

// under returns the elements of a moment under one offset, and when they change
// as long as that offset holds.
func (c *calendar) under(at int64, o Offset) (holds set, end int64) {
	if len(c.segments) == 1 && !c.daily {
		return c.segments[0].holds, never
	}
	local := at + int64(o.Seconds)
	date := floorDay(local)
	second := int32(local - date*day)
	next, exact := slices.BinarySearchFunc(c.segments, second, func(s segment, second int32) int {
		return cmp.Compare(s.start, second)
	})
	if exact {
		next++
	}
	holds, end = c.segments[(next+len(c.segments)-1)%len(c.segments)].holds, never
	switch {
	case len(c.segments) == 1:
	case next == len(c.segments):
		end = at + int64(day+c.segments[0].start-second)
	default:
		end = at + int64(c.segments[next].start-second)
	}
	if c.daily {
		holds &= c.on(Date(date))
		end = min(end, at+int64(day-second))
	}
	return holds, end
}

// on returns the elements that hold on a local date.
func (c *calendar) on(date Date) set {
	holds := c.days[((int64(date)+4)%7+7)%7] // 1970-01-01 was a Thursday
	for _, d := range c.dates {
		if d.from != 0 && date < d.from || d.until != 0 && date >= d.until {
			holds &^= d.element
		}
	}
	return holds
}

// localDay returns the local date of a moment, and when it ends or the offset
// changes. A day that was over does not begin again where the clock is set back
// over midnight: it stays the later date.
func (c *calendar) localDay(at int64) (date, end int64) {
	i := c.offset(at)
	local := at + int64(c.offsets[i].Seconds)
	date = floorDay(local)
	for j := range c.offsets[:i] {
		date = max(date, floorDay(c.offsets[j+1].From-1+int64(c.offsets[j].Seconds)))
	}
	end = at + (date+1)*day - local
	if i+1 < len(c.offsets) {
		end = min(end, c.offsets[i+1].From)
	}
	return date, end
}

// floorDay returns the day of a second, also before 1970.
func floorDay(local int64) int64 {
	if local < 0 {
		return (local+1)/day - 1
	}
	return local / day
}
