// SPDX-License-Identifier: Apache-2.0

package tariff

import "time"

// Offset says which local time holds from a moment on: local time is UTC plus
// Seconds. In a list the first holds from the beginning, whatever its From.
type Offset struct {
	From    int64 // unix seconds
	Seconds int32 // east of UTC, within 18 hours
}

// OffsetsIn lists the offsets of a zone between two moments, both included:
// first the one at from, then one for each change. It is for servers, which put
// the list into the order; nothing else in this package knows a zone.
func OffsetsIn(loc *time.Location, from, to time.Time) []Offset {
	at := from.In(loc)
	_, seconds := at.Zone()
	offsets := []Offset{{From: from.Unix(), Seconds: int32(seconds)}}
	for {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(to) {
			return offsets
		}
		if !end.After(at) { // the bounds that package time gives stand still at the end of some leap years
			end = at.Add(time.Hour)
		}
		at = end.In(loc)
		if _, next := at.Zone(); next != seconds { // a new name alone is no change
			seconds = next
			offsets = append(offsets, Offset{From: end.Unix(), Seconds: int32(seconds)})
		}
	}
}
