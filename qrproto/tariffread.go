// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"fmt"
	"math"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// tariffReader reads tariffs. What it lets through in another encoding is found
// when the whole is written again.
type tariffReader struct {
	canon.Reader
	path string  // of the fault, where known
	uses []uint8 // by component: its tax set
}

// failAt notes where the first fault is.
func (r *tariffReader) failAt(path string) {
	if r.path == "" {
		r.path = path
	}
	r.Fail()
}

func (r *tariffReader) refused(why string) error {
	return &Error{Code: ErrTariff, Path: r.path, Why: why}
}

// tariff reads either form, and checks that it is the normal form of what it
// says.
func (r *tariffReader) tariff() (*tariff.Tariff, error) {
	items := r.Items()
	t := &tariff.Tariff{Rules: tariff.Rules(r.Small()), Scale: r.Small(), Currency: tariff.Currency(r.String(canon.Text))}
	t.Rounding = defaultRounding(t.Currency)
	if r.Next() == canon.Bytes {
		return r.grid(t, items)
	}
	r.elements(t)
	if items == 5 {
		r.options(t)
	}
	if !r.Done() || items < 4 || items > 5 {
		return nil, r.refused("not a tariff in its one encoding")
	}
	return t, checkNormal(t)
}

// checkNormal reports what makes a tariff unsound or another than its normal
// form.
func checkNormal(t *tariff.Tariff) error {
	if err := t.Check(); err != nil {
		return tariffError(err)
	}
	if path := disorder(t); path != "" {
		return &Error{Code: ErrTariff, Path: path, Why: "not the normal form"}
	}
	return nil
}

func (r *tariffReader) elements(t *tariff.Tariff) {
	n := r.Items()
	if n > tariff.MaxElements {
		r.failAt("Elements")
		return
	}
	t.Elements = make([]tariff.Element, 0, n)
	windows := 0
	for i := 0; i < n && !r.Failed(); i++ {
		var e tariff.Element
		r.element(&e)
		if windows += len(e.When.Windows); windows > tariff.MaxWindows {
			r.Fail()
		}
		if r.Failed() {
			r.failAt(fmt.Sprintf("Elements[%d]", i))
			return
		}
		t.Elements = append(t.Elements, e)
	}
}

func (r *tariffReader) element(e *tariff.Element) {
	left := r.Items()
	if left > 1 {
		e.Components = make([]tariff.Component, 0, min(left/2, classKinds))
	}
	for left > 0 && r.Next() != canon.Map {
		left -= r.component(e)
	}
	if left == 1 {
		r.when(e)
	} else if left != 0 {
		r.Fail()
	}
}

// component reads one and returns how many items it had.
func (r *tariffReader) component(e *tariff.Element) (items int) {
	kind := r.Int()
	if kind < 0 || kind >= kinds+withStep+withTaxes || len(e.Components) == classKinds {
		r.Fail()
		return 2
	}
	pair, set := kind%kinds, uint8(0)
	c := tariff.Component{Dimension: tariff.Dimension(pair/classKinds + 1), Class: tariff.Class(pair%classKinds + 1), Price: r.Int()}
	items = 2
	if kind/withStep&1 != 0 {
		c.Step = r.quantity(stepUnit(c.Dimension))
		items++
	}
	if kind/withTaxes != 0 {
		set = r.Small()
		items++
	}
	e.Components, r.uses = append(e.Components, c), append(r.uses, set)
	return items
}

// quantity reads what appendQuantity writes.
func (r *tariffReader) quantity(unit int64) int64 {
	v := r.Int()
	switch {
	case v > math.MaxInt64/unit || v == math.MinInt64:
		r.Fail()
		return 0
	case v < 0:
		return -v
	}
	return v * unit
}

// when reads an element's name and restrictions.
func (r *tariffReader) when(e *tariff.Element) {
	w := &e.When
	ranges := spans(w)
	for n := r.Pairs(); n > 0 && !r.Failed(); n-- {
		switch key := r.Int(); key {
		case whenRate:
			e.Rate = tariff.Rate(r.Small())
		case whenWindows:
			w.Windows = r.windows(r.Items())
		case whenDays:
			w.Days = tariff.Days(r.Small())
		case whenFrom:
			w.From = r.date()
		case whenUntil:
			w.Until = r.date()
		case whenReservation:
			w.Reservation = tariff.Reservation(r.Small())
		default:
			i := key - whenSpans
			if i < 0 || i >= 2*int64(len(ranges)) {
				r.Fail()
				return
			}
			edge := &ranges[i/2].span.Min
			if i%2 == 1 {
				edge = &ranges[i/2].span.Max
			}
			*edge = r.quantity(ranges[i/2].unit)
		}
	}
}

func (r *tariffReader) date() tariff.Date {
	v := r.Int()
	if v < 0 || v > math.MaxInt32 {
		r.Fail()
	}
	return tariff.Date(v)
}

// windows reads the edges of windows.
func (r *tariffReader) windows(edges int) []tariff.Window {
	if edges <= 0 || edges%2 != 0 || edges > 2*tariff.MaxWindows {
		r.Fail()
		return nil
	}
	windows := make([]tariff.Window, edges/2)
	for i := range windows {
		from, to := r.quantity(quarter), r.quantity(quarter)
		if from > 86400 || to > 86400 {
			r.Fail()
			return nil
		}
		windows[i] = tariff.Window{From: int32(from), To: int32(to)}
	}
	return windows
}
