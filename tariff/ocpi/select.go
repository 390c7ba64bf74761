// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// selector asks a plan what it selects. It shows a meter a second and a
// milliwatt-hour at some moment of the session: the components that these fall
// to are those that price the moment.
type selector struct {
	plan             *tariff.Plan
	origin, reserved int64 // what durations of the session and of its reservation count from
	edges            []int64
	whole            bool // portions are rounded to whole units
	rounded          bool // and one was
}

// chosen has the component that prices a dimension, or -1.
type chosen struct{ energy, time int }

func newSelector(plan *tariff.Plan, c *course) *selector {
	s := &selector{plan: plan, origin: c.origin, reserved: c.origin, whole: c.coarse}
	for i := range c.stretches {
		if c.stretches[i].reserved {
			s.reserved = c.stretches[i].at
			break
		}
	}
	for i := range plan.Tariff().Elements {
		span := plan.Tariff().Elements[i].When.Energy
		s.edges = append(s.edges, span.Min, span.Max)
	}
	slices.Sort(s.edges)
	s.edges = slices.Compact(s.edges)
	return s
}

// meter returns a meter at a moment of the session.
func (s *selector) meter(r tariff.Reading) (*tariff.Meter, error) {
	first := r
	first.At, first.Energy = min(s.origin, r.At), 0
	if r.Phase == tariff.Reserved {
		first.At = min(s.reserved, r.At)
	}
	m := s.plan.Meter()
	if err := m.Add(first); err != nil {
		return nil, err
	}
	return m, m.Add(r)
}

// at returns what is selected from a reading on.
func (s *selector) at(r tariff.Reading) (chosen, error) {
	none := chosen{-1, -1}
	m, err := s.meter(r)
	if err != nil {
		return none, err
	}
	before := m.Quantities()
	r.At, r.Energy = r.At+1, r.Energy+1
	if err := m.Add(r); err != nil {
		return none, err
	}
	for _, cell := range m.Quantities().Cells {
		if quantity(before.Cells, cell.Index) == cell.Quantity {
			continue
		}
		if componentAt(s.plan.Tariff(), cell.Index).Dimension == tariff.Energy {
			none.energy = cell.Index
		} else {
			none.time = cell.Index
		}
	}
	return none, nil
}

// quantity returns the quantity of a component.
func quantity(cells []tariff.Cell, index int) int64 {
	for _, c := range cells {
		if c.Index == index {
			return c.Quantity
		}
	}
	return 0
}

// componentAt returns a component of a tariff in normal form by its index. All
// of an element's have one dimension there.
func componentAt(t *tariff.Tariff, index int) *tariff.Component {
	for i := range t.Elements {
		if n := len(t.Elements[i].Components); index >= n {
			index -= n
			continue
		}
		return &t.Elements[i].Components[index]
	}
	return nil
}

// elementAt returns the element of a component.
func elementAt(t *tariff.Tariff, index int) *tariff.Element {
	for i := range t.Elements {
		if index -= len(t.Elements[i].Components); index < 0 {
			return &t.Elements[i]
		}
	}
	return nil
}

// piece is a part of a stretch in which the selection does not change.
type piece struct {
	from   *stretch
	at     int64
	before int64 // mWh drawn in the session up to here
	energy portion
	counts [3]portion
}

// reading returns the reading at which a piece begins.
func (p *piece) reading() tariff.Reading {
	r := tariff.Reading{At: p.at, Energy: p.before, Power: p.from.power, Current: p.from.current}
	switch {
	case p.from.reserved:
		r.Phase = tariff.Reserved
	case p.from.counts[parked] > 0 && p.from.counts[charged] == 0:
		r.Phase = tariff.Idle
	}
	return r
}

// cut is where a stretch is cut: the part of it that lies before, and second and
// register there, rounded down, which is as far as restrictions are told apart.
type cut struct {
	part       *big.Rat // from 0 to 1
	at, energy int64
}

// pieces cuts a stretch at every boundary, in proportion to time; or not at all,
// where the profile judges it at its start.
func (s *selector) pieces(from *stretch, before int64, how Straddle) ([]piece, error) {
	whole := piece{from: from, at: from.at, before: before, energy: portion{whole: from.energy}}
	for n, count := range from.counts {
		whole.counts[n].whole = count
	}
	if how != SplitProRata {
		return []piece{whole}, nil
	}
	cuts, err := s.clockCuts(from, before)
	if err != nil {
		return nil, err
	}
	if cuts = append(cuts, s.energyCuts(from, before)...); len(cuts) == 0 {
		return []piece{whole}, nil
	}
	slices.SortFunc(cuts, func(a, b cut) int { return a.part.Cmp(b.part) })
	cuts = slices.CompactFunc(cuts, func(a, b cut) bool { return a.part.Cmp(b.part) == 0 })
	var out []piece
	last := cut{new(big.Rat), from.at, before}
	for _, c := range append(cuts, cut{ratio(1, 1), from.end, before + from.energy}) {
		p := piece{from: from, at: last.at, before: last.energy, energy: s.portion(from.energy, last.part, c.part)}
		for n, count := range from.counts {
			p.counts[n] = s.portion(count, last.part, c.part)
		}
		out, last = append(out, p), c
	}
	return out, nil
}

// clockCuts returns each moment within a stretch at which the clock or a
// duration may change a price.
func (s *selector) clockCuts(from *stretch, before int64) (cuts []cut, err error) {
	p := piece{from: from, at: from.at, before: before}
	for {
		m, err := s.meter(p.reading())
		if err != nil {
			return nil, err
		}
		at, ok := m.Due()
		if !ok || at >= from.end || at <= p.at {
			return cuts, nil
		}
		p.at = at
		part := ratio(at-from.at, from.end-from.at)
		cuts = append(cuts, cut{part, at, before + floor(from.energy, part)})
	}
}

// energyCuts returns where a stretch passes the edges of the energy tiers.
func (s *selector) energyCuts(from *stretch, before int64) (cuts []cut) {
	for _, edge := range s.edges {
		if before < edge && edge < before+from.energy {
			part := ratio(edge-before, from.energy)
			cuts = append(cuts, cut{part, from.at + floor(from.end-from.at, part), edge})
		}
	}
	return cuts
}
