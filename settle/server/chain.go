// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"math"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// extension takes one record that is not stored yet into its device's chain.
type extension struct {
	store  Store
	device *Device // changed
	record *qrproto.Settlement
	rivals []Record // stored ones of the same place
}

// run returns 0, or the code of what is wrong with the record's place:
// settle.ErrFork or settle.ErrTotals.
//
// A record ahead of the chain is fine and waits; once the gap closes, the chain
// runs over all that waits.
func (x *extension) run(ctx context.Context) (qrproto.ErrorCode, error) {
	if len(x.rivals) > 0 {
		return settle.ErrFork, x.contest(ctx, x.record.Seq)
	}
	verdict, err := x.next(ctx, x.record)
	if verdict != 0 || err != nil || x.device.Chain.Seq != x.record.Seq {
		return verdict, err
	}
	return 0, x.drain(ctx)
}

// next moves the chain to a record, or contests a place of it.
func (x *extension) next(ctx context.Context, st *qrproto.Settlement) (qrproto.ErrorCode, error) {
	head, err := settle.Next(x.device.Chain, st)
	switch {
	case errors.Is(err, settle.ErrGap):
		return 0, nil
	case errors.Is(err, settle.ErrFork):
		return settle.ErrFork, x.contest(ctx, x.device.Chain.Seq)
	case errors.Is(err, settle.ErrTotals):
		return settle.ErrTotals, x.contest(ctx, st.Seq)
	case err != nil:
		return 0, err
	}
	x.device.Chain = head
	return 0, nil
}

// drain runs the chain over the records that wait behind its end. What is wrong
// with one of them is no verdict on the record that let it run.
func (x *extension) drain(ctx context.Context) error {
	d := x.device
	for d.Chain.Seq < math.MaxUint32 && (d.Contested == 0 || d.Chain.Seq+1 < d.Contested) {
		st, err := x.at(ctx, d.Chain.Seq+1)
		if err != nil || st == nil {
			return err
		}
		if verdict, err := x.next(ctx, st); verdict != 0 || err != nil {
			return err
		}
	}
	return nil
}

// contest keeps the chain below seq. Where it has passed that it goes back to
// the record before: neither of two branches is acknowledged.
func (x *extension) contest(ctx context.Context, seq uint32) error {
	d := x.device
	if d.Contested == 0 || seq < d.Contested {
		d.Contested = seq
	}
	if d.Chain.Seq < d.Contested {
		return nil
	}
	st, err := x.at(ctx, d.Contested)
	switch {
	case err != nil:
		return err
	case st == nil:
		return fail(ErrNotFound, "record %d of device %x", d.Contested, d.Charger)
	}
	d.Chain = settle.Head{Seq: st.Seq - 1, Sum: st.Previous, Total: st.Total - st.Delivered}
	return nil
}

// at returns the record of a place, the first received where there are several,
// nil where there is none.
func (x *extension) at(ctx context.Context, seq uint32) (*qrproto.Settlement, error) {
	if seq == x.record.Seq && len(x.rivals) == 0 {
		return x.record, nil
	}
	stored, err := x.store.Records(ctx, x.device.Charger, seq, seq)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	return qrproto.DecodeRecord(x.device.Charger, stored[0].Payload)
}
