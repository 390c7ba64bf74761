// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/binary"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

func testKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

func agreementKey(t testing.TB, seed byte) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(slices.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var issuer = qrproto.Signer{ID: "iss1", Key: testKey(2)}

func issuerKeys() qrproto.KeyList {
	return qrproto.KeyList{{ID: issuer.ID, Public: testKey(2).Public(),
		Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}}
}

// counter is a source of ids that never repeat and are known beforehand.
type counter struct{ n atomic.Uint64 }

func (c *counter) Read(b []byte) (int, error) {
	return copy(b, binary.BigEndian.AppendUint64(nil, c.n.Add(1))), nil
}

// clock is a time that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

// noon is 2026-11-22 12:00:00 UTC.
var noon = time.Unix(1795348800, 0)

// flat is 0.90 and 0.10 yuan a kWh all day: 1.00 in sum, so that amounts are
// easy to foretell.
func flat(t testing.TB, electricity int64) *tariff.Tariff {
	t.Helper()
	g := tariff.Grid{
		Scale:    2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates:    []tariff.GridRate{{Name: tariff.Flat, Electricity: electricity, Service: 10}},
	}
	out, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func yuan(fen int64) tariff.Money { return tariff.Money{Units: fen, Scale: 2, Currency: "CNY"} }

// directory is an operator's, in memory.
type directory struct {
	keys  qrproto.KeyList
	site  *server.Site
	terms server.Terms
	gone  bool // no device is enrolled
	err   error
}

func (d *directory) Key(id qrproto.KeyID) (*qrproto.Key, error) { return d.keys.Key(id) }

func (d *directory) Site(context.Context, []byte) (*server.Site, error) {
	if d.gone {
		return nil, server.ErrNotEnrolled
	}
	return d.site, nil
}

func (d *directory) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	terms := d.terms
	return &terms, d.err
}

// shop is a server with all that belongs to it.
type shop struct {
	*server.Server
	t         testing.TB
	store     server.Store
	clock     *clock
	directory *directory
	provider  *settletest.Provider
	device    *device
}

func newShop(t testing.TB, script ...settletest.PaymentFault) *shop {
	t.Helper()
	c := &clock{noon}
	d := newDevice(t, 1)
	s := &shop{
		t: t, store: settletest.NewStore(), clock: c, device: d,
		directory: &directory{
			keys:  qrproto.KeyList{d.key()},
			site:  &server.Site{Zone: time.FixedZone("", 8*3600), Name: "North gate"},
			terms: server.Terms{Tariff: flat(t, 90), Hold: yuan(10000)},
		},
		provider: settletest.NewProvider(settletest.ProviderOptions{Now: c.now, Balance: yuan(100_000), Script: script}),
	}
	s.Server = &server.Server{Store: s.store, Issuer: issuer, Directory: s.directory, Payments: s.provider, Now: c.now, Rand: &counter{}}
	return s
}

// device builds by hand what a charger signs.
type device struct {
	t       testing.TB
	number  []byte
	secret  ed25519.PrivateKey
	boot    uint32
	counter uint32
	chain   settle.Head
}

func newDevice(t testing.TB, n byte) *device {
	return &device{t: t, number: []byte{0x32, 0x01, n}, secret: testKey(100 + n), boot: 7}
}

func (d *device) signer() qrproto.Signer {
	return qrproto.Signer{ID: qrproto.DeviceKeyID(d.number, 1), Key: d.secret}
}

func (d *device) key() qrproto.Key {
	return qrproto.Key{ID: qrproto.DeviceKeyID(d.number, 1), Public: d.secret.Public(), Number: d.number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}
}

func (d *device) seal(p qrproto.Payload) string {
	d.t.Helper()
	code, err := qrproto.Seal(p, d.signer())
	if err != nil {
		d.t.Fatal(err)
	}
	return code.Text()
}

// identity is the next one that the device shows, on connector 1.
func (d *device) identity() *qrproto.Identity {
	d.counter++
	i := &qrproto.Identity{
		Number: d.number, Connector: 1, Place: "A07", Boot: d.boot, Rules: 1, Back: d.counter - 1,
		Challenge: qrproto.Challenge{Counter: d.counter, Nonce: [8]byte{1, 2, 3, byte(d.counter)}},
	}
	if d.chain.Seq > 0 {
		i.Head = &qrproto.Head{Seq: d.chain.Seq, Sum: d.chain.Sum.Short(), Total: d.chain.Total}
	}
	return i
}

// show seals the next identity after it was changed by edits.
func (d *device) show(edits ...func(*qrproto.Identity)) string {
	d.t.Helper()
	i := d.identity()
	for _, edit := range edits {
		edit(i)
	}
	return d.seal(i)
}

// deliver makes the settlement of an order over some energy in mWh, the next in
// the chain.
func (d *device) deliver(o *server.Order, energy int64) *qrproto.Settlement {
	d.t.Helper()
	st := d.settlement(o, d.chain, energy)
	next, err := settle.Next(d.chain, st)
	if err != nil {
		d.t.Fatal(err)
	}
	d.chain = next
	return st
}

// settlement makes one that follows a given head.
func (d *device) settlement(o *server.Order, after settle.Head, energy int64) *qrproto.Settlement {
	d.t.Helper()
	st := &qrproto.Settlement{
		Number: d.number, Connector: o.Connector, Seq: after.Seq + 1, Previous: after.Sum, Order: o.Sum.Ref(),
		Boot: o.Boot, Start: o.Start.Issued + 30, Duration: 3600, Uncertainty: 60,
		Register: 5_000_000 + after.Total, Delivered: energy, Total: after.Total + energy, Reason: qrproto.StopUser,
	}
	t, err := qrproto.DecodeTariff(o.Tariff)
	if err != nil {
		d.t.Fatal(err)
	}
	plan, err := settle.Compile(o.Start, t)
	if err != nil {
		d.t.Fatal(err)
	}
	if energy > 0 {
		settle.Put(st, tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: energy}}})
	}
	var bill tariff.Bill
	if err := settle.Price(&bill, o.Start, plan, st); err != nil {
		d.t.Fatal(err)
	}
	st.Payable, st.Waived = bill.Payable.Units, bill.Waived.Units
	return st
}

// carrying makes an identity carry settlements.
func carrying(t testing.TB, records ...*qrproto.Settlement) func(*qrproto.Identity) {
	return func(i *qrproto.Identity) {
		for _, st := range records {
			b, err := qrproto.EncodeRecord(st)
			if err != nil {
				t.Fatal(err)
			}
			i.Records = append(i.Records, b)
		}
	}
}

// elsewhere is another device of the same operator.
func (s *shop) elsewhere(n byte) *device {
	d := newDevice(s.t, n)
	s.directory.keys = append(s.directory.keys, d.key())
	return d
}

// buy quotes and issues on the identity that the device shows next.
func (s *shop) buy(account string, edits ...func(*qrproto.Identity)) *server.Order {
	s.t.Helper()
	o, err := s.try(account, s.device.show(edits...))
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

func (s *shop) try(account, identity string) (*server.Order, error) {
	s.t.Helper()
	q, err := s.Quote(context.Background(), account, identity)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Issue(context.Background(), server.Ask{Account: account, Identity: identity, Tariff: q.Hash})
}

// sound holds what must be true after every test.
func (s *shop) sound() {
	s.t.Helper()
	if err := s.provider.Check(); err != nil {
		s.t.Error(err)
	}
}
