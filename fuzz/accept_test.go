// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// fuzzedDevice is a charger that trusts the issuer of the vectors.
func fuzzedDevice(keys qrproto.KeyList) charger.Device {
	number := []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}
	device := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	return charger.Device{
		Number: number, Connectors: 2, Key: qrproto.Signer{ID: qrproto.DeviceKeyID(number, 9), Key: device},
		Secret: [32]byte{1}, Rand: zeros{}, Keys: keys,
	}
}

// zeros is randomness that can be repeated. The challenges are as hard to guess
// as the device's secret.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

var _ io.Reader = zeros{}

// issuerOf is the issuer of the vectors, and its key as a charger trusts it.
func issuerOf(all map[string]positive) (qrproto.KeyList, qrproto.Signer) {
	signer := all["order-usual"].Signer.signer()
	return qrproto.KeyList{{ID: signer.ID, Public: signer.Key.Public(),
		Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}}, signer
}

// FuzzAccept gives a charger whatever a scanner could read. No text of anybody
// but the issuer who has seen its screen is taken.
func FuzzAccept(f *testing.F) {
	vectors := load[positive](f, "positive")
	for _, v := range vectors {
		f.Add(v.Text)
		f.Add(v.Link)
	}
	for _, v := range load[negative](f, "negative") {
		f.Add(v.Text)
	}
	keys, _ := issuerOf(vectors)
	journal, clock := settletest.NewJournal(1<<20), &settletest.Clock{}
	c, err := charger.Open(fuzzedDevice(keys), journal, clock, nil)
	if err != nil {
		f.Fatal(err)
	}
	shown, writes := [2]charger.Do{c.Do(1), c.Do(2)}, journal.Writes()
	f.Fuzz(func(t *testing.T, text string) {
		_, err := c.Accept(text)
		if err == nil || qrproto.CodeOf(err) == qrproto.ErrOther {
			t.Fatalf("accepted, or refused without a code: %v", err)
		}
		if journal.Writes() != writes || [2]charger.Do{c.Do(1), c.Do(2)} != shown {
			t.Fatalf("a text that was refused with %v changed something", err)
		}
	})
}

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

// booth is a charger, and somebody who has the issuer's key.
type booth struct {
	t        testing.TB
	device   charger.Device
	signer   qrproto.Signer
	keys     qrproto.KeyList // of the device
	c        *charger.Charger
	journal  *settletest.Journal
	clock    *settletest.Clock
	accepted [2]bool // an order since the last restart
	register int64
	tariff   []byte
}

func (b *booth) open() {
	c, err := charger.Open(b.device, b.journal, b.clock, nil)
	if err != nil {
		b.t.Fatalf("does not open any more: %v", err)
	}
	b.c, b.accepted = c, [2]bool{}
}

// order is a start order, most of which fits.
func (b *booth) order(in *fuzzed) *qrproto.StartOrder {
	n := int(in.byte()%3) + 1
	o := &qrproto.StartOrder{
		ID: qrproto.OrderID{in.byte()}, Charger: b.device.Number, Connector: uint8(n), Challenge: qrproto.Challenge{Counter: 1},
		Issued: 1_800_000_000, Window: 180, Tariff: b.tariff, Scale: 2, Funding: qrproto.FundingHold,
	}
	if id, err := qrproto.As[*qrproto.Identity](qrproto.Open(b.c.Do(min(n, 2)).Text, b.keys)); err == nil {
		o.Challenge = id.Challenge
		if h := id.Head; h != nil && in.byte()%4 != 0 {
			o.Ack = &qrproto.Ack{Seq: h.Seq, Sum: h.Sum}
		}
	}
	for range in.byte() % 4 {
		b.change(o, in)
	}
	return o
}

// change makes one field of an order what the script says.
func (b *booth) change(o *qrproto.StartOrder, in *fuzzed) {
	switch in.byte() % 12 {
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
func (b *booth) scan(p qrproto.Payload) {
	code, err := qrproto.Seal(p, b.signer)
	if err != nil {
		return // no issuer's program would have signed it
	}
	writes := b.journal.Writes()
	n, err := b.c.Accept(code.Text())
	switch {
	case err == nil || errors.Is(err, charger.ErrJournal): // which may count late
		if p.Kind() == qrproto.KindStartOrder {
			b.accepted[n-1] = true
		}
	case b.journal.Writes() != writes:
		b.t.Fatalf("refused with %v, and written", err)
	}
	b.typed(err)
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
	switch in.byte() % 8 {
	case 0:
		b.scan(b.order(in))
	case 1:
		b.scan(b.receipt(in))
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
	}
}

// lives are scripts for FuzzAcceptOrder, and how many settlements each leaves.
// In bytes: a connector, what happens, and what that takes.
var lives = []struct {
	script  []byte
	settled uint32
}{
	{nil, 0},
	// An order, the plug, two readings, the button, the plug out, the receipt.
	{[]byte{0, 0, 0, 1, 0, 0, 4, 1, 10, 20, 0, 2, 1, 50, 20, 0, 5, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2}, 1},
	// An order, 100 s without a plug, a look.
	{[]byte{0, 0, 0, 1, 0, 0, 6, 100, 0, 2, 0, 0, 0}, 1},
	// An order for 200 mWh, the plug, readings up to it and above, a restart.
	{[]byte{0, 0, 0, 1, 1, 5, 1, 200, 0, 4, 1, 10, 20, 0, 2, 1, 200, 20, 0, 2, 1, 200, 20, 0, 7, 0}, 1},
	// An order whose acceptance is lost, one that fails late, the plug, a restart.
	{[]byte{0, 7, 1, 0, 0, 0, 1, 0, 0, 7, 2, 0, 0, 0, 1, 0, 0, 4, 1, 1, 1, 0, 7, 0}, 1},
	// Both connectors at once, the first limited in money, and a cut.
	{[]byte{0, 0, 0, 1, 1, 6, 0, 0, 0, 9, 1, 0, 1, 2, 0, 0, 4, 1, 10, 20, 1, 4, 1, 10, 20, 0, 2, 1, 240, 255, 20, 0, 7, 0}, 2},
}

// newBooth is a booth in front of a new charger.
func newBooth(t testing.TB, vectors map[string]positive) *booth {
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
	keys, signer := issuerOf(vectors)
	return &booth{t: t, device: fuzzedDevice(keys), signer: signer, tariff: encoded}
}

func TestLivesReachWhatTheyAreMeantTo(t *testing.T) {
	vectors := load[positive](t, "positive")
	for i, life := range lives {
		b := newBooth(t, vectors)
		if b.live(life.script); b.c.Head().Seq != life.settled {
			t.Errorf("life %d: %d settlements, want %d", i, b.c.Head().Seq, life.settled)
		}
	}
}

// FuzzAcceptOrder plays a charger's life from a script: orders and receipts of
// the true issuer, readings, faults, restarts.
func FuzzAcceptOrder(f *testing.F) {
	for _, life := range lives {
		f.Add(life.script)
	}
	fresh := newBooth(f, load[positive](f, "positive"))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) <= 128 {
			b := *fresh
			b.t = t
			b.live(script)
		}
	})
}

// live plays a script from an empty journal to a last restart.
func (b *booth) live(script []byte) {
	own := b.device.Key
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
