// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// The world knows two snapshots. The first replaces the issuer of the factory by
// the second issuer, who may sell once; the second trusts the factory's again,
// but no order that has not heard of it.
func worldSnapshot(epoch uint32) *qrproto.Trust {
	if epoch == 1 {
		return snapshot(1, delegation(second, func(d *qrproto.Delegation) { d.Quota = 1 }))
	}
	t := snapshot(2, delegation(factory, nil))
	t.Least = 2
	return t
}

// sells is who sells under which snapshot.
func sells(epoch uint32) qrproto.Signer {
	if epoch == 1 {
		return second
	}
	return factory
}

// distrust is the code with which an order fails under the snapshot in force, 0
// if it need not.
func (w *world) distrust(o *issue) qrproto.ErrorCode {
	names := o.order.Epoch
	switch {
	case sells(names).ID != sells(w.epoch).ID:
		return qrproto.ErrUnknownKey
	case names > w.epoch:
		return charger.ErrEpoch
	case w.epoch == 2 && names < 2:
		return charger.ErrOldEpoch
	}
	return 0
}

// soldBySecond is how many orders of the second issuer the charger accepted.
func (w *world) soldBySecond() (n int) {
	var settled []qrproto.Ref
	for _, s := range settlementsOf(w.t, w.journal) {
		settled = append(settled, s.Order)
	}
	for i := range w.issues {
		o := &w.issues[i]
		if o.order.Epoch == 1 && (o.accepted && o.boot == w.boots || slices.Contains(settled, o.hash)) {
			n++
		}
	}
	return n
}

// reveal shows a snapshot to the charger.
func (w *world) reveal(epoch uint32) {
	before := w.journal.Len()
	_, err := w.c.Accept(signed(w.t, worldSnapshot(epoch), root))
	switch {
	case errors.Is(err, charger.ErrJournal):
		w.unsure = true
	case w.unsure:
	case epoch < w.epoch:
		wants(w.t, "an older snapshot", err, qrproto.ErrStaleTrust)
	case err != nil:
		w.fatal("snapshot %d: %v", epoch, err)
	case epoch == w.epoch && w.journal.Len() != before:
		w.fatal("snapshot %d is written twice", epoch)
	default:
		w.epoch = epoch
	}
	if err == nil && w.c.Epoch() != epoch {
		w.fatal("epoch %d after snapshot %d", w.c.Epoch(), epoch)
	}
}

// stopNth shows the stop order of an order by its age, counted from the newest
// if negative.
func (w *world) stopNth(i int) {
	if i < 0 {
		i += len(w.issues)
	}
	if i < 0 || i >= len(w.issues) {
		return
	}
	o := &w.issues[i]
	w.model(o.n)
	at, before := &w.at[o.n-1], w.journal.Len()
	w.issuer = sells(w.epoch)
	_, err := w.c.Accept(w.seal(&qrproto.StopOrder{Order: o.hash}))
	switch {
	case errors.Is(err, charger.ErrJournal):
		w.unsure = true
	case w.unsure:
	case at.issue == i && (at.screen == charger.ScreenPlug || at.screen == charger.ScreenCharging):
		if err != nil {
			w.fatal("stop order: %v", err)
		}
		w.stopped(o.n)
	case !errors.Is(err, charger.ErrNotRunning) || w.journal.Len() != before:
		w.fatal("a stop order for what does not run: %v, and wrote %d records", err, w.journal.Len()-before)
	}
}

func TestEveryWayWithSnapshotsAndStopOrders(t *testing.T) {
	all := []step{
		{"show", func(w *world) { w.show(1) }},
		{"newest order", func(w *world) { w.scanNth(-1) }},
		{"newest but one", func(w *world) { w.scanNth(-2) }},
		{"plug", func(w *world) { w.meter(1, true) }},
		{"unplug", func(w *world) { w.meter(1, false) }},
		{"receipt", func(w *world) { w.pay(1) }},
		{"snapshot 1", func(w *world) { w.reveal(1) }},
		{"snapshot 2", func(w *world) { w.reveal(2) }},
		{"stop newest", func(w *world) { w.stopNth(-1) }},
		{"stop oldest", func(w *world) { w.stopNth(0) }},
		{"wait 45 s", func(w *world) { w.pass(45 * time.Second) }},
		{"reboot", (*world).reboot},
		{"old flash", (*world).restore},
		{"lost write", func(w *world) { w.fault(settletest.FaultLost) }},
		{"late failure", func(w *world) { w.fault(settletest.FaultAfter) }},
	}
	depth := 5
	if testing.Short() {
		depth = 3
	}
	states, taken := walk(t, newWorld(t, nil), all, depth)
	t.Logf("%d states, %d steps, to depth %d", states, taken, depth)

	// From where the second issuer has sold once.
	w := newWorld(t, nil)
	for _, s := range []step{all[6], all[0], all[1]} {
		w.take(s)
	}
	states, taken = walk(t, w, all, depth-1)
	t.Logf("after a sale: %d states, %d steps, to depth %d", states, taken, depth-1)
}
