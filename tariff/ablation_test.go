// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// feature is something that a price may depend on. off changes a copy of a
// world into one without it, and reports whether the world had it.
type feature struct {
	name string
	off  func(*world) bool
}

// clone copies a world as deep as features change it.
func (w *world) clone() world {
	c := *w
	t := *w.tariff
	t.Elements = slices.Clone(t.Elements)
	for i := range t.Elements {
		t.Elements[i].Components = slices.Clone(t.Elements[i].Components)
		t.Elements[i].When.Windows = slices.Clone(t.Elements[i].When.Windows)
	}
	c.tariff, c.readings, c.offsets = &t, slices.Clone(w.readings), slices.Clone(w.offsets)
	return c
}

// set is a feature that is a value.
func set[T comparable](name string, field func(*world) *T, value T) feature {
	return feature{name, func(w *world) bool {
		f := field(w)
		had := *f != value
		*f = value
		return had
	}}
}

// restriction is one that is a value.
func restriction[T comparable](name string, field func(*Restrictions) *T) feature {
	return feature{name, func(w *world) (had bool) {
		var none T
		for i := range w.tariff.Elements {
			f := field(&w.tariff.Elements[i].When)
			had = had || *f != none
			*f = none
		}
		return had
	}}
}

// windows is a feature that is a kind of windows.
func windows(name string, kind func(Window) bool) feature {
	return feature{name, func(w *world) (had bool) {
		for i := range w.tariff.Elements {
			when := &w.tariff.Elements[i].When
			n := len(when.Windows)
			when.Windows = slices.DeleteFunc(when.Windows, kind)
			had = had || len(when.Windows) < n
		}
		return had
	}}
}

// components is a feature of components.
func components(name string, off func(*Element, *Component) bool) feature {
	return feature{name, func(w *world) (had bool) {
		for i := range w.tariff.Elements {
			e := &w.tariff.Elements[i]
			for j := range e.Components {
				had = off(e, &e.Components[j]) || had
			}
		}
		return had
	}}
}

// unpriced makes components of a kind cost nothing.
func unpriced(name string, kind func(*Component) bool) feature {
	return components(name, func(_ *Element, c *Component) bool {
		if !kind(c) || c.Price == 0 {
			return false
		}
		c.Price = 0
		return true
	})
}

// stepless takes away the steps of a kind of components.
func stepless(name string, kind func(*Element, *Component) bool) feature {
	return components(name, func(e *Element, c *Component) bool {
		if c.Step == 0 || !kind(e, c) {
			return false
		}
		c.Step = 0
		return true
	})
}

// register is a feature of the readings one after another.
func register(name string, off func(before, r *Reading, shift *Reading) bool) feature {
	return feature{name, func(w *world) (had bool) {
		var shift Reading
		before := w.readings[0]
		for i := range w.readings {
			r := w.readings[i]
			had = off(&before, &w.readings[i], &shift) || had
			before = r
		}
		return had
	}}
}

func instead[T comparable](name string, field func(*world) *T, swap map[T]T) feature {
	return feature{name, func(w *world) bool {
		f := field(w)
		other, had := swap[*f]
		if had {
			*f = other
		}
		return had
	}}
}

func (w *world) mode() *RoundingMode { return &w.tariff.Rounding.Mode }
func (w *world) unit() *RoundingUnit { return &w.tariff.Rounding.Unit }
func (w *world) rule() *IdleRule     { return &w.tariff.Idle }

// allFeatures lists all that is counted.
func allFeatures() []feature {
	return slices.Concat(timeFeatures(), spanFeatures(), partFeatures(), ruleFeatures(), roundingFeatures(), recordFeatures())
}

func timeFeatures() []feature {
	return []feature{
		windows("windows", func(Window) bool { return true }),
		windows("windows over midnight", func(w Window) bool { return w.To <= w.From && w.To != 0 }),
		restriction("days of the week", func(r *Restrictions) *Days { return &r.Days }),
		restriction("dates, from", func(r *Restrictions) *Date { return &r.From }),
		restriction("dates, until", func(r *Restrictions) *Date { return &r.Until }),
		{"changes of offset", func(w *world) bool {
			had := len(w.offsets) > 1
			w.offsets = w.offsets[:1]
			return had
		}},
	}
}

func spanFeatures() []feature {
	return []feature{
		restriction("tiers of energy", func(r *Restrictions) *Span { return &r.Energy }),
		restriction("tiers of time", func(r *Restrictions) *Span { return &r.Time }),
		restriction("tiers of volume", func(r *Restrictions) *Span { return &r.Volume }),
		restriction("power", func(r *Restrictions) *Span { return &r.Power }),
		restriction("current", func(r *Restrictions) *Span { return &r.Current }),
		restriction("duration", func(r *Restrictions) *Span { return &r.Duration }),
		restriction("idle duration", func(r *Restrictions) *Span { return &r.Idle }),
		{"opening quantities", func(w *world) bool {
			f := &w.limits.Facts
			had := f.Energy+f.Time+f.Volume > 0
			f.Energy, f.Time, f.Volume = 0, 0, 0
			return had
		}},
		{"order of elements", func(w *world) bool { slices.Reverse(w.tariff.Elements); return len(w.tariff.Elements) > 1 }},
	}
}

func partFeatures() (all []feature) {
	for d := Energy; d <= Volume; d++ {
		all = append(all, unpriced(d.String()+" prices", func(c *Component) bool { return c.Dimension == d }))
	}
	for class := Electricity; class <= OtherFee; class++ {
		all = append(all, unpriced(class.String()+" fees", func(c *Component) bool { return c.Class == class }))
	}
	for _, d := range []Dimension{Energy, TimeSpent, IdleTime, Volume} {
		all = append(all, stepless(d.String()+" steps", func(e *Element, c *Component) bool {
			return c.Dimension == d && e.When.Reservation == NoReservation
		}))
	}
	return append(all,
		stepless("reservation steps", func(e *Element, _ *Component) bool { return e.When.Reservation != NoReservation }),
		unpriced("negative prices", func(c *Component) bool { return c.Price < 0 }),
		components("reservation prices", func(e *Element, c *Component) bool {
			had := e.When.Reservation != NoReservation && c.Price != 0
			if had {
				c.Price = 0
			}
			return had
		}),
		feature{"an expired reservation", func(w *world) bool {
			had := w.limits.Facts.Expired
			w.limits.Facts.Expired = false
			return had
		}},
		set("a reservation before the session", func(w *world) *int64 { return &w.limits.Facts.Reserved }, 0))
}

func ruleFeatures() []feature {
	period := func(name string, p Period) feature {
		return feature{name, func(w *world) bool {
			had := w.rule().Period == p
			if had {
				w.rule().Period, w.rule().PeriodCap = NoPeriod, 0
			}
			return had
		}}
	}
	once := func(name string, p Period) feature {
		return feature{name, func(w *world) bool {
			r := w.rule()
			had := r.Period == p
			if had && (r.SessionCap == 0 || r.PeriodCap < r.SessionCap) {
				r.SessionCap = r.PeriodCap
			}
			if had {
				r.Period, r.PeriodCap = NoPeriod, 0
			}
			return had
		}}
	}
	return []feature{
		once("24 hour cap, beyond 24 hours", Per24Hours),
		once("local day cap, over midnight", PerLocalDay),
		set("grace", func(w *world) *int64 { return &w.rule().Grace }, 0),
		set("grace per episode", func(w *world) *bool { return &w.rule().PerEpisode }, false),
		set("grace, retroactive", func(w *world) *bool { return &w.rule().Retroactive }, false),
		set("session cap", func(w *world) *int64 { return &w.rule().SessionCap }, 0),
		period("24 hour cap", Per24Hours),
		period("local day cap", PerLocalDay),
		set("minimum price", func(w *world) *int64 { return &w.tariff.Limit.Min }, 0),
		set("maximum price", func(w *world) *int64 { return &w.tariff.Limit.Max }, 0),
		set("limit with taxes", func(w *world) *bool { return &w.tariff.Limit.Gross }, false),
		set("order's limit, waived", func(w *world) *int64 { return &w.limits.Amount }, 0),
		components("taxes", func(_ *Element, c *Component) bool {
			had := len(c.Taxes) > 0
			c.Taxes = nil
			return had
		}),
		components("taxes on taxes", func(_ *Element, c *Component) (had bool) {
			c.Taxes = slices.Clone(c.Taxes)
			for i := range c.Taxes {
				had = had || c.Taxes[i].Stack != c.Taxes[0].Stack
				c.Taxes[i].Stack = 0
			}
			return had
		}),
		set("taxes included", func(w *world) *bool { return &w.tariff.TaxIncluded }, false),
	}
}

func roundingFeatures() []feature {
	return []feature{
		instead("rounding per group", (*world).unit, map[RoundingUnit]RoundingUnit{PerGroup: PerSession}),
		instead("rounding per component", (*world).unit, map[RoundingUnit]RoundingUnit{PerComponent: PerSession}),
		instead("rounding half to even", (*world).mode, map[RoundingMode]RoundingMode{HalfEven: HalfUp}),
		instead("rounding up", (*world).mode, map[RoundingMode]RoundingMode{Up: HalfUp}),
		instead("rounding down", (*world).mode, map[RoundingMode]RoundingMode{Down: HalfUp}),
		{"fewer payable decimals", func(w *world) bool {
			had := w.tariff.Rounding.Payable < w.limits.Scale
			w.tariff.Rounding.Payable = w.limits.Scale
			return had
		}},
	}
}

func recordFeatures() []feature {
	phase := func(name string, p Phase) feature {
		return register(name, func(_, r, _ *Reading) bool {
			had := r.Phase == p
			if had {
				r.Phase = Charging
			}
			return had
		})
	}
	return []feature{
		phase("idle phases", Idle),
		phase("reserved phases", Reserved),
		register("energy fed back", func(before, r, shift *Reading) bool {
			fell := max(0, before.Energy-r.Energy)
			shift.Energy += fell
			r.Energy += shift.Energy
			return fell > 0
		}),
		{"readings a second or more late", (*world).fill},
	}
}

// fill adds what an incomplete record lacks: a reading at each second, on a
// straight line.
func (w *world) fill() (had bool) {
	all := w.readings[:1:1]
	for i, r := range w.readings[1:] {
		a := w.readings[i]
		if r.At-a.At > 600 {
			return false // too long to be worth it
		}
		for s := a.At + 1; s < r.At; s++ {
			b := a
			b.At = s
			b.Energy += (r.Energy - a.Energy) * (s - a.At) / (r.At - a.At)
			b.Volume += (r.Volume - a.Volume) * (s - a.At) / (r.At - a.At)
			all, had = append(all, b), true
		}
		all = append(all, r)
	}
	w.readings = all
	return had
}

// ablation counts in how many worlds a feature was, and in how many of these
// the price would be another one without it.
type ablation struct {
	features     []feature
	had, decided []int
	worlds       int
	currencies   map[Currency]int
}

func newAblation() *ablation {
	f := allFeatures()
	return &ablation{f, make([]int, len(f)), make([]int, len(f)), 0, map[Currency]int{}}
}

// take takes a world apart. Only the oracle prices, so that what decides is not
// the engine's opinion.
func (a *ablation) take(j *judge, w *world, want *total) {
	a.worlds++
	a.currencies[w.tariff.Currency]++
	for i := range a.features {
		without := w.clone()
		if !a.features[i].off(&without) {
			continue
		}
		a.had[i]++
		t, err := without.written()
		if err != nil {
			continue
		}
		if got := j.price(&without, t); !got.same(want) {
			a.decided[i]++
		}
	}
}

// String returns a table.
func (a *ablation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "of %d worlds taken apart (%v)\n%-34s %8s %8s\n", a.worlds, a.currencies, "feature", "present", "decided")
	for i, f := range a.features {
		fmt.Fprintf(&b, "%-34s %8d %8d\n", f.name, a.had[i], a.decided[i])
	}
	return b.String()
}

// demand fails where a feature never decided a price, in runs in which it had
// its chance.
func (a *ablation) demand(t *testing.T) {
	for i, f := range a.features {
		if a.decided[i] == 0 && (a.worlds >= 20_000 || a.worlds >= 2000 && a.had[i] >= 400) {
			t.Errorf("%s never decided a price", f.name)
		}
	}
}

// shrink makes a world that fails smaller, as long as it fails.
func (j *judge) shrink(w world) world {
	fails := func(c *world) bool {
		_, err := j.compare(c)
		return err != nil && err != errRefused && c.tariff.Check() == nil
	}
	for tries, smaller := 0, true; smaller && tries < 1000; tries++ {
		smaller = false
		for _, step := range shrinks(&w) {
			c := w.clone()
			if step(&c) && fails(&c) {
				w, smaller = c, true
				break
			}
		}
	}
	return w
}

// shrinks lists what to try: to leave out a reading, an element, a component, a
// restriction, or a feature.
func shrinks(w *world) (all []func(*world) bool) {
	for i := range w.readings {
		all = append(all, func(w *world) bool { w.readings = slices.Delete(w.readings, i, i+1); return len(w.readings) > 0 })
	}
	for i := range w.tariff.Elements {
		all = append(all, func(w *world) bool {
			w.tariff.Elements = slices.Delete(w.tariff.Elements, i, i+1)
			return len(w.tariff.Elements) > 0
		})
		for k := range w.tariff.Elements[i].Components {
			all = append(all, func(w *world) bool {
				e := &w.tariff.Elements[i]
				e.Components = slices.Delete(e.Components, k, k+1)
				return len(e.Components) > 0
			})
		}
		for _, f := range slices.Concat(timeFeatures()[:5], spanFeatures()[:7]) {
			all = append(all, func(w *world) bool {
				alone := *w
				tariff := *w.tariff
				tariff.Elements = w.tariff.Elements[i : i+1]
				alone.tariff = &tariff
				return f.off(&alone)
			})
		}
	}
	for _, f := range allFeatures() {
		if f.name != "order of elements" && !strings.HasPrefix(f.name, "readings") {
			all = append(all, f.off)
		}
	}
	return all
}

// text shows a world as far as it says something.
func (w *world) text() string {
	var b strings.Builder
	t := w.tariff
	fmt.Fprintf(&b, "%s scale %d, %+v, tax included %v, limit %+v, idle %+v\n", t.Currency, t.Scale, t.Rounding, t.TaxIncluded, t.Limit, t.Idle)
	for _, e := range t.Elements {
		fmt.Fprintf(&b, "  %v when %+v\n", e.Rate, e.When)
		for _, c := range e.Components {
			fmt.Fprintf(&b, "    %v %v %d step %d taxes %v\n", c.Dimension, c.Class, c.Price, c.Step, c.Taxes)
		}
	}
	fmt.Fprintf(&b, "limits %+v\noffsets %v\n", w.limits, w.offsets)
	for _, r := range w.readings {
		fmt.Fprintf(&b, "  %+v\n", r)
	}
	return b.String()
}
