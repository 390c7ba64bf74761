// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Ceilings of what a plan measures and prices.
const (
	// MaxEnergy bounds a session of an order without an energy limit, and every
	// energy limit: 1 GWh in mWh.
	MaxEnergy = 1_000_000_000_000
	// EnergyOverrun is what may be measured beyond an energy limit: 100 kWh in
	// mWh. Contactors open late and sometimes not at all, and what flowed must
	// still be recorded and priced; it is Limits.Amount that protects the payer.
	EnergyOverrun = 100_000_000
)

// Plan is a tariff made ready for one order. It is immutable and may be used
// by several goroutines at once.
type Plan struct {
	tariff   *Tariff // in normal form
	limits   Limits
	offsets  []Offset
	segments []segment // of the local day, by start; the last one runs on to the first
	first    []int     // by element: the index of its first component, which is its cell
	element  []int     // by component: the element whose cell this is, -1 for another component
	ceiling  int64     // mWh
	den      wide      // denominator of every product: mWh × price / (10^6 × 10^Scale)
}

// segment is a part of the local day in which the same elements are selected.
type segment struct {
	start    int32 // second of the day
	elements []int // ascending; none where nothing is priced
}

// Compile makes t ready to measure and price sessions under these limits and
// offsets. It evaluates the normal form of t ([Tariff.Normalize]).
//
// It proves by arithmetic that no amount can overflow: the dearest session
// that Measure lets pass must fit an int64 at Limits.Scale, else the error is
// [ErrOverflow]. It fails with [ErrLimits] for a negative limit or an energy
// limit above MaxEnergy, [ErrScale] for a Limits.Scale above MaxPriceScale or
// below the tariff's Rounding.Payable, [ErrOffsets] where offsets are none,
// not ascending or beyond 18 hours, and as Normalize does.
func (t *Tariff) Compile(limits Limits, offsets []Offset) (*Plan, error) {
	normal, err := t.Normalize()
	if err != nil {
		return nil, err
	}
	if err := limits.check(normal.Rounding.Payable); err != nil {
		return nil, within("Limits", err)
	}
	if err := checkOffsets(offsets); err != nil {
		return nil, err
	}
	p := &Plan{tariff: normal, limits: limits, offsets: slices.Clone(offsets), ceiling: MaxEnergy}
	if limits.Energy > 0 {
		p.ceiling = limits.Energy + EnergyOverrun
	}
	p.den = mul64(1_000_000, pow10(normal.Scale))
	p.index()
	p.cutDay()
	return p, p.proveRange()
}

// Tariff returns the normal form that the plan evaluates; the indices of cells
// and bill lines count its components. It must not be changed.
func (p *Plan) Tariff() *Tariff { return p.tariff }

// Limits returns the limits that the plan was compiled for.
func (p *Plan) Limits() Limits { return p.limits }

func (l Limits) check(payable uint8) error {
	if l.Energy < 0 || l.Energy > MaxEnergy {
		return &Error{"Energy", ErrLimits}
	}
	for _, v := range [...]struct {
		name  string
		value int64
	}{{"Volume", l.Volume}, {"Duration", l.Duration}, {"Amount", l.Amount}} {
		if v.value < 0 {
			return &Error{v.name, ErrLimits}
		}
	}
	if l.Scale > MaxPriceScale || l.Scale < payable {
		return &Error{"Scale", ErrScale}
	}
	return nil
}

func checkOffsets(offsets []Offset) error {
	if len(offsets) == 0 {
		return &Error{"Offsets", ErrOffsets}
	}
	for i, o := range offsets {
		if o.Seconds < -18*3600 || o.Seconds > 18*3600 || i > 0 && o.From <= offsets[i-1].From {
			return &Error{fmt.Sprintf("Offsets[%d]", i), ErrOffsets}
		}
	}
	return nil
}

// index numbers the components. In a normal form the components of an element
// are always selected together, so each element is one cell.
func (p *Plan) index() {
	for i, e := range p.tariff.Elements {
		p.first = append(p.first, len(p.element))
		for j := range e.Components {
			cell := -1
			if j == 0 {
				cell = i
			}
			p.element = append(p.element, cell)
		}
	}
}

// cutDay lists the segments of the day, and drops the edges at which nothing
// changes; midnight often is one.
func (p *Plan) cutDay() {
	edges := p.tariff.edges()
	for _, start := range edges[:len(edges)-1] {
		s := segment{start: start}
		for i := range p.tariff.Elements {
			if p.tariff.Elements[i].When.hold(start) {
				s.elements = append(s.elements, i)
			}
		}
		if n := len(p.segments); n == 0 || !slices.Equal(p.segments[n-1].elements, s.elements) {
			p.segments = append(p.segments, s)
		}
	}
	if n := len(p.segments); n > 1 && slices.Equal(p.segments[0].elements, p.segments[n-1].elements) {
		p.segments = p.segments[1:]
	}
}

// proveRange bounds every amount of every bill: the ceiling of energy at the
// highest magnitude of price in each class, plus what rounding may add.
func (p *Plan) proveRange() error {
	var highest [Service + 1]uint64
	components := 0
	for _, e := range p.tariff.Elements {
		for _, c := range e.Components {
			highest[c.Class] = max(highest[c.Class], abs64(c.Price))
			components++
		}
	}
	dearest, ok := mul64(uint64(p.ceiling), highest[Electricity]).add(mul64(uint64(p.ceiling), highest[Service]))
	if !ok {
		return &Error{"Limits.Energy", ErrOverflow}
	}
	units, err := roundFraction(signed{mag: dearest}, p.den, p.limits.Scale, Up)
	rounding := int64(2*components+2) + int64(pow10(p.limits.Scale))
	if err != nil || units > math.MaxInt64-rounding {
		return &Error{"Limits.Energy", ErrOverflow}
	}
	return nil
}

// locate returns the elements selected at a moment, and until when they stay
// selected; never is the end of time.
func (p *Plan) locate(at int64) (elements []int, until int64) {
	i := sort.Search(len(p.offsets)-1, func(i int) bool { return p.offsets[i+1].From > at })
	current, end := p.segmentAt(at, p.offsets[i])
	for i++; i < len(p.offsets) && p.offsets[i].From <= end; i++ {
		var next int
		next, end = p.segmentAt(p.offsets[i].From, p.offsets[i])
		if next != current {
			end = p.offsets[i].From
			break
		}
	}
	return p.segments[current].elements, end
}

const never = math.MaxInt64

// segmentAt returns the segment of a moment under one offset, and when it ends
// as long as that offset holds.
func (p *Plan) segmentAt(at int64, o Offset) (index int, end int64) {
	if len(p.segments) == 1 {
		return 0, never
	}
	second := int32(((at+int64(o.Seconds))%day + day) % day)
	next, exact := slices.BinarySearchFunc(p.segments, second, func(s segment, second int32) int {
		return cmp.Compare(s.start, second)
	})
	if exact {
		next++
	}
	index = (next + len(p.segments) - 1) % len(p.segments)
	if next == len(p.segments) {
		return index, at + int64(day+p.segments[0].start-second)
	}
	return index, at + int64(p.segments[next].start-second)
}
