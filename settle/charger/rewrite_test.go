// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// What a journal keeps when it is rewritten.

// issuers are so many signers, with ids as long as ids may be.
func issuers(name string, n int) (out []qrproto.Signer) {
	for i := range n {
		id := fmt.Sprintf("%.6s%02d", name, i)
		out = append(out, qrproto.Signer{ID: qrproto.KeyID(id), Key: key(id)})
	}
	return out
}

// provision makes signers issuers of the firmware, each of which may sell once.
func (r *rig) provision(signers []qrproto.Signer) {
	for _, s := range signers {
		r.device.Keys = append(r.device.Keys, qrproto.Key{ID: s.ID, Public: s.Key.Public(),
			Kinds: []qrproto.Kind{qrproto.KindStartOrder}, Caps: &qrproto.Caps{Quota: 1, Acknowledge: true}})
	}
}

// sellOnce lets each sell once. All that was settled before is acknowledged.
func (r *rig) sellOnce(signers []qrproto.Signer, ack *qrproto.Ack) *qrproto.Ack {
	r.t.Helper()
	for _, r.issuer = range signers {
		ack = ackOf(r.t, r.cancel(1, ack))
	}
	return ack
}

// used fails unless none of them may sell any more.
func (r *rig) used(signers []qrproto.Signer) {
	r.t.Helper()
	for _, r.issuer = range signers {
		r.spent("a second order of " + string(r.issuer.ID))
	}
}

// room moves the journal to a flash that has so much room left.
func (r *rig) room(n int64) {
	r.t.Helper()
	for record := range r.journal.Records() {
		n += int64(len(record)) + 16
	}
	moved := settletest.NewJournal(n)
	for record := range r.journal.Records() {
		if err := moved.Append(record); err != nil {
			r.t.Fatal(err)
		}
	}
	r.journal = moved
}

// rewrite switches the power off, and on over a journal that must be rewritten, and
// then over one that need not.
func (r *rig) rewrite() {
	r.t.Helper()
	r.room(600)
	before := r.journal.Writes()
	if r.boot(); r.journal.Writes() < before+2 { // the records, and the boot
		r.t.Fatal("not rewritten")
	}
	r.room(1 << 20)
	r.boot()
}

func TestCountsOfAnyNumberOfKeysAreKept(t *testing.T) {
	for _, c := range []struct{ keys, records int }{{1, 1}, {16, 1}, {17, 2}, {19, 2}, {20, 2}, {32, 2}, {33, 3}, {60, 4}} {
		if testing.Short() && c.keys > 20 {
			continue
		}
		r := newRig(t, nil)
		sellers := issuers("issuer", c.keys)
		r.provision(sellers)
		r.boot()
		r.sellOnce(sellers, nil)
		for range 2 {
			r.rewrite()
			if got := r.count('C'); got != c.records {
				t.Errorf("counts of %d keys are in %d records, want %d", c.keys, got, c.records)
			}
			r.boot()
			r.used(sellers)
		}
	}
}

// What is counted is counted since the snapshot in force. Firmware with other roots
// brings other keys; when it is rolled back, the old ones have sold what they had.
func TestCountsAreKeptThroughAFirmwareOfOtherKeys(t *testing.T) {
	r := newRig(t, nil)
	before, after := issuers("before", 16), issuers("after", 5)
	all := snapshot(1)
	for _, s := range before {
		all.Delegations = append(all.Delegations, delegation(s, func(d *qrproto.Delegation) { d.Quota = 1 }))
	}
	if _, err := r.c.Accept(signed(t, all, root)); err != nil {
		t.Fatal(err)
	}
	ack := r.sellOnce(before, nil)
	old := r.device.Keys
	r.device.Keys = nil
	r.provision(after)
	r.boot()
	r.sellOnce(after, ack)
	r.rewrite()
	r.boot()
	r.used(after)
	r.device.Keys = old
	r.boot()
	r.used(before)
}

// Journals of before have up to 19 keys in one record.
func TestCountsOfOneLongRecordAreRead(t *testing.T) {
	r := newRig(t, nil)
	sellers := issuers("issuer", 19)
	r.provision(sellers)
	record := append([]byte{'C', 8 + 19*13}, make([]byte, 8)...)
	for _, s := range sellers {
		record = append(append(record, 0, 0, 0, 1, 8), s.ID...)
	}
	if err := r.journal.Append(record); err != nil {
		t.Fatal(err)
	}
	r.boot()
	r.used(sellers)
	if err := r.journal.Append(append(record, 0)); err != nil {
		t.Fatal(err)
	}
	_, err := charger.Open(r.device, r.journal, r.clock, nil)
	wants(t, "a byte behind the counts", err, charger.ErrRecord)
}

// A server that was set back says so in an order, once; the receipt of what it has
// lost is from before, whatever has become of the journal meanwhile.
func TestOldReceiptCountsForNothingOnceTheJournalIsRewritten(t *testing.T) {
	for _, c := range []struct {
		name      string
		meanwhile func(r *rig)
	}{
		{"a restart", (*rig).boot},
		{"rewritten", (*rig).rewrite},
		{"rewritten twice", func(r *rig) { r.rewrite(); r.rewrite() }},
		{"rewritten while a session runs", func(r *rig) {
			r.room(12 << 10)
			r.boot()
			r.accept(2, nil)
			r.hold(2)
			r.boot()
		}},
		{"rewritten, and the power cut before that is known", func(r *rig) {
			r.room(600)
			r.journal.Inject(settletest.FaultAfter)
			_, err := charger.Open(r.device, r.journal, r.clock, nil)
			wants(r.t, "open", err, charger.ErrJournal)
			r.room(1 << 20)
			r.boot()
		}},
		{"rewritten after sales without a display", func(r *rig) {
			r.options = sticker()
			r.boot()
			r.buy(2, 1, nil)
			r.rewrite()
			r.options = nil
			r.boot()
		}},
		{"rewritten after the server has gone further back", func(r *rig) {
			r.cancel(2, ackOf(r.t, r.settlements()[0]))
			r.cancel(2, nil)
			r.rewrite()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			_, s := r.sell(1, nil)
			old := r.receipt(s, ackOf(t, s))
			if _, err := r.c.Accept(old); err != nil {
				t.Fatal(err)
			}
			r.cancel(2, nil)
			c.meanwhile(r)
			if _, err := r.c.Accept(old); err != nil {
				t.Fatal(err)
			}
			if r.rewrite(); r.settlements()[0].Seq != 1 {
				t.Fatal("the device has forgotten what the server has lost")
			}
			last := lastOf(r.settlements())
			if _, err := r.c.Accept(r.receipt(last, ackOf(t, last))); err != nil {
				t.Fatal(err)
			}
			if r.rewrite(); r.settlements()[0].Seq != last.Seq {
				t.Error("the device keeps what a receipt of now says is stored")
			}
		})
	}
}
