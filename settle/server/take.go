// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// arrival is an authentic settlement that has reached the server, by whatever
// way.
type arrival struct {
	st     *qrproto.Settlement
	sum    qrproto.Hash
	source string // the signed code that brought it
	// carrier is the key of the identity that carried it, nil for one that came by
	// itself: a Directory may trust an old key for settlements that were scanned
	// before the key was replaced, and for identities never.
	carrier *qrproto.Key
}

// Settle takes in the settlement code of a device, whoever brings it: bare or
// as a link. It stores it, holds it against its order, recomputes the price and
// moves the device's chain. To show it again gives the first answer again.
//
// With the order come errors that an operator must look at: settle.ErrDispute
// (a *settle.Dispute), settle.ErrFork and settle.ErrTotals leave the order
// disputed, ErrBilled and ErrDead as it was. Without an order come ErrUnknownOrder and
// settle.ErrOtherOrder. In all of these cases the record is stored. A code that
// does not open fails as qrproto.Open does, and nothing is stored.
//
// The order is that of whoever started it. Whoever uploads is not asked, and
// should be told no more than the settlement itself says.
func (s *Server) Settle(ctx context.Context, text string) (*Order, error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	opened, err := qrproto.Open(text, s.Directory)
	st, err := qrproto.As[*qrproto.Settlement](opened, err)
	if err != nil {
		return nil, err
	}
	return s.take(ctx, &arrival{st, opened.Sum, text, nil})
}

func (s *Server) take(ctx context.Context, a *arrival) (order *Order, err error) {
	err = again(ctx, func() error {
		order, err = s.takeOnce(ctx, a)
		return err
	})
	return order, err
}

// takeOnce reads the device before its records, so that a record stored in
// between makes the change fail. Of a key that the device has replaced nothing is
// carried, be it stored or not: its thief would bill whom he likes. What is true of
// it, an identity under the new key carries too.
func (s *Server) takeOnce(ctx context.Context, a *arrival) (*Order, error) {
	device, err := s.Store.Device(ctx, a.st.Number)
	if err != nil {
		return nil, err
	}
	if a.carrier != nil {
		if err := device.retired(a.carrier.Generation()); err != nil {
			return nil, err
		}
	}
	stored, err := s.Store.Records(ctx, a.st.Number, a.st.Seq, a.st.Seq)
	if err != nil {
		return nil, err
	}
	for i := range stored {
		if stored[i].Sum == a.sum {
			return s.answer(ctx, &stored[i])
		}
	}
	place, err := (&extension{s.Store, device, a.st, stored}).run(ctx)
	if err != nil {
		return nil, err
	}
	j := judgement{verdict: place}
	if err := s.judge(ctx, a.st, &j); err != nil {
		return nil, err
	}
	return s.record(ctx, device, uint32(len(stored)), a, &j)
}

// answer repeats what was said when the record came first.
func (s *Server) answer(ctx context.Context, r *Record) (*Order, error) {
	if r.Order == (qrproto.OrderID{}) {
		return nil, verdictError(r.Verdict, nil, r)
	}
	o, err := s.Store.Order(ctx, r.Order)
	if err != nil {
		return nil, err
	}
	return o, verdictError(r.Verdict, o, r)
}

func verdictError(verdict qrproto.ErrorCode, o *Order, r *Record) error {
	switch {
	case verdict == 0:
		return nil
	case verdict == settle.ErrDispute && o != nil && o.Dispute != nil:
		return o.Dispute
	}
	return fail(verdict, "settlement %d of device %x", r.Seq, r.Charger)
}

// judgement is what becomes of a settlement.
type judgement struct {
	verdict  qrproto.ErrorCode // what Settle fails with, 0 for nothing
	order    *Order            // that the settlement names, nil if there is none
	siblings []*Order          // the other orders under its hold
	bill     *tariff.Bill
	dispute  *settle.Dispute
}

// judge finds the order of a settlement and holds the one against the other.
// The verdict on the settlement's place in the chain is in j already, and is
// what counts where there are two.
func (s *Server) judge(ctx context.Context, st *qrproto.Settlement, j *judgement) error {
	// Zero is the hash of no order, but would select them all.
	var found []*Order
	var err error
	if st.Order != (qrproto.Ref{}) {
		found, err = s.Store.Find(ctx, Query{Sum: st.Order, Limit: 1})
	}
	if err != nil {
		return err
	}
	if len(found) == 0 {
		j.add(ErrUnknownOrder)
		return nil
	}
	o := found[0]
	plan, err := s.plans.Compile(o.Start, o.Tariff)
	if err != nil {
		return err
	}
	bill, err := settle.Verify(o.Start, plan, st)
	if err == nil && st.Boot != o.Boot && !o.sticker() {
		// The order answers an identity of one boot, and dies with that.
		err = &settle.Dispute{Path: "Boot", Claimed: int64(st.Boot), Computed: int64(o.Boot)}
	}
	switch {
	case errors.Is(err, settle.ErrOtherOrder):
		j.add(settle.ErrOtherOrder)
		return nil
	case errors.As(err, &j.dispute):
		j.add(settle.ErrDispute)
	case err != nil:
		return err
	}
	j.order, j.bill = o, bill
	return s.judgeHold(ctx, j)
}

// judgeHold looks at the other orders under the same hold: one settlement uses
// it up.
func (s *Server) judgeHold(ctx context.Context, j *judgement) error {
	all, err := s.Store.Find(ctx, Query{HoldKey: j.order.HoldKey})
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.State.billed() {
			j.add(ErrBilled)
		}
		if o.State.dead() {
			j.add(ErrDead)
		}
		if o.ID != j.order.ID {
			j.siblings = append(j.siblings, o)
		}
	}
	return nil
}

func (j *judgement) add(code qrproto.ErrorCode) {
	unbound := code == ErrBilled || code == ErrDead
	if j.verdict == 0 || unbound && j.verdict == settle.ErrDispute {
		j.verdict = code
	}
}
