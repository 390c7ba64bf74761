// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"

	"github.com/seed81979277/qrcharge/tariff"
)

// count turns hours that govern into counts, as fine as they need.
func (c *course) count() {
	for c.fine = 0; c.fine < c.finest && !c.whole(); {
		c.fine++
	}
	for c.fine > 0 && !c.fits() {
		c.fine--
	}
	more := pow10(c.fine)
	for i := range c.stretches {
		s := &c.stretches[i]
		for n := range s.hours {
			h := &s.hours[n]
			switch {
			case h.took:
				s.counts[n] *= more
			case h.told:
				s.counts[n] = c.counted(h, s.index)
			}
		}
	}
}

// counted returns hours that govern in 10^-fine s.
func (c *course) counted(h *hours, index int) int64 {
	v, err := round(h.sum, c.fine, tariff.HalfUp)
	if err != nil {
		return tariff.MaxDuration + 1 // refused by check
	}
	if ratio(v, pow10(c.fine)).Cmp(h.sum) != 0 {
		c.find(tariff.Info, Rounded, "s", "charging_periods[%d]", index)
	}
	return v
}

// whole reports whether all hours that govern are whole at c.fine.
func (c *course) whole() bool {
	more := big.NewInt(pow10(c.fine))
	for i := range c.stretches {
		for _, h := range c.stretches[i].hours {
			if h.told && !h.took && new(big.Int).Rem(more, h.sum.Denom()).Sign() != 0 {
				return false
			}
		}
	}
	return true
}

// fits reports whether package tariff takes the sum of all hours at c.fine.
func (c *course) fits() bool {
	sum := new(big.Rat)
	for i := range c.stretches {
		for _, h := range c.stretches[i].hours {
			if h.told {
				sum.Add(sum, h.sum)
			}
		}
	}
	return sum.Mul(sum, ratio(pow10(c.fine), 1)).Cmp(ratio(tariff.MaxDuration, 2)) <= 0 // half: steps add too
}

// check refuses what package tariff cannot take, and finds out whether a
// reservation expired.
func (c *course) check() error {
	var energy, time int64
	reserved, after := false, false
	for i := range c.stretches {
		s := &c.stretches[i]
		for _, n := range s.counts {
			if n > tariff.MaxDuration || n > tariff.MaxDuration-time {
				return c.fail(ErrRange, "charging_periods[%d]", s.index)
			}
			time += n
		}
		if s.energy > tariff.MaxEnergy-1-energy || s.end-min(c.origin, c.stretches[0].at) > tariff.MaxDuration {
			return c.fail(ErrRange, "charging_periods[%d]", s.index)
		}
		energy += s.energy
		reserved, after = reserved || s.reserved, after || !s.reserved
	}
	switch {
	case c.profile.Expiry == NoEnergy:
		c.expired = reserved && energy == 0
	default:
		c.expired = reserved && !after
	}
	if total := c.cdr.TotalEnergy; total != nil && !near(*total, ratio(energy, 1_000_000)) {
		c.find(tariff.Warning, TotalDiffers, "", "total_energy")
	}
	if !reserved {
		c.totalTimes()
	}
	c.begin()
	return nil
}

// totalTimes holds the totals of time, which no price depends on, against the
// periods, where these tell times.
func (c *course) totalTimes() {
	var told bool
	var all, parking int64
	for i := range c.stretches {
		s := &c.stretches[i]
		told = told || s.hours[charged].told || s.hours[parked].told
		all, parking = all+s.counts[charged]+s.counts[parked], parking+s.counts[parked]
	}
	for _, t := range [...]struct {
		total *Decimal
		sum   int64
		key   string
	}{{c.cdr.TotalTime, all, "total_time"}, {c.cdr.TotalParkingTime, parking, "total_parking_time"}} {
		if told && t.total != nil && !near(*t.total, ratio(t.sum, 3600*pow10(c.fine))) {
			c.find(tariff.Info, TotalDiffers, "", "%s", t.key)
		}
	}
}

// begin sets the moment that durations of the session count from.
func (c *course) begin() {
	end := int64(0) // of the reservation
	for i := range c.stretches {
		s := &c.stretches[i]
		if s.reserved {
			end = max(end, s.end)
			continue
		}
		if c.profile.Origin == FromPeriod {
			c.origin = s.at
			return
		}
		if end > 0 {
			c.origin = min(end, s.at)
		}
		return
	}
}

// near reports whether a number is v to within half of its last printed digit.
// Two decimals are taken for printed: writers drop zeros.
func near(d Decimal, v *big.Rat) bool {
	gap := new(big.Rat).Sub(ratOf(d), v)
	return gap.Abs(gap).Cmp(ratOf(Decimal{5, max(d.Scale, 2) + 1})) <= 0
}

func pow10(n uint8) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// Span returns the first and the last moment that a price of c can depend on,
// in unix seconds: what [tariff.OffsetsIn] needs to know.
func (c *CDR) Span() (from, to int64) {
	from, to = c.Start, max(c.Start, c.End)
	for i := range c.Periods {
		p := &c.Periods[i]
		if from == 0 || p.Start < from {
			from = p.Start
		}
		s := stretch{at: p.Start}
		for _, q := range p.Dimensions {
			for n, name := range timedTypes {
				if q.Type == name {
					s.hours[n].add(q.Volume)
				}
			}
		}
		end := p.Start
		told, _ := s.told()
		if length, err := round(told, 0, tariff.Up); err == nil && length <= tariff.MaxDuration {
			end += length
		}
		to = max(to, end)
	}
	return from, to
}
