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
	device *Device             // changed
	record *qrproto.Settlement // nil for an identity, which extends nothing
	rivals []Record            // stored ones of the same place
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
	if x.record != nil && seq == x.record.Seq && len(x.rivals) == 0 {
		return x.record, nil
	}
	stored, err := x.store.Records(ctx, x.device.Charger, seq, seq)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	return qrproto.DecodeRecord(x.device.Charger, stored[0].Payload)
}

// meet holds the head that an identity shows against the records, and returns
// what an order on this identity may acknowledge, nil for nothing: never more
// than the device knows of itself, as it refuses an order that does.
//
// A head below the chain proves nothing, another connector may have settled
// since. But a device whose head is another record than the one stored, or that
// has restarted and does not know a record that it wrote before, has lost its
// memory or is a copy; its chain is contested there.
func (x *extension) meet(ctx context.Context, i *qrproto.Identity) (*qrproto.Ack, error) {
	head := headOf(i)
	stored, err := x.store.Records(ctx, i.Number, head, min(head, math.MaxUint32-1)+1)
	if err != nil {
		return nil, err
	}
	known, other, lost, err := compare(i, stored)
	switch {
	case err != nil:
		return nil, err
	case other && !known:
		err = x.contest(ctx, head)
	case lost:
		err = x.contest(ctx, head+1)
	}
	if err != nil || x.device.Chain.Seq <= head {
		return x.device.ack(), err
	}
	if !known {
		return nil, nil
	}
	return &qrproto.Ack{Seq: head, Sum: i.Head.Sum}, nil
}

// compare looks at the records at an identity's head and behind it: whether the
// head is among them, whether another one is in its place, and whether the next
// one was written before the device's last restart.
func compare(i *qrproto.Identity, stored []Record) (known, other, lost bool, err error) {
	head := headOf(i)
	for _, r := range stored {
		if r.Seq == head {
			same := r.Sum.Short() == i.Head.Sum
			known, other = known || same, other || !same
			continue
		}
		next, err := qrproto.DecodeRecord(i.Number, r.Payload)
		if err != nil {
			return false, false, false, err
		}
		lost = lost || next.Boot < i.Boot
	}
	return known, other, lost, nil
}
