// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"errors"
	"fmt"
	"slices"
)

// Severity says how bad a finding is.
type Severity uint8

// The severities.
const (
	Info    Severity = 1 // probably meant, but often misunderstood
	Warning Severity = 2 // probably not meant
	Fault   Severity = 3 // no tariff at all: Compile fails
)

// Finding is something about a tariff that its author should look at.
type Finding struct {
	Path     string // as in Error
	Severity Severity
	Code     Code
}

// Code names a kind of finding. Codes are stable.
type Code string

// The codes.
const (
	Invalid       Code = "invalid"         // Check fails here
	NeverApplies  Code = "never-applies"   // one before it, or some of them together, always goes first, or it cannot hold
	Overlap       Code = "overlap"         // holds at times when an earlier element of another price does
	Gap           Code = "gap"             // at some times this fee has no price at all
	MinAboveMax   Code = "min-above-max"   // the minimum is ignored
	MaxBelowFlat  Code = "max-below-flat"  // a flat fee alone is above the maximum
	LargeStep     Code = "large-step"      // more than 1 kWh, 1 h or 10 L: the wrong unit?
	FineStep      Code = "fine-step"       // below 1 Wh: a step of 1 in another unit?
	StepsDiffer   Code = "steps-differ"    // the last one rounds the sum of all
	TaxesDiffer   Code = "taxes-differ"    // one class under several sets of taxes
	NegativePrice Code = "negative-price"  // pays the customer
	NoEffect      Code = "no-effect"       // a rule about something that has no price
	NightAndDays  Code = "night-and-days"  // after midnight a window counts as the new day
	ZeroTax       Code = "zero-tax"        // 0 % is not the same as no tax
	GraceAboveCap Code = "grace-above-cap" // a retroactive fee reaches the cap at once
)

// Lint returns what looks wrong in t as it is written, in order of the path's
// element, whole-tariff findings last. A tariff that fails Check has that one
// finding only.
func (t *Tariff) Lint() []Finding {
	if err := t.Check(); err != nil {
		path := ""
		if e := (*Error)(nil); errors.As(err, &e) {
			path = e.Path
		}
		return []Finding{{path, Fault, Invalid}}
	}
	l := linter{tariff: t}
	for i := range t.Elements {
		l.element(i)
	}
	l.rules()
	for d := Energy; d < dimensions; d++ {
		for class := Electricity; class < classes; class++ {
			l.gaps(d, class)
		}
	}
	return l.findings
}

type linter struct {
	tariff   *Tariff
	findings []Finding
}

func (l *linter) add(s Severity, code Code, format string, args ...any) {
	l.findings = append(l.findings, Finding{fmt.Sprintf(format, args...), s, code})
}

// element looks at one element and at those before it.
func (l *linter) element(i int) {
	e := &l.tariff.Elements[i]
	if e.When.Days != 0 && slices.ContainsFunc(e.When.Windows, func(w Window) bool { return w.To <= w.From && w.To != 0 }) {
		l.add(Info, NightAndDays, "Elements[%d].When.Windows", i)
	}
	for j := range e.Components {
		c := &e.Components[j]
		path := fmt.Sprintf("Elements[%d].Components[%d]", i, j)
		if c.Price < 0 {
			l.add(Info, NegativePrice, "%s.Price", path)
		}
		l.step(c, path)
		for k, tax := range c.Taxes {
			if tax.Rate == 0 {
				l.add(Info, ZeroTax, "%s.Taxes[%d]", path, k)
			}
		}
		l.before(i, c, path)
	}
}

// step looks for steps that were meant in another unit.
func (l *linter) step(c *Component, path string) {
	large := [dimensions]int64{Energy: 1_000_000, TimeSpent: 3600, IdleTime: 3600, Volume: 10_000}[c.Dimension]
	switch {
	case c.Step > large:
		l.add(Warning, LargeStep, "%s.Step", path)
	case c.Dimension == Energy && 0 < c.Step && c.Step < 1000:
		l.add(Warning, FineStep, "%s.Step", path)
	}
}

// before compares a component with those of earlier elements that it competes with.
func (l *linter) before(i int, c *Component, path string) {
	when := l.tariff.Elements[i].When.normal()
	if when.impossible(c.Dimension) {
		l.add(Warning, NeverApplies, "%s", path)
		return
	}
	var others column
	for h := range i {
		earlier := &l.tariff.Elements[h]
		k := slices.IndexFunc(earlier.Components, func(o Component) bool { return o.Dimension == c.Dimension && o.Class == c.Class })
		if k < 0 {
			continue
		}
		other := earlier.When.normal()
		if other.Reservation == when.Reservation {
			others = append(others, Element{When: other})
		}
		switch {
		case other.covers(&when) || others.fill():
			l.add(Warning, NeverApplies, "%s", path)
			return
		case earlier.Components[k].Price != c.Price && other.meets(&when) && !when.covers(&other):
			l.add(Info, Overlap, "%s", path)
			return
		}
	}
}

// rules looks at what holds for the tariff as a whole.
func (l *linter) rules() {
	t := l.tariff
	if t.Limit.Min > 0 && t.Limit.Max > 0 && t.Limit.Min > t.Limit.Max {
		l.add(Warning, MinAboveMax, "Limit.Min")
	}
	var priced [dimensions][classes]*Component
	var flats int64
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			c := &t.Elements[i].Components[j]
			first := &priced[c.Dimension][c.Class]
			if *first != nil && (*first).Step != c.Step && c.Dimension != FlatFee {
				l.add(Info, StepsDiffer, "Elements[%d].Components[%d].Step", i, j)
			}
			alone := *first == nil
			if alone {
				*first = c
			}
			if c.Dimension == FlatFee && t.Limit.Max > 0 && c.Price > t.Limit.Max-flats {
				l.add(Warning, MaxBelowFlat, "Elements[%d].Components[%d].Price", i, j)
			} else if c.Dimension == FlatFee && alone && t.Elements[i].When.always() && c.Price > 0 {
				flats += c.Price // each session has it
			}
			l.taxes(c, i, j)
		}
	}
	idle := priced[IdleTime] != [classes]*Component{}
	if !idle && t.Idle.Grace > 0 {
		l.add(Warning, NoEffect, "Idle.Grace")
	}
	occupied := priced[IdleTime][Occupancy]
	if t.Idle.SessionCap+t.Idle.PeriodCap > 0 && occupied == nil {
		l.add(Warning, NoEffect, "Idle")
	}
	l.grace(occupied)
}

// taxes compares a component's taxes with those of the first of its class.
func (l *linter) taxes(c *Component, i, j int) {
	for k := range l.tariff.Elements {
		for n := range l.tariff.Elements[k].Components {
			o := &l.tariff.Elements[k].Components[n]
			if o.Class != c.Class {
				continue
			}
			if !slices.Equal(sortedTaxes(o.Taxes), sortedTaxes(c.Taxes)) {
				l.add(Warning, TaxesDiffer, "Elements[%d].Components[%d].Taxes", i, j)
			}
			return
		}
	}
}

// grace finds a retroactive fee that is at its cap the moment it begins.
func (l *linter) grace(c *Component) {
	rule := &l.tariff.Idle
	if c == nil || !rule.Retroactive || c.Price <= 0 {
		return
	}
	limit := rule.SessionCap
	if limit == 0 || rule.PeriodCap > 0 && rule.PeriodCap < limit {
		limit = rule.PeriodCap
	}
	if limit > 0 && product(rule.Grace, c.Price).cmp(product(limit, 3600)) > 0 {
		l.add(Info, GraceAboveCap, "Idle.Grace")
	}
}
