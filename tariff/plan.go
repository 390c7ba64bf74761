// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

// Ceilings of what a plan measures and prices.
const (
	// MaxEnergy bounds a session of an order without an energy limit, and every
	// energy limit: 1 GWh in mWh.
	MaxEnergy = 1_000_000_000_000
	// EnergyOverrun is what may be measured beyond an energy limit, or a limit
	// of feedback: 100 kWh in mWh. Contactors open late and sometimes not at all, and what flowed must
	// still be recorded and priced; it is Limits.Amount that protects the payer.
	EnergyOverrun = 100_000_000
	// MaxVolume bounds a session without a limit of volume, and every such limit
	// where volume has a price: 1000 m³ in mL.
	MaxVolume = 1_000_000_000
	// VolumeOverrun is what may be measured beyond a limit of volume: 1 m³ in mL.
	VolumeOverrun = 1_000_000
	// MaxDuration bounds a session in which time has a price: ten years in s.
	MaxDuration = 10 * 366 * day
)

// Plan is a tariff made ready for one order. It is immutable and may be used
// by several goroutines at once.
type Plan struct {
	tariff     *Tariff // in normal form
	limits     Limits
	components []Component              // of all elements
	owner      []int                    // by component: its element
	first      []int                    // by element: the index of its first component, which is its cell
	columns    [dimensions][classes]set // the elements with such a component
	steps      [stepGroups][classes]bool
	stepped    bool // some steps is true
	flats      bool // there are flat fees
	selection
	ceiling      ceiling
	frame        frame
	group        []int // by component: its group in frame
	dearestUnits int64 // see Most
}

// selection says which elements hold.
type selection struct {
	calendar calendar
	phases   [3]set  // by Phase
	expired  set     // those of an expired reservation
	tiers    [3]axis // over what was drawn: energy, time, volume
	power    axis
	current  axis
	duration axis
	idle     axis
}

// The indices of tiers.
const (
	tierEnergy = 0
	tierTime   = 1
	tierVolume = 2
)

// reservedTime is the step group of time while reserved; the others are dimensions.
const (
	reservedTime = dimensions
	stepGroups   = dimensions + 1
)

// ceiling is the most that a session measures: the highest that the energy
// register stands above its first reading, how much it falls in all, and so on.
type ceiling struct{ energy, feedback, volume, time int64 }

// Compile makes t ready to measure and price sessions under these limits and
// offsets. It evaluates the normal form of t ([Tariff.Normalize]).
//
// It proves by arithmetic that no amount can overflow: the dearest session
// that Measure lets pass must fit an int64 at Limits.Scale, else the error is
// [ErrOverflow]. It fails with [ErrLimits] for a negative limit or one above
// the ceilings, [ErrScale] for a Limits.Scale above MaxPriceScale or below the
// tariff's Rounding.Payable, [ErrLimit] where that scale cannot hold the
// tariff's minimum or maximum, [ErrOffsets] where offsets are none, not
// ascending or beyond 18 hours, and as Normalize does.
func (t *Tariff) Compile(limits Limits, offsets []Offset) (*Plan, error) {
	normal, err := t.Normalize()
	if err != nil {
		return nil, err
	}
	p := &Plan{tariff: normal}
	p.index()
	p.selection = normal.selection()
	return p.With(limits, offsets)
}

// With returns the plan of the same tariff for another order: what Compile
// returns for it, at a small part of the cost. p stays as it is. It fails as
// Compile does for the limits and offsets.
func (p *Plan) With(limits Limits, offsets []Offset) (*Plan, error) {
	if err := limits.check(p.tariff.Rounding.Payable); err != nil {
		return nil, within("Limits", err)
	}
	if err := checkOffsets(offsets); err != nil {
		return nil, err
	}
	n := *p
	n.limits = limits
	n.setPhases()
	n.calendar.offsets = slices.Clone(offsets)
	if err := n.setCeiling(); err != nil {
		return nil, err
	}
	if len(p.frame.groups) == 0 || limits.Scale != p.limits.Scale {
		if err := n.setFrame(); err != nil {
			return nil, err
		}
	}
	if err := n.proveRange(); err != nil {
		return nil, err
	}
	return &n, nil
}

// Tariff returns the normal form that the plan evaluates; the indices of cells
// and bill lines count its components. It must not be changed.
func (p *Plan) Tariff() *Tariff { return p.tariff }

// Limits returns the limits that the plan was compiled for.
func (p *Plan) Limits() Limits { return p.limits }

// Most bounds the price of every session that [Plan.Measure] lets pass, at
// Limits.Scale and whatever its sign. It is not the least bound.
func (p *Plan) Most() int64 { return p.dearestUnits }

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

// index numbers the components.
func (p *Plan) index() {
	for i := range p.tariff.Elements {
		e := &p.tariff.Elements[i]
		p.first = append(p.first, len(p.components))
		for _, c := range e.Components {
			p.components, p.owner = append(p.components, c), append(p.owner, i)
			p.columns[c.Dimension][c.Class] |= 1 << i
			if c.Step > 0 {
				p.steps[e.stepGroup()][c.Class], p.stepped = true, true
			}
			p.flats = p.flats || c.Dimension == FlatFee
		}
	}
}

// stepGroup returns the group in which steps of an element of the normal form round.
func (e *Element) stepGroup() Dimension {
	if e.When.Reservation != NoReservation && e.Components[0].Dimension == TimeSpent {
		return reservedTime
	}
	return e.Components[0].Dimension
}

func (t *Tariff) selection() selection {
	s := selection{calendar: t.calendar()}
	for i, a := range [...]*axis{&s.tiers[tierEnergy], &s.tiers[tierTime], &s.tiers[tierVolume],
		&s.power, &s.current, &s.duration, &s.idle} {
		*a = t.axis(func(r *Restrictions) Span { return r.spans()[i] })
	}
	return s
}

// setPhases says which elements may hold in each phase.
func (p *Plan) setPhases() {
	p.phases, p.expired = [3]set{}, 0
	for i := range p.tariff.Elements {
		switch r := p.tariff.Elements[i].When.Reservation; {
		case r == NoReservation:
			p.phases[Charging] |= 1 << i
			p.phases[Idle] |= 1 << i
		case r == AnyReservation:
			p.phases[Reserved] |= 1 << i
		case p.limits.Facts.Expired:
			p.phases[Reserved] |= 1 << i
			p.expired |= 1 << i
		}
	}
}

// pick returns the elements selected for a dimension among those that hold.
func (p *Plan) pick(d Dimension, holds set) (selected set) {
	for class := Electricity; class < classes; class++ {
		candidates := holds & p.columns[d][class]
		if expired := candidates & p.expired; expired != 0 {
			candidates = expired
		}
		selected |= candidates.first()
	}
	return selected
}

// setCeiling bounds what a session measures. Where a quantity has no price it
// has no bound.
func (p *Plan) setCeiling() error {
	p.ceiling = ceiling{energy: MaxEnergy, volume: never, time: never}
	if p.limits.Energy > 0 {
		p.ceiling.energy = p.limits.Energy + EnergyOverrun
	}
	if p.limits.Feedback > 0 {
		p.ceiling.feedback = p.limits.Feedback + EnergyOverrun
	}
	if p.Prices(Volume) {
		p.ceiling.volume = MaxVolume
		if p.limits.Volume > MaxVolume {
			return &Error{"Limits.Volume", ErrLimits}
		}
		if p.limits.Volume > 0 {
			p.ceiling.volume = p.limits.Volume + VolumeOverrun
		}
	}
	if p.Prices(TimeSpent) || p.Prices(IdleTime) {
		p.ceiling.time = MaxDuration
	}
	return nil
}

// Prices reports whether a dimension has a price, also of zero.
func (p *Plan) Prices(d Dimension) bool { return p.columns[d] != [classes]set{} }
