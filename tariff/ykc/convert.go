// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"fmt"
	"math"
	"reflect"

	"github.com/seed81979277/qrcharge/tariff"
)

const (
	currency   = "CNY"
	priceScale = 5       // decimals of a fee
	halfHour   = 30 * 60 // seconds
)

// Tariff returns the tariff of a model in its normal form. The protocol has no
// rounding policy, so the caller gives one; [Profile.Rounding] has those that
// agree with a profile.
//
// Rates that no half hour names have no place in a tariff. They are left out,
// with a finding for each that has a fee; [Model.SetTariff] on the same model
// puts the rest back and leaves them as they are, so that nothing is lost on
// the way there and back.
//
// It fails with [ErrLoss] for a loss ratio other than 0 unless the profile
// ignores it, with a sentinel of package tariff for a bad rounding policy, and
// as Check does.
func (m *Model) Tariff(rounding tariff.Rounding, p Profile) (*tariff.Tariff, []Finding, error) {
	if err := p.Check(); err != nil {
		return nil, nil, err
	}
	if err := m.Check(); err != nil {
		return nil, nil, err
	}
	findings, err := m.loss(p)
	if err != nil {
		return nil, nil, err
	}
	g := tariff.Grid{Scale: priceScale, Rounding: rounding}
	var place [Rates]uint8
	for i, used := range m.used() {
		if !used {
			if f := m.Rates[i]; f != (Fees{}) {
				findings = append(findings, Finding{UnusedRate, fmt.Sprintf("Rates[%d]", i), 0, f.total()})
			}
			continue
		}
		place[i] = uint8(len(g.Rates))
		g.Rates = append(g.Rates, tariff.GridRate{Name: rateName(i),
			Electricity: int64(m.Rates[i].Electricity), Service: int64(m.Rates[i].Service)})
	}
	for i, s := range m.Slots {
		g.Slots[i] = place[s]
	}
	t, err := tariff.FromGrid(g, currency)
	if err != nil {
		return nil, nil, within("", err)
	}
	return t, findings, nil
}

// loss refuses a loss ratio, or finds it, as the profile says.
func (m *Model) loss(p Profile) ([]Finding, error) {
	switch {
	case m.Loss == 0:
		return nil, nil
	case p.Loss == LossRefused:
		return nil, &Error{"Loss", ErrLoss}
	}
	return []Finding{{LossUnknown, "Loss", 0, uint64(m.Loss)}}, nil
}

// FromTariff returns the model of a tariff, with a loss ratio of 0 and no fees
// under the rates that t does not have. It fails as [Model.SetTariff] does.
func FromTariff(t *tariff.Tariff, pile Pile, number ModelNumber) (*Model, error) {
	m := &Model{Pile: pile, Number: number}
	if err := m.SetTariff(t); err != nil {
		return nil, err
	}
	return m, nil
}

// SetTariff writes the prices of t over those of m. Pile, number, loss ratio
// and the fees of rates that t does not have stay as they are. The rounding
// policy of t is not carried, because a model has no field for one.
//
// What is written is the normal form of t, and the paths of errors count its
// elements. The currency must be CNY ([ErrCurrency]); there are at most four
// elements, each with a name of its own from sharp, peak, flat and valley
// ([ErrRate]), one electricity and one service fee ([ErrFees]), and windows
// that begin and end on half hours ([ErrWindow]); together they leave no half
// hour out ([ErrGap]); a fee has at most five decimals ([ErrScale]), is not
// negative ([ErrNegative]) and at most 42 949.67295 yuan ([ErrOverflow]).
// Whatever else a model could not hold is [ErrTariff]. A t that is no tariff
// fails as its Check does, and m must pass its own. After an error m is as it
// was.
func (m *Model) SetTariff(t *tariff.Tariff) error {
	n, err := t.Normalize()
	if err != nil {
		return within("", err)
	}
	if n.Currency != currency {
		return &Error{"Currency", ErrCurrency}
	}
	next := *m
	next.Slots = [48]uint8{}
	var filled [48]bool
	var named [Rates]bool
	for i := range n.Elements {
		if err := next.setElement(n, i, &named); err != nil {
			return err
		}
		if err := next.setSlots(n, i, &filled); err != nil {
			return err
		}
	}
	for i, ok := range filled {
		if !ok {
			return fail(ErrGap, "Slots[%d]", i)
		}
	}
	// A tariff may have features that came after this package: what does not
	// come back was not understood.
	back, _, err := next.Tariff(n.Rounding, Profile{Loss: LossIgnored})
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(back, n) {
		return &Error{"Elements", ErrTariff}
	}
	*m = next
	return nil
}

// setElement writes the fees of element i.
func (m *Model) setElement(n *tariff.Tariff, i int, named *[Rates]bool) error {
	e := &n.Elements[i]
	rate, ok := ratePlace(e.Rate)
	if !ok || named[rate] {
		return fail(ErrRate, "Elements[%d].Rate", i)
	}
	named[rate] = true
	if len(e.Components) != 2 {
		return fail(ErrFees, "Elements[%d].Components", i)
	}
	var fees [2]uint32
	for j, class := range [...]tariff.Class{tariff.Electricity, tariff.Service} {
		c := e.Components[j]
		if c.Dimension != tariff.Energy || c.Class != class {
			return fail(ErrFees, "Elements[%d].Components[%d]", i, j)
		}
		fee, err := toFee(c.Price, n.Scale)
		if err != nil {
			return fail(err, "Elements[%d].Components[%d].Price", i, j)
		}
		fees[j] = fee
	}
	m.Rates[rate] = Fees{fees[0], fees[1]}
	return nil
}

// setSlots writes the half hours of element i.
func (m *Model) setSlots(n *tariff.Tariff, i int, filled *[48]bool) error {
	rate, _ := ratePlace(n.Elements[i].Rate)
	windows := n.Elements[i].When.Windows
	if len(windows) == 0 {
		windows = []tariff.Window{{From: 0, To: 48 * halfHour}}
	}
	for j, w := range windows {
		if w.From%halfHour != 0 || w.To%halfHour != 0 {
			return fail(ErrWindow, "Elements[%d].When.Windows[%d]", i, j)
		}
		count := (w.To - w.From) / halfHour
		if count <= 0 { // over midnight
			count += 48
		}
		for k := range count {
			slot := (w.From/halfHour + k) % 48
			m.Slots[slot], filled[slot] = uint8(rate), true
		}
	}
	return nil
}

// rateName returns the name of a rate's place.
func rateName(place int) tariff.Rate { return tariff.Sharp + tariff.Rate(place) }

// ratePlace returns the place of a name, false for a name without one.
func ratePlace(r tariff.Rate) (place int, ok bool) {
	return int(r) - int(tariff.Sharp), r >= tariff.Sharp && r <= tariff.Valley
}

// toFee returns a price at a scale in 10^-5 yuan: ErrNegative, ErrOverflow or ErrScale.
func toFee(price int64, scale uint8) (uint32, error) {
	if price < 0 {
		return 0, ErrNegative
	}
	units, err := rescale(uint64(price), scale, priceScale)
	if err != nil {
		return 0, err
	}
	return uint32(units), nil
}

// rescale returns units at another scale where they fit 32 bits: ErrOverflow or
// ErrScale. Scales are at most tariff.MaxPriceScale.
func rescale(units uint64, from, to uint8) (uint64, error) {
	for ; from > to; from-- {
		if units%10 != 0 {
			return 0, ErrScale
		}
		units /= 10
	}
	for ; from < to && units <= math.MaxUint32; from++ {
		units *= 10
	}
	if units > math.MaxUint32 {
		return 0, ErrOverflow
	}
	return units, nil
}
