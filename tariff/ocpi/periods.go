// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// maxFine is how many decimals of a second hours are held with: those of six
// decimals are whole then.
const maxFine = 4

// stretch is a period made ready: where it lies and what was counted in it.
type stretch struct {
	index    int // in the document
	at, end  int64
	energy   int64    // mWh
	hours    [3]hours // by timed
	counts   [3]int64 // the same in 10^-fine s
	power    int32    // W + 1, 0 where it is not told
	current  int32    // mA + 1
	id       string
	reserved bool
}

// hours are the volume of a dimension of time.
type hours struct {
	told bool
	sum  *big.Rat // s
	half *big.Rat // s, half of the last printed digit
	took bool     // seconds of the timestamps took its place
}

// The dimensions of time, and their index in a stretch.
const (
	charged = 0
	booked  = 1
	parked  = 2
)

var timedTypes = []string{"TIME", "RESERVATION_TIME", "PARKING_TIME"}

// course is a CDR made ready: what happened when, without a word on prices.
type course struct {
	cdr       *CDR
	profile   Profile
	findings  []Finding
	stretches []stretch // by start
	origin    int64     // start of the session
	end       int64     // of the session, 0 where it is not known
	fine      uint8     // counts are in 10^-fine s
	expired   bool
	coarse    bool          // what is split is rounded to whole units
	finest    uint8         // the most that fine can be
	told      map[Code]bool // what was reported once
}

func (c *course) find(s tariff.Severity, code Code, hint, path string, args ...any) {
	c.findings = append(c.findings, Finding{c.cdr.at(path, args...), s, code, hint})
}

func (c *course) fail(err error, path string, args ...any) error {
	return &Error{Path: c.cdr.at(path, args...), Err: err}
}

// at returns the JSON path of a member of c, in the document that it was read from.
func (c *CDR) at(path string, args ...any) string {
	root := "$"
	if c.doc != nil {
		root = c.doc.path()
	}
	return root + "." + fmt.Sprintf(path, args...)
}

// newCourse makes a CDR ready.
func newCourse(cdr *CDR, p Profile, fine uint8) (*course, error) {
	c := &course{cdr: cdr, profile: p, finest: fine, told: map[Code]bool{}}
	if len(cdr.Periods) == 0 {
		return nil, c.fail(ErrMissing, "charging_periods[0]")
	}
	for i := range cdr.Periods {
		s, err := c.stretch(i)
		if err != nil {
			return nil, err
		}
		c.stretches = append(c.stretches, s)
	}
	byStart := func(a, b stretch) int { return cmp.Compare(a.at, b.at) }
	if !slices.IsSortedFunc(c.stretches, byStart) {
		c.find(tariff.Warning, Unsorted, "", "charging_periods")
		slices.SortStableFunc(c.stretches, byStart)
	}
	c.session()
	for i := range c.stretches {
		c.place(i)
	}
	c.count()
	return c, c.check()
}

// stretch reads the dimensions of a period.
func (c *course) stretch(i int) (s stretch, err error) {
	p := &c.cdr.Periods[i]
	s = stretch{index: i, at: p.Start, end: p.Start, id: p.TariffID}
	imported := -1
	var energy bool
	for j, q := range p.Dimensions {
		path := fmt.Sprintf("charging_periods[%d].dimensions[%d].volume", i, j)
		switch n := slices.Index(timedTypes, q.Type); {
		case n >= 0:
			s.hours[n].add(q.Volume)
		case q.Type == "ENERGY":
			energy = true
			err = c.energy(&s, q.Volume, path)
		case q.Type == "ENERGY_IMPORT":
			imported = j
		case q.Type == "ENERGY_EXPORT" && q.Volume.Units != 0:
			c.find(tariff.Warning, ExportIgnored, "", "%s", path)
		}
		if err != nil {
			return s, err
		}
	}
	if !energy && imported >= 0 {
		path := fmt.Sprintf("charging_periods[%d].dimensions[%d].volume", i, imported)
		c.find(tariff.Warning, ImportUsed, "", "%s", path)
		if err := c.energy(&s, p.Dimensions[imported].Volume, path); err != nil {
			return s, err
		}
	}
	s.reserved = s.hours[booked].told
	s.power = p.label("POWER", "MAX_POWER", "MIN_POWER")
	s.current = p.label("CURRENT", "MAX_CURRENT", "MIN_CURRENT")
	return s, nil
}

// energy adds kWh to a stretch.
func (c *course) energy(s *stretch, d Decimal, path string) error {
	mWh, err := round(ratOf(d), 6, tariff.HalfUp)
	if err != nil || mWh < 0 || mWh > tariff.MaxEnergy-s.energy {
		return c.fail(ErrRange, "%s", path)
	}
	if d.trim().Scale > 6 {
		c.find(tariff.Info, Rounded, "mWh", "%s", path)
	}
	s.energy += mWh
	return nil
}

// add adds hours as they are printed.
func (h *hours) add(d Decimal) {
	sum := new(big.Rat).Mul(ratOf(d), ratio(3600, 1))
	half := new(big.Rat).Mul(ratOf(Decimal{1, d.Scale}), ratio(1800, 1))
	if h.told {
		sum, half = sum.Add(sum, h.sum), half.Add(half, h.half)
	}
	h.told, h.sum, h.half = true, sum, half
}

// label returns the first of several dimensions that a period tells, in
// thousandths, plus 1; 0 where it tells none.
func (p *Period) label(names ...string) int32 {
	for _, name := range names {
		for _, q := range p.Dimensions {
			if q.Type == name {
				v, err := round(ratOf(q.Volume), 3, tariff.Down)
				if err != nil || v > math.MaxInt32-1 {
					v = math.MaxInt32 - 1
				}
				return int32(max(v, 0)) + 1
			}
		}
	}
	return 0
}

// session holds the times of the session against those of its periods.
func (c *course) session() {
	first, last := c.stretches[0].at, c.stretches[len(c.stretches)-1].at
	c.origin, c.end = c.cdr.Start, c.cdr.End
	if c.end != 0 && (c.end < c.origin || c.end < first) || c.origin == 0 {
		c.find(tariff.Warning, BadSession, "", "charging_periods")
		c.origin, c.end = first, 0
		return
	}
	for _, s := range c.stretches {
		if s.at < c.origin || c.end != 0 && s.at > c.end {
			c.find(tariff.Warning, OutsideSession, "", "charging_periods[%d].start_date_time", s.index)
		}
	}
	c.origin = min(c.origin, first)
	if c.end < last {
		c.end = 0
	}
}

// place finds out where a period ends, and whether its hours are the seconds
// between its timestamps.
func (c *course) place(i int) {
	s := &c.stretches[i]
	told, half := s.told()
	if told.Sign() == 0 {
		if ends := c.ends(i, 0); len(ends) > 0 {
			s.end = ends[0]
		}
		return
	}
	length, err := round(told, 0, tariff.HalfUp)
	if err != nil || length > tariff.MaxDuration {
		length = tariff.MaxDuration // check refuses the sum
	}
	ends := c.ends(i, 2*length+1)
	for n, end := range ends {
		if clock := ratio(end-s.at, 1); n > 0 && ratio(ends[0]-s.at, 1).Cmp(told) > 0 {
			break // shorter than until the next: nothing later can be its end
		} else if gap := clock.Sub(clock, told); gap.Abs(gap).Cmp(half) <= 0 && s.take(end, c.profile.Hours) {
			if n > 0 {
				c.find(tariff.Warning, Overlap, "", "charging_periods[%d]", s.index)
			}
			return
		}
	}
	s.end = s.at + length
	if len(ends) == 0 {
		return
	}
	c.find(tariff.Warning, VolumeGoverns, "", "charging_periods[%d]", s.index)
	if s.end > ends[0] {
		c.find(tariff.Warning, Overlap, "", "charging_periods[%d]", s.index)
	}
	s.end = max(s.end, ends[0])
}

// ends returns the moments at which a period may end: the starts of later
// ones, and the end of the session. After the first they lie within so many
// seconds, and only so many are looked at: each but the first is a guess.
func (c *course) ends(i int, within int64) (ends []int64) {
	at := c.stretches[i].at
	for last := at; len(ends) < maxEnds; {
		n, _ := slices.BinarySearchFunc(c.stretches, last+1, func(s stretch, t int64) int { return cmp.Compare(s.at, t) })
		if n == len(c.stretches) {
			break
		}
		last = c.stretches[n].at
		if len(ends) > 0 && last-at > within {
			return ends
		}
		ends = append(ends, last)
	}
	end := c.end
	if end != 0 && end >= at && (len(ends) == 0 || end > ends[len(ends)-1] && end-at <= within) {
		ends = append(ends, end)
	}
	return ends
}

const maxEnds = 32

// told returns the seconds of all dimensions of time, and half of their last
// digits. A zero is exact, however it is printed.
func (s *stretch) told() (sum, half *big.Rat) {
	sum, half = new(big.Rat), new(big.Rat)
	for _, h := range s.hours {
		if h.told && h.sum.Sign() > 0 {
			sum.Add(sum, h.sum)
			half.Add(half, h.half)
		}
	}
	return sum, half
}

// take makes a moment the end of a period, and the seconds up to it those of
// its dimensions of time: the last that is not zero has what the others leave.
// It returns false where they leave nothing.
func (s *stretch) take(end int64, how Hours) bool {
	s.end = end
	if how == ByVolume {
		return true
	}
	last := -1
	for n, h := range s.hours {
		if h.told && h.sum.Sign() > 0 {
			last = n
		}
	}
	left := end - s.at
	counts := s.counts
	for n, h := range s.hours {
		if !h.told || n == last {
			continue
		}
		v, err := round(h.sum, 0, tariff.HalfUp)
		if err != nil || v > left {
			return false
		}
		counts[n], left = v, left-v
	}
	counts[last] = left
	s.counts = counts
	for n := range s.hours {
		s.hours[n].took = s.hours[n].told
	}
	return true
}
