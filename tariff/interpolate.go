// SPDX-License-Identifier: Apache-2.0

package tariff

import "fmt"

// MaxInterpolated bounds what [Plan.Interpolate] adds to a record: a year with a
// boundary every five minutes.
const MaxInterpolated = 366 * day / 300

// Interpolate makes an imported record complete for the clock: it appends to
// dst the readings, and between them one at each moment at which the price may
// change, with registers in proportion to the time (rounded down) and the labels
// of the reading before. It fails as [Plan.Measure] does, and with [ErrAboveLimit]
// where it would add more than MaxInterpolated readings.
//
// It is for records of others, where no one can look at the meter any more, and
// only once: a reading that turns up later moves what was interpolated. Devices
// read their meters when [Meter.Due] says so.
func (p *Plan) Interpolate(dst, readings []Reading) ([]Reading, error) {
	c, added := cursor{plan: p}, 0
	for i := range readings {
		next := &readings[i]
		if i > 0 {
			before := readings[i-1]
			if err := c.check(next); err != nil {
				return dst, within(fmt.Sprintf("readings[%d]", i), err)
			}
			for ; c.until < next.At; added++ {
				if added == MaxInterpolated {
					return dst, &Error{fmt.Sprintf("readings[%d].At", i), ErrAboveLimit}
				}
				r := between(&before, next, c.until)
				if err := c.add(&r); err != nil {
					return dst, within(fmt.Sprintf("readings[%d]", i), err)
				}
				dst = append(dst, r)
			}
		}
		if err := c.add(next); err != nil {
			return dst, within(fmt.Sprintf("readings[%d]", i), err)
		}
		dst = append(dst, *next)
	}
	return dst, nil
}

// between returns the reading at a moment between two others.
func between(a, b *Reading, at int64) Reading {
	r := *a
	r.At = at
	r.Energy += proportion(b.Energy-a.Energy, at-a.At, b.At-a.At)
	r.Volume += proportion(b.Volume-a.Volume, at-a.At, b.At-a.At)
	return r
}

// proportion returns amount × part / whole, rounded towards zero, for 0 ≤ part ≤ whole.
func proportion(amount, part, whole int64) int64 {
	q, _ := mul64(abs64(amount), uint64(part)).divMod(wide{lo: uint64(whole)})
	if amount < 0 {
		return -int64(q.lo)
	}
	return int64(q.lo)
}
