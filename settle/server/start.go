// SPDX-License-Identifier: Apache-2.0

package server

import (
	"github.com/seed81979277/qrcharge/qrproto"
)

// start makes the start order of o as of now, sound in itself and compilable.
func (s *Server) start(target *qrproto.Target, o *Order, seen *sighting, d *deal) (*qrproto.StartOrder, error) {
	held, err := s.held(seen)
	if err != nil {
		return nil, err
	}
	limits, err := o.limits(target, d)
	if err != nil {
		return nil, err
	}
	start := s.draft(seen, d)
	start.ID, start.Held, start.Limits = o.ID, held, limits
	start.Target = clonePointer(target)
	if seen.may.acknowledges() {
		start.Ack = clonePointer(seen.ack)
	}
	if _, err := qrproto.Sum(start); err != nil {
		return nil, err
	}
	_, err = s.plans.Compile(start, d.bytes)
	return start, err
}

// draft is what a device and the terms alone say. It names the tariff where the
// device holds it, unless it is small enough to be embedded and the operator
// wants it so.
func (s *Server) draft(seen *sighting, d *deal) *qrproto.StartOrder {
	i := seen.identity
	draft := &qrproto.StartOrder{
		Charger: i.Number, Connector: i.Connector, Challenge: i.Challenge, Issued: s.Now().Unix(), Window: s.Policy.window(),
		Tariff: d.bytes, Offsets: qrproto.MakeOffsets(d.offsets), Scale: d.scale, Limits: clonePointer(&d.limits),
		Funding: qrproto.FundingHold, Facts: clonePointer(d.terms.Facts), Epoch: seen.may.epoch,
	}
	if seen.sticker {
		draft.Funding = qrproto.FundingPrepaid
	}
	embed := s.Policy.EmbedTariffs && len(d.bytes) <= qrproto.MaxEmbedded
	if ref := d.hash.Ref(); !embed && seen.device.Newest.Tariffs.Has(ref.Hint()) {
		draft.Tariff, draft.TariffHash = nil, &ref
	}
	return draft
}

// limits are those of the terms, and at most what is held, which may be less or
// more than the terms ask for where the hold was taken over. An amount that the
// customer has set is a limit too: nobody pays more than was asked for.
func (o *Order) limits(target *qrproto.Target, d *deal) (*qrproto.Limits, error) {
	limits := d.limits
	amount, err := rescaled(o.Amount, d.scale)
	if err != nil || amount < d.step {
		return nil, fail(ErrTerms, "a hold of %v", o.Amount)
	}
	limits.Amount = min(amount, limits.Amount)
	if target == nil || target.Kind != qrproto.TargetAmount {
		return &limits, nil
	}
	if target.Value < d.step || target.Value%d.step != 0 {
		return nil, fail(ErrTarget, "a target of %d, payable are multiples of %d", target.Value, d.step)
	}
	limits.Amount = min(limits.Amount, target.Value)
	return &limits, nil
}
