// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// Device is what the server knows of one device.
type Device struct {
	Charger []byte // its number
	Version uint64 // from 1 on, one more with each change; 0 was never seen
	// Chain is the highest record up to which every one is stored and the chain
	// holds: what receipts acknowledge, and orders as far as the device that they
	// are for knows of it.
	Chain settle.Head
	// Contested is the lowest seq at which the chain is disputed: two records
	// claim it, the next one or an identity names another, its total does not
	// follow, or the device has restarted and does not know it. Chain stays below
	// until an operator decides. 0 is none.
	Contested uint32
	Records   uint64       // stored, forks included
	Log       qrproto.Hash // over those records in the order in which they came
	// Newest is the latest identity, by boot, then counter, without its
	// records. Alarms, open orders and what the device holds count only from
	// here. nil before the first.
	Newest *qrproto.Identity
	// Generation is that of the key which has signed Newest. What a lower one
	// signs does not count any more: whoever has an old key could show a boot that
	// the device never reaches.
	Generation uint8
	// Sights are the identities on which an order could still be issued, by the
	// moment at which the server saw them first.
	Sights []Sight
	// Sold is the number of the last order that was signed for a device without a
	// display, and Sale that order; see Sell. The device takes none of a number that it has passed:
	// where the store is set back to an older copy, raise Sold before anything is
	// sold there again.
	Sold uint32
	Sale qrproto.OrderID
	// Epoch is that of the snapshot of trust under which it was last sold there,
	// and Before how many numbers up to Sold do not count against its quota: those
	// from before that epoch.
	Epoch, Before uint32
}

// Sight is the first time that the server saw an identity.
type Sight struct {
	Sum     qrproto.Hash // of the identity
	Boot    uint32
	Counter uint32
	At      int64 // Unix ns
}

// maxSights is more than a device of 16 connectors can show in the 11 minutes
// for which one lives, at one per connector and 45 s. A device that shows more
// loses its oldest ones.
const maxSights = 512

// Clone returns a copy that shares nothing that can be changed.
func (d *Device) Clone() *Device {
	c := *d
	c.Charger, c.Sights = bytes.Clone(d.Charger), slices.Clone(d.Sights)
	if d.Newest != nil {
		c.Newest = cloneIdentity(d.Newest)
	}
	return &c
}

func cloneIdentity(i *qrproto.Identity) *qrproto.Identity {
	c := *i
	c.Number, c.Ext, c.Head = bytes.Clone(i.Number), cloneExt(i.Ext), clonePointer(i.Head)
	c.Tariffs, c.Open = bytes.Clone(i.Tariffs), bytes.Clone(i.Open)
	c.Records = slices.Clone(i.Records)
	for n := range c.Records {
		c.Records[n] = bytes.Clone(c.Records[n])
	}
	return &c
}

// headOf is the seq of the last settlement that an identity knows of, 0 for
// none.
func headOf(i *qrproto.Identity) uint32 {
	if i.Head == nil {
		return 0
	}
	return i.Head.Seq
}

// ack is all that may be acknowledged, nil for nothing.
func (d *Device) ack() *qrproto.Ack {
	if d.Chain.Seq == 0 {
		return nil
	}
	return &qrproto.Ack{Seq: d.Chain.Seq, Sum: d.Chain.Sum.Short()}
}

// firstSight returns when the identity of this hash was first seen.
func (d *Device) firstSight(sum qrproto.Hash) (at int64, ok bool) {
	for i := range d.Sights {
		if d.Sights[i].Sum == sum {
			return d.Sights[i].At, true
		}
	}
	return 0, false
}

// succeed takes in under which generation of its keys a device signs. At a higher
// one than before, what the lower ones have shown is forgotten.
func (d *Device) succeed(generation uint8) error {
	if generation > d.Generation {
		d.Generation, d.Newest, d.Sights = generation, nil, nil
	}
	return d.retired(generation)
}

// retired refuses a key that the device has replaced since.
func (d *Device) retired(generation uint8) error {
	if generation < d.Generation {
		return fail(ErrRetired, "key %d of device %x, which has key %d", generation, d.Charger, d.Generation)
	}
	return nil
}

// see notes a verified identity. It returns false where nothing changes: the
// identity was seen before, or is stale and of no further use.
func (d *Device) see(i *qrproto.Identity, sum qrproto.Hash, now int64) bool {
	if _, ok := d.firstSight(sum); ok || d.stale(i.Boot, i.Challenge.Counter) {
		return false
	}
	if d.newer(i) {
		d.Newest = cloneIdentity(i)
		d.Newest.Records = nil
	}
	d.Sights = append(d.Sights, Sight{sum, i.Boot, i.Challenge.Counter, now})
	d.Sights = slices.DeleteFunc(d.Sights, func(s Sight) bool { return d.stale(s.Boot, s.Counter) })
	if n := len(d.Sights) - maxSights; n > 0 {
		d.Sights = slices.Delete(d.Sights, 0, n)
	}
	return true
}

// stale tells whether a newer identity shows that the device takes no order on
// this one any more. Sights that are stale can be forgotten: Issue refuses them
// by the same rule.
func (d *Device) stale(boot, counter uint32) bool {
	n := d.Newest
	return n != nil && (boot < n.Boot || boot == n.Boot && counter < n.Oldest())
}

func (d *Device) newer(i *qrproto.Identity) bool {
	n := d.Newest
	return n == nil || i.Boot > n.Boot || i.Boot == n.Boot && i.Challenge.Counter > n.Challenge.Counter
}

// logged returns the log after one more record.
func logged(log, sum qrproto.Hash) qrproto.Hash {
	const domain = "qrcharge/log/1"
	b := append(append([]byte(domain), log[:]...), sum[:]...)
	return sha256.Sum256(b)
}

// Anchor recomputes the anchor that a receipt bears from the records of its
// device, as Store.Records returns them: those with an Index below n. Each
// record's hash is chained to those received before, so that records exchanged
// or removed later contradict the receipts in other hands. Receipts name no n;
// an auditor tries each.
func Anchor(records []Record, n uint64) qrproto.Anchor {
	sorted := slices.Clone(records)
	slices.SortFunc(sorted, func(a, b Record) int {
		switch {
		case a.Index < b.Index:
			return -1
		case a.Index > b.Index:
			return 1
		}
		return 0
	})
	var log qrproto.Hash
	for _, r := range sorted {
		if r.Index < n {
			log = logged(log, r.Sum)
		}
	}
	return qrproto.Anchor(log[:12])
}

func (d *Device) anchor() *qrproto.Anchor {
	a := qrproto.Anchor(d.Log[:12])
	return &a
}
