// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"math/big"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// law is what a booth knows of whom its charger has to trust.
type law struct {
	force *qrproto.Trust            // the snapshot in force, nil for none
	shown map[uint32]*qrproto.Trust // taken, or perhaps, by epoch
	sold  map[qrproto.KeyID]uint32  // orders accepted under it, at least
	rank  [2]uint32                 // epoch and number of the last order without a challenge
}

// follow takes in which snapshot is in force. The epoch only ever rises, to that
// of a snapshot that was taken.
func (b *booth) follow() {
	was, is := b.epoch(), b.c.Epoch()
	switch next := b.shown[is]; {
	case is == was:
	case is < was || next == nil:
		b.t.Fatalf("epoch %d after %d", is, was)
	default:
		b.force = next
		clear(b.sold)
	}
}

func (b *booth) epoch() uint32 {
	if b.force == nil {
		return 0
	}
	return b.force.Epoch
}

// snapshot is one for the issuer and the clerk, in bounds that a script says. An
// epoch is often the next, and may be the one in force.
func (b *booth) snapshot(in *fuzzed) *qrproto.Trust {
	s := &qrproto.Trust{Epoch: b.c.Epoch() + 1}
	if step := in.byte() % 8; step > 4 {
		s.Epoch = b.c.Epoch() + uint32(step) - 6
	}
	if in.byte()%4 == 3 {
		s.Least = s.Epoch
	}
	for _, key := range []qrproto.Signer{b.clerk, b.issuer} {
		if bounds := in.byte(); bounds < 0xf0 {
			s.Delegations = append(s.Delegations, b.delegated(key, bounds, in))
		}
	}
	return s
}

// delegated is the delegation of a key; no bits are no bounds.
func (b *booth) delegated(key qrproto.Signer, bits byte, in *fuzzed) qrproto.Delegation {
	d := qrproto.Delegation{ID: []byte(key.ID), Public: key.Key.(*repairer).public, Rights: 15}
	if bits&1 != 0 {
		d.Quota = uint32(in.byte() % 4)
	}
	if bits&2 != 0 {
		d.Currency, d.Amount = "CNY", in.number()
	}
	if bits&4 != 0 {
		d.Currency = [...]tariff.Currency{"CNY", "EUR"}[in.byte()%2]
	}
	if bits&8 != 0 {
		d.Fleet = append(bytes.Clone(b.device.Number[:in.byte()%7]), in.byte())
	}
	if bits&16 != 0 {
		d.Rights = qrproto.Rights(in.byte() % 16)
	}
	return d
}

// stop shows a stop order for what was accepted last, or nearly. What has ended
// is not ended twice.
func (b *booth) stop(in *fuzzed) {
	x, by := &qrproto.StopOrder{Order: b.running[in.byte()%2]}, b.issuer
	switch in.byte() % 8 {
	case 0:
		x.Order[in.byte()%16] ^= in.byte()
	case 1:
		by = b.clerk
	}
	b.scan(x, by)
}

// lawful holds what was accepted against what its signer may do.
func (b *booth) lawful(p qrproto.Payload, by qrproto.Signer) {
	d := b.delegation(by)
	right := map[qrproto.Kind]qrproto.Rights{qrproto.KindStartOrder: qrproto.RightOrder, qrproto.KindStopOrder: qrproto.RightStop,
		qrproto.KindReceipt: qrproto.RightReceipt}[p.Kind()]
	if right != 0 && (d == nil || d.Rights&right == 0 || !bytes.HasPrefix(b.device.Number, d.Fleet)) {
		b.t.Fatalf("%v took %+v, under %+v", by.ID, p, b.force)
	}
	switch p := p.(type) {
	case *qrproto.StartOrder:
		b.lawfulOrder(p, d)
	case *qrproto.StopOrder:
		b.stopped(p, by)
	}
}

// delegation is that of a key in force; the issuer has all rights before the
// first snapshot.
func (b *booth) delegation(by qrproto.Signer) *qrproto.Delegation {
	if b.force == nil && by.ID == b.issuer.ID {
		return &qrproto.Delegation{Rights: 15}
	}
	if b.force != nil {
		for i := range b.force.Delegations {
			if d := &b.force.Delegations[i]; string(d.ID) == string(by.ID) {
				return d
			}
		}
	}
	return nil
}

func (b *booth) lawfulOrder(o *qrproto.StartOrder, d *qrproto.Delegation) {
	id := qrproto.KeyID(d.ID)
	switch {
	case o.Epoch > b.epoch() || b.force != nil && o.Epoch < b.force.Least:
	case d.Currency != "" && d.Currency != "CNY": // that of the booth's tariff
	case d.Quota > 0 && b.sold[id] >= d.Quota:
	case d.Amount > 0 && (o.Limits == nil || o.Limits.Amount == 0 || above(o.Limits.Amount, o.Scale, d.Amount)):
	case o.Ack != nil && d.Rights&qrproto.RightAcknowledge == 0:
	case o.Sticker() != (b.options != nil) || o.Sticker() && !b.rises(o):
	default:
		b.sold[id]++
		return
	}
	b.t.Fatalf("accepted %+v beyond %+v, %d sold, under %+v", o, d, b.sold[id], b.force)
}

// above compares an amount at a scale with one in fen, 1/100.
func above(amount int64, scale uint8, fen int64) bool {
	a, b := big.NewInt(amount), big.NewInt(fen)
	a.Mul(a, big.NewInt(100))
	b.Mul(b, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	return a.Cmp(b) > 0
}

// stopped: what a stop order names has ended, and is not ended again.
func (b *booth) stopped(x *qrproto.StopOrder, by qrproto.Signer) {
	for n, order := range b.running {
		if order == x.Order && b.c.Do(n+1).Relay {
			b.t.Fatalf("connector %d goes on after %+v", n+1, x)
		}
	}
	code, err := qrproto.Seal(x, by)
	if err != nil {
		b.t.Fatal(err)
	}
	writes := b.journal.Writes()
	if n, err := b.c.Accept(code.Text()); err == nil || b.journal.Writes() != writes {
		b.t.Fatalf("connector %d is stopped twice", n)
	}
}
