// SPDX-License-Identifier: Apache-2.0

package settle

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Compile returns the plan of an order. The tariff is the one that the order
// embeds; for an order that names its tariff by hash it is held, which is not
// looked at otherwise and may be nil.
//
// It fails with qrproto.ErrTariff for tariff bytes that are none, with
// ErrOtherTariff where held is not the one named, and with ErrPlan where the
// tariff's evaluation could overflow under the order's limits, or cost more than
// a settlement can tell.
func Compile(o *qrproto.StartOrder, held *tariff.Tariff) (*tariff.Plan, error) {
	if o.TariffHash == nil {
		t, err := qrproto.DecodeTariff(o.Tariff)
		if err != nil {
			return nil, err
		}
		return checked(t.Compile(limitsOf(o), o.Offsets.Steps()))
	}
	if held == nil {
		return nil, fmt.Errorf("settle: order names tariff %v: %w", o.TariffHash, ErrOtherTariff)
	}
	hash, err := qrproto.TariffHash(held)
	if err != nil {
		return nil, err
	}
	return compile(o, held, hash)
}

// compile returns the plan of an order under a tariff that has this hash.
func compile(o *qrproto.StartOrder, t *tariff.Tariff, hash qrproto.Hash) (*tariff.Plan, error) {
	if o.TariffHash != nil && hash.Ref() != *o.TariffHash {
		return nil, fmt.Errorf("settle: tariff %v, order names %v: %w", hash.Ref(), o.TariffHash, ErrOtherTariff)
	}
	return checked(t.Compile(limitsOf(o), o.Offsets.Steps()))
}

// checked makes sure that every session of a plan has a settlement: whose
// register counts one thing, and whose amounts have a bound.
func checked(p *tariff.Plan, err error) (*tariff.Plan, error) {
	switch {
	case err != nil:
		return nil, fmt.Errorf("settle: %w: %w", ErrPlan, err)
	case p.Prices(tariff.Energy) && p.Prices(tariff.Volume):
		return nil, fmt.Errorf("settle: a tariff of both energy and volume: %w", ErrPlan)
	case p.Most() > qrproto.MaxQuantity:
		return nil, fmt.Errorf("settle: a session can cost %d units: %w", p.Most(), ErrPlan)
	}
	return p, nil
}

func limitsOf(o *qrproto.StartOrder) tariff.Limits {
	limits := tariff.Limits{Scale: o.Scale}
	if l := o.Limits; l != nil {
		limits.Energy, limits.Volume, limits.Duration, limits.Amount = l.Energy, l.Volume, l.Duration, l.Amount
	}
	if f := o.Facts; f != nil {
		limits.Facts = tariff.Facts{Reserved: f.Reserved, Expired: f.Expired != 0, Energy: f.Energy, Time: f.Time, Volume: f.Volume}
	}
	return limits
}

// Put writes quantities into a settlement, in the form in which they go over
// the wire.
func Put(s *qrproto.Settlement, q tariff.Quantities) {
	s.Cells, s.Last, s.Flats = nil, nil, nil
	for _, c := range q.Cells {
		s.Cells = append(s.Cells, int64(c.Index), c.Quantity)
	}
	for _, i := range q.Last {
		s.Last = append(s.Last, uint16(i))
	}
	for _, i := range q.Flats {
		s.Flats = append(s.Flats, uint16(i))
	}
}

// Quantities is the inverse of Put.
func Quantities(s *qrproto.Settlement) tariff.Quantities {
	var q tariff.Quantities
	if len(s.Cells) > 1 {
		q.Cells = make([]tariff.Cell, 0, len(s.Cells)/2)
	}
	for i := 0; i+1 < len(s.Cells); i += 2 {
		q.Cells = append(q.Cells, tariff.Cell{Index: int(s.Cells[i]), Quantity: s.Cells[i+1]})
	}
	for _, i := range s.Last {
		q.Last = append(q.Last, int(i))
	}
	for _, i := range s.Flats {
		q.Flats = append(q.Flats, int(i))
	}
	return q
}

// Price writes the bill of a settlement over dst: what its quantities cost
// under the order's plan, not what it claims. It fails with tariff.ErrQuantities
// and the like where the plan could not have produced them, and with ErrPlan for
// a plan that was compiled for other limits than the order's.
func Price(dst *tariff.Bill, o *qrproto.StartOrder, plan *tariff.Plan, s *qrproto.Settlement) error {
	return price(dst, o, plan, Quantities(s))
}

func price(dst *tariff.Bill, o *qrproto.StartOrder, plan *tariff.Plan, q tariff.Quantities) error {
	if plan.Limits() != limitsOf(o) {
		return fmt.Errorf("settle: plan of another order: %w", ErrPlan)
	}
	return plan.Price(dst, q)
}

// Verify holds a settlement against its order: it recomputes the price to the
// last digit and returns the bill. Signatures are Open's matter, the place in
// the chain is Next's.
//
// It fails with ErrOtherOrder where the settlement is not for this order, and
// with a *Dispute where it contradicts it or itself; the bill is then what it
// should have been, or nil where its quantities have no price.
func Verify(o *qrproto.StartOrder, plan *tariff.Plan, s *qrproto.Settlement) (*tariff.Bill, error) {
	sum, err := qrproto.Sum(o)
	if err != nil {
		return nil, err
	}
	if s.Order != sum.Ref() || !bytes.Equal(s.Number, o.Charger) || s.Connector != o.Connector {
		return nil, fmt.Errorf("settle: settlement of order %v, not %v: %w", s.Order, sum.Ref(), ErrOtherOrder)
	}
	q := Quantities(s)
	bill := &tariff.Bill{Lines: make([]tariff.Line, 0, 2*len(q.Cells)+len(q.Flats)+2)} // most bills have no more
	if err := price(bill, o, plan, q); errors.Is(err, ErrPlan) {
		return nil, err // not the device's fault
	} else if err != nil {
		return nil, fmt.Errorf("settle: %w: %w", &Dispute{Path: "Cells"}, err)
	}
	if err := disputes(o, bill, s); err != nil {
		return bill, err
	}
	if err := plan.Possible(q, s.Duration, s.Delivered); err != nil {
		return bill, fmt.Errorf("settle: %w: %w", &Dispute{Path: "Cells"}, err)
	}
	return bill, nil
}

// disputes returns the first number that is not what it must be.
//
// How late a session began and how long it took is not judged: a device may
// read its meter until the plug is out, and how long it waits for one is its
// own affair.
func disputes(o *qrproto.StartOrder, b *tariff.Bill, s *qrproto.Settlement) error {
	for class := tariff.Electricity; class <= tariff.OtherFee; class++ {
		// A tariff has a price for energy or for volume, never for both.
		if sum := measured(b, class, tariff.Energy) + measured(b, class, tariff.Volume); sum > s.Delivered {
			return &Dispute{"Delivered", s.Delivered, sum}
		}
		if sum := measured(b, class, tariff.TimeSpent) + measured(b, class, tariff.IdleTime); sum > s.Duration {
			return &Dispute{"Duration", s.Duration, sum}
		}
	}
	switch {
	case s.Start < o.Issued:
		return &Dispute{"Start", s.Start, o.Issued}
	case o.Uncertainty > 0 && s.Uncertainty > o.Uncertainty:
		return &Dispute{"Uncertainty", int64(s.Uncertainty), int64(o.Uncertainty)}
	case s.Payable != b.Payable.Units:
		return &Dispute{"Payable", s.Payable, b.Payable.Units}
	case s.Waived != b.Waived.Units:
		return &Dispute{"Waived", s.Waived, b.Waived.Units}
	}
	return nil
}

// measured is what of a session a bill charges under one class. No meter can
// have priced more than it delivered, and no clock more than has passed; what
// was reserved before is held against the order's Facts by Plan.Possible.
func measured(b *tariff.Bill, class tariff.Class, d tariff.Dimension) (sum int64) {
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Kind == tariff.ChargeLine && l.Dimension == d && l.Class == class && l.When.Reservation == tariff.NoReservation {
			sum += l.Measured
		}
	}
	return sum
}
