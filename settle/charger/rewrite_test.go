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

// rewrite switches the power off, and on over a journal with room for little more:
// it is rewritten, as others are when they are full.
func (r *rig) rewrite() {
	r.t.Helper()
	var used int64
	for record := range r.journal.Records() {
		used += int64(len(record)) + 16
	}
	full := settletest.NewJournal(used + 600)
	for record := range r.journal.Records() {
		if err := full.Append(record); err != nil {
			r.t.Fatal(err)
		}
	}
	r.journal = full
	before := full.Writes()
	if r.boot(); full.Writes() < before+2 { // the records, and the boot
		r.t.Fatal("not rewritten")
	}
}

func TestCountsOfAnyNumberOfKeysAreKept(t *testing.T) {
	for _, c := range []struct{ keys, records int }{{1, 1}, {16, 1}, {17, 2}, {19, 2}, {20, 2}, {32, 2}, {33, 3}, {60, 4}} {
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
