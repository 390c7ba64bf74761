// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// busy is a booth whose charger has settled a sale at its first connector, and
// is to begin another at its second.
type busy struct {
	*booth
	image  *settletest.Journal
	second *qrproto.StartOrder
}

func newBusy(t testing.TB) busy {
	b := busy{booth: newBooth(t)}
	b.live([]byte{0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 4, 1, 10, 20, 0, 2, 1, 50, 20, 0, 5, 1, 0, 0, 1, 0, 2, 0, 0, 0})
	b.image = b.journal.Snapshot()
	b.restore()
	b.second, _ = b.order(&fuzzed{[]byte{1, 2, 1, 0}})
	return b
}

// at returns the same over a journal of its own, for another test.
func (b busy) at(t testing.TB) busy {
	own := *b.booth
	own.t = t
	b.booth = &own
	return b
}

// restore switches the charger on, at uptime 0. Each time it shows the same.
func (b *busy) restore() {
	b.journal, b.clock = b.image.Snapshot(), &settletest.Clock{}
	b.law = law{shown: map[uint32]*qrproto.Trust{}, sold: map[qrproto.KeyID]uint32{}, force: b.force}
	b.open()
	b.c.Do(1)
	b.c.Do(2)
}

// begin switches the charger on and starts what was ordered.
func (b *busy) begin() {
	b.restore()
	b.scan(b.second, b.issuer)
	b.typed(b.c.Start(2, b.reading(&fuzzed{[]byte{1, 10, 20}})))
	if !b.c.Do(2).Relay {
		b.t.Fatal("nothing flows")
	}
}

// takes are what it takes then: an order for the first connector, the receipt, a
// snapshot, a stop order.
func (b *busy) takes() []qrproto.Payload {
	b.restore()
	first, _ := b.order(&fuzzed{[]byte{0, 3, 1, 0}})
	return []qrproto.Payload{first, b.receipt(&fuzzed{[]byte{0, 2}}), b.snapshot(&fuzzed{}), &qrproto.StopOrder{Order: orderHash(b.t, b.second)}}
}

// signerOf is who may sign a kind.
func (b *booth) signerOf(kind qrproto.Kind) qrproto.Signer {
	if kind == qrproto.KindTrust {
		return b.root
	}
	return b.issuer
}

func TestABusyChargerTakesWhatItWouldTake(t *testing.T) {
	b := newBusy(t)
	for _, p := range b.takes() {
		b.begin()
		code, err := qrproto.Seal(p, b.signerOf(p.Kind()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.c.Accept(code.Text()); err != nil {
			t.Errorf("%v: %v", p.Kind(), err)
		}
	}
}

// FuzzAcceptPayload changes what a busy charger would take, byte by byte and
// field by field, signs it by a key that is trusted for it, shows it twice, and
// cuts the power.
func FuzzAcceptPayload(f *testing.F) {
	fresh := newBusy(f)
	var payloads [][]byte
	add := func(kind qrproto.Kind, payload []byte) {
		f.Add(byte(kind), payload, []byte{})
		payloads = append(payloads, payload)
	}
	for _, p := range fresh.takes() {
		code, err := qrproto.Seal(p, fresh.issuer)
		if err != nil {
			f.Fatal(err)
		}
		add(p.Kind(), payloadIn(code.Bytes()))
	}
	for _, kind := range []qrproto.Kind{qrproto.KindTrust, qrproto.KindStopOrder, qrproto.KindVoucher} {
		for _, payload := range payloadsOf(f, kind) {
			add(kind, payload)
		}
	}
	d := donorsOf(payloads)
	f.Fuzz(func(t *testing.T, kind byte, payload, script []byte) {
		b := fresh.at(t)
		b.begin()
		for range 2 {
			b.showBytes(kind, d.edit(payload, script))
			b.levels()
		}
		b.journal = b.journal.Snapshot()
		b.open()
		b.levels()
	})
}

// showBytes signs whatever it is and shows it. What nobody could open, the
// charger takes no more.
func (b *booth) showBytes(kind byte, payload []byte) {
	by := b.signerOf(qrproto.Kind(kind))
	key := by.Key.(*repairer)
	text := textOf(kind, key.seal(kind, by.ID, payload))
	o, err := qrproto.Open(text, qrproto.KeyList{{ID: by.ID, Public: key.public, Kinds: []qrproto.Kind{qrproto.Kind(kind)}}})
	if err == nil {
		b.show(text, o.Payload, by)
		return
	}
	writes := b.journal.Writes()
	if _, err := b.c.Accept(text); err == nil || qrproto.CodeOf(err) == qrproto.ErrOther || b.journal.Writes() != writes {
		b.t.Fatalf("accepted, written, or refused without a code: %v", err)
	}
}
