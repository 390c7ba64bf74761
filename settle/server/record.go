// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"

	"github.com/seed81979277/qrcharge/qrproto"
)

// record stores an arrival and what follows from it, in one change.
func (s *Server) record(ctx context.Context, d *Device, branch uint32, a *arrival, j *judgement) (*Order, error) {
	payload, err := qrproto.EncodeRecord(a.st)
	if err != nil {
		return nil, err
	}
	r := Record{
		Charger: d.Charger, Seq: a.st.Seq, Branch: branch, Index: d.Records, Sum: a.sum,
		Payload: payload, Source: a.source, Received: s.Now().Unix(), Verdict: j.verdict,
	}
	d.Version++
	d.Records++
	d.Log = logged(d.Log, a.sum)
	c := &Change{Device: d}
	if j.order != nil {
		r.Order = j.order.ID
		if err := j.bind(a, c); err != nil {
			return nil, err
		}
	}
	c.Records = []Record{r}
	if err := s.Store.Apply(ctx, c); err != nil {
		return nil, err
	}
	return j.order, verdictError(j.verdict, j.order, &r)
}

// bind writes the settlement into its order, unless the hold is used up or given
// back.
func (j *judgement) bind(a *arrival, c *Change) error {
	o := j.order
	if j.used() {
		return nil
	}
	on := eventSettle
	if j.verdict != 0 {
		on = eventDispute
	}
	if on == eventDispute && !o.sticker() {
		// A dispute is between operator and device. It does not keep the
		// customer from charging elsewhere.
		c.Free = append(c.Free, openOrderClaim(o.Account))
	}
	if err := o.move(on); err != nil {
		return err
	}
	o.Settlement, o.SettlementSum, o.Bill = a.st, a.sum, j.bill
	o.Verdict, o.Dispute = j.verdict, j.dispute
	c.Orders = append(c.Orders, o)
	c.Take = append(c.Take, billedClaim(o.HoldKey))
	return j.retire(c)
}

// used tells whether a settlement was taken under the hold before, or the hold
// given back.
func (j *judgement) used() bool {
	if j.order.State.billed() || j.order.State.dead() {
		return true
	}
	for _, o := range j.siblings {
		if o.State.billed() || o.State.dead() {
			return true
		}
	}
	return false
}

// retire replaces the orders that waited beside the one that was taken: the
// device takes at most one of them.
func (j *judgement) retire(c *Change) error {
	for _, o := range j.siblings {
		if o.State != StatePlacing && o.State != StateIssued {
			continue
		}
		if err := o.move(eventReplace); err != nil {
			return err
		}
		c.Orders = append(c.Orders, o)
	}
	return nil
}
