// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// fuzzed reads a script byte by byte; past its end there are zeros.
type fuzzed struct{ rest []byte }

func (b *fuzzed) byte() byte {
	if len(b.rest) == 0 {
		return 0
	}
	first := b.rest[0]
	b.rest = b.rest[1:]
	return first
}

// number is small as a rule, and now and then anything.
func (b *fuzzed) number() int64 {
	switch first := b.byte(); {
	case first < 0xf0:
		return int64(first)
	case first < 0xf8:
		return int64(first)<<8 | int64(b.byte())
	default:
		var n int64
		for range 8 {
			n = n<<8 | int64(b.byte())
		}
		return n
	}
}

// booth is a charger, and somebody who has the keys of a root, of an issuer, and
// of a clerk whom only a snapshot can make one.
type booth struct {
	t        testing.TB
	device   charger.Device
	options  *charger.Options
	root     qrproto.Signer
	issuer   qrproto.Signer
	clerk    qrproto.Signer
	keys     qrproto.KeyList // of the device
	c        *charger.Charger
	journal  *settletest.Journal
	clock    *settletest.Clock
	accepted [2]bool        // an order since the last restart
	running  [2]qrproto.Ref // the order that was accepted last
	register int64
	tariff   []byte
	law
}

func (b *booth) open() {
	c, err := charger.Open(b.device, b.journal, b.clock, b.options)
	if err != nil {
		b.t.Fatalf("does not open any more: %v", err)
	}
	b.c, b.accepted = c, [2]bool{}
}

// order is a start order, most of which fits.
func (b *booth) order(in *fuzzed) (*qrproto.StartOrder, qrproto.Signer) {
	n := int(in.byte()%3) + 1
	o := &qrproto.StartOrder{
		ID: qrproto.OrderID{in.byte()}, Charger: b.device.Number, Connector: uint8(n), Challenge: qrproto.Challenge{Counter: 1},
		Issued: 1_800_000_000, Window: 180, Tariff: b.tariff, Scale: 2, Funding: qrproto.FundingHold,
	}
	if id, err := qrproto.As[*qrproto.Identity](qrproto.Open(b.c.Do(min(n, 2)).Text, b.keys)); err == nil {
		o.Challenge, o.Epoch = id.Challenge, id.Epoch
		if h := id.Head; h != nil && in.byte()%4 != 0 {
			o.Ack = &qrproto.Ack{Seq: h.Seq, Sum: h.Sum}
		}
	}
	if b.options != nil {
		b.unseen(o, in)
	}
	by := b.issuer
	for range in.byte() % 4 {
		if what := in.byte() % 13; what < 12 {
			b.change(o, what, in)
		} else {
			by, o.Limits = b.clerk, &qrproto.Limits{Amount: in.number()}
		}
	}
	return o, by
}

// change makes one field of an order what the script says.
func (b *booth) change(o *qrproto.StartOrder, what byte, in *fuzzed) {
	switch what {
	case 0:
		o.Challenge.Counter = uint32(in.number())
	case 1:
		o.Challenge.Nonce[in.byte()%8] ^= in.byte()
	case 2:
		o.Issued = in.number()
	case 3:
		o.Held = uint16(in.number())
	case 4:
		o.Window = uint16(in.number())
	case 5:
		o.Target = &qrproto.Target{Kind: qrproto.TargetKind(in.byte() % 6), Value: in.number()}
	case 6:
		o.Limits = &qrproto.Limits{Energy: in.number(), Volume: in.number(), Duration: in.number(), Amount: in.number()}
	case 7:
		o.Offsets = qrproto.Offsets{in.number(), in.number(), in.number()}
	case 8:
		o.Ack = &qrproto.Ack{Seq: uint32(in.number())}
	case 9:
		o.Uncertainty, o.Epoch = uint16(in.number()), uint32(in.byte()%2)
	case 10:
		o.Scale = in.byte() % 8
	case 11:
		o.Tariff = append(bytes.Clone(o.Tariff), in.byte())
	}
}

// receipt is one for the last settlement of a connector, or nearly.
func (b *booth) receipt(in *fuzzed) *qrproto.Receipt {
	r := &qrproto.Receipt{Time: 1_800_000_000}
	text, _ := b.c.Again(int(in.byte()%2) + 1) // "" before the first, which does not open
	o, err := qrproto.Open(text, b.keys)
	if s, err := qrproto.As[*qrproto.Settlement](o, err); err == nil {
		r.Settlement, r.Ack = o.Sum.Ref(), &qrproto.Ack{Seq: s.Seq, Sum: o.Sum.Short()}
	}
	switch in.byte() % 8 {
	case 0:
		r.Settlement[in.byte()%16] ^= in.byte()
	case 1:
		r.Ack = &qrproto.Ack{Seq: uint32(in.number())}
	}
	return r
}

// scan signs a payload and shows it.
func (b *booth) scan(p qrproto.Payload, by qrproto.Signer) {
	code, err := qrproto.Seal(p, by)
	if err != nil {
		return // nobody's program would have signed it
	}
	b.show(code.Text(), p, by)
}

// show shows a code, which says p.
func (b *booth) show(text string, p qrproto.Payload, by qrproto.Signer) {
	writes := b.journal.Writes()
	n, err := b.c.Accept(text)
	b.typed(err)
	late := errors.Is(err, charger.ErrJournal) // it may count later
	if err != nil && !late {
		if b.journal.Writes() != writes {
			b.t.Fatalf("refused with %v, and written", err)
		}
		return
	}
	switch p := p.(type) {
	case *qrproto.StartOrder:
		b.accepted[n-1], b.running[n-1] = true, orderHash(b.t, p)
	case *qrproto.Trust:
		b.shown[p.Epoch] = p
	}
	if b.follow(); !late {
		b.lawful(p, by)
	}
}

func orderHash(t testing.TB, o *qrproto.StartOrder) qrproto.Ref {
	sum, err := qrproto.Sum(o)
	if err != nil {
		t.Fatal(err)
	}
	return sum.Ref()
}

func (b *booth) typed(err error) {
	if err != nil && qrproto.CodeOf(err) == qrproto.ErrOther {
		b.t.Fatalf("an error without a code: %v", err)
	}
}

func (b *booth) reading(in *fuzzed) charger.Reading {
	flags := in.byte()
	if b.register += in.number(); flags&8 != 0 {
		b.register = in.number()
	}
	return charger.Reading{
		Reading: tariff.Reading{Energy: b.register, Power: int32(in.number()), Phase: tariff.Phase(flags >> 4 & 3)},
		Plugged: flags&1 != 0, Relay: flags&2 != 0,
	}
}

// step does what the script says next.
func (b *booth) step(in *fuzzed) {
	n := int(in.byte()%2) + 1
	switch in.byte() % 10 {
	case 0:
		b.scan(b.order(in))
	case 1:
		b.scan(b.receipt(in), b.issuer)
	case 2, 3:
		b.typed(b.c.Meter(n, b.reading(in)))
	case 4:
		b.typed(b.c.Start(n, b.reading(in)))
	case 5:
		b.typed(b.c.Stop(n, b.reading(in), qrproto.StopReason(in.byte())))
	case 6:
		b.clock.Advance(time.Duration(in.number()&(1<<27-1)) * time.Second) // up to four years
	case 7:
		switch in.byte() % 4 {
		case 0:
			b.journal = b.journal.Snapshot()
			b.open()
		case 1:
			b.journal.Inject(settletest.FaultLost)
		case 2:
			b.journal.Inject(settletest.FaultAfter)
		}
	case 8:
		b.scan(b.snapshot(in), b.root)
	case 9:
		b.stop(in)
	}
}

// newBooth is a booth in front of a new charger.
func newBooth(t testing.TB) *booth {
	t.Helper()
	price, err := tariff.FromGrid(tariff.Grid{Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Flat, Electricity: 120, Service: 40}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := qrproto.EncodeTariff(price)
	if err != nil {
		t.Fatal(err)
	}
	root, issuer, clerk := newRepairer('T'), newRepairer('O'), newRepairer('C')
	sells := []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindStopOrder, qrproto.KindReceipt}
	return &booth{
		t: t, tariff: encoded, device: fuzzedDevice(qrproto.KeyList{
			{ID: "root", Public: root.public, Kinds: []qrproto.Kind{qrproto.KindTrust}},
			{ID: "issuer", Public: issuer.public, Kinds: sells},
		}),
		root: qrproto.Signer{ID: "root", Key: root}, issuer: qrproto.Signer{ID: "issuer", Key: issuer}, clerk: qrproto.Signer{ID: "clerk", Key: clerk},
	}
}

// live plays a script from an empty journal to a last restart.
func (b *booth) live(script []byte) {
	own := b.device.Key
	b.law = law{shown: map[uint32]*qrproto.Trust{}, sold: map[qrproto.KeyID]uint32{}}
	b.journal, b.clock = settletest.NewJournal(16<<10), &settletest.Clock{}
	b.keys = qrproto.KeyList{{ID: own.ID, Public: own.Key.Public(), Number: b.device.Number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}}
	b.open()
	for in := (&fuzzed{script}); len(in.rest) > 0; {
		b.step(in)
		b.levels()
	}
	b.journal = b.journal.Snapshot()
	b.open()
	b.levels()
}

// levels: a relay is closed only for an order that was accepted in this boot.
func (b *booth) levels() {
	b.follow()
	for n := range b.accepted {
		d := b.c.Do(n + 1)
		if d.Relay && !b.accepted[n] {
			b.t.Fatalf("connector %d: %+v without an order", n+1, d)
		}
		if d.Relay && d.Screen != charger.ScreenCharging || d.Wake < b.clock.Up {
			b.t.Fatalf("connector %d: %+v", n+1, d)
		}
	}
}

// fuzz plays a life from each script, in a booth as this one is now.
func (b *booth) fuzz(f *testing.F) {
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) <= 128 {
			b := *b
			b.t = t
			b.live(script)
		}
	})
}
