// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// The attacks of qrproto/SPEC.md, section 19, one test each, on a real charger
// and a real server. Each test also plays the honest counterpart.

var ctx = context.Background()

// street is all that there is but chargers: a server, a provider of payments,
// the operator's directory, and the time that all of them live in.
type street struct {
	t        *testing.T
	now      time.Time
	issuer   qrproto.Signer
	book     *book
	store    *settletest.Store
	provider *settletest.Provider
	server   *server.Server
	stations []*station
}

// station is a charger and the hardware around it.
type station struct {
	*street
	device  charger.Device
	options charger.Options
	journal *settletest.Journal
	clock   *settletest.Clock
	charger *charger.Charger
	meters  [3]int64 // mWh, by connector
}

// book is the operator's directory.
type book struct {
	keys   qrproto.KeyList
	tariff *tariff.Tariff
	closed []byte // number of a device that is out of service
}

func (b *book) Key(id qrproto.KeyID) (*qrproto.Key, error) { return b.keys.Key(id) }

func (b *book) Site(_ context.Context, number []byte) (*server.Site, error) {
	if slices.Equal(number, b.closed) {
		return nil, fmt.Errorf("device %x: %w", number, server.ErrNotEnrolled)
	}
	return nil, nil
}

func (b *book) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	return &server.Terms{Tariff: b.tariff, Hold: yuan(100_00)}, nil
}

func yuan(fen int64) tariff.Money { return tariff.Money{Units: fen, Scale: 2, Currency: "CNY"} }

func signer(name qrproto.KeyID) qrproto.Signer {
	seed := sha256.Sum256([]byte(name))
	return qrproto.Signer{ID: name, Key: ed25519.NewKeyFromSeed(seed[:])}
}

func agreementKey(t *testing.T, seed byte) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(slices.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// dayNight costs so much a kWh, in fen, all day or, with two, by day from 6 to 22
// o'clock UTC and by night.
func dayNight(t *testing.T, day int64, night ...int64) *tariff.Tariff {
	t.Helper()
	g := tariff.Grid{Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Peak, Electricity: day}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}
	for _, price := range night {
		g.Rates = append(g.Rates, tariff.GridRate{Name: tariff.Valley, Electricity: price})
		for i := range g.Slots {
			if i < 12 || i >= 44 {
				g.Slots[i] = 1
			}
		}
	}
	out, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// newStreet is a street at noon where a kWh costs one yuan.
func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{t: t, now: time.Unix(issued, 0), issuer: signer("iss1"), store: settletest.NewStore(), book: &book{tariff: dayNight(t, 100)}}
	now := func() time.Time { return s.now }
	s.provider = settletest.NewProvider(settletest.ProviderOptions{Now: now, Balance: yuan(1000_00)})
	s.server = &server.Server{Store: s.store, Issuer: s.issuer, Directory: s.book, Payments: s.provider, Now: now,
		Rand: rand.NewChaCha8([32]byte{1})}
	return s
}

// install enrols a charger of two connectors and switches it on.
func (s *street) install(last byte, edits ...func(*station)) *station {
	s.t.Helper()
	number := []byte{0x32, 0x01, last}
	own := signer(qrproto.DeviceKeyID(number, 1))
	st := &station{street: s, journal: settletest.NewJournal(1 << 20), clock: new(settletest.Clock), meters: [3]int64{0, 5_000_000, 7_000_000},
		device: charger.Device{Number: number, Connectors: 2, Key: own, Secret: [32]byte{last}, Rand: rand.NewChaCha8([32]byte{2, last}),
			Keys: []qrproto.Key{{ID: s.issuer.ID, Public: s.issuer.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}}}}
	for _, edit := range edits {
		edit(st)
	}
	s.book.keys = append(s.book.keys, st.key())
	s.stations = append(s.stations, st)
	st.boot()
	return st
}

// key is what the operator enrols of a charger.
func (s *station) key() qrproto.Key {
	k := qrproto.Key{ID: s.device.Key.ID, Public: s.device.Key.Key.Public(), Number: s.device.Number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}
	if s.device.Agreement != nil {
		k.Agreement = s.device.Agreement.PublicKey()
	}
	return k
}

// boot switches a charger on, or off and on.
func (s *station) boot() {
	s.t.Helper()
	s.clock.Up = time.Second
	c, err := charger.Open(s.device, s.journal, s.clock, &s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.charger = c
}

// pass lets time go by for everybody.
func (s *street) pass(d time.Duration) {
	s.now = s.now.Add(d)
	for _, st := range s.stations {
		st.clock.Advance(d)
	}
}

// identity is the code on the screen of connector n.
func (s *station) identity(n int) string {
	s.t.Helper()
	d := s.charger.Do(n)
	if d.Screen != charger.ScreenIdentity {
		s.t.Fatalf("connector %d shows screen %v", n, d.Screen)
	}
	return d.Text
}

// order asks for an order on an identity, as a phone does.
func (s *street) order(account, identity string) (*server.Order, error) {
	q, err := s.server.Quote(ctx, account, identity)
	if err != nil {
		return nil, err
	}
	return s.server.Issue(ctx, server.Ask{Account: account, Identity: identity, Tariff: q.Hash, Hold: q.Hold})
}

// buy returns an order on what connector n shows.
func (s *station) buy(account string, n int) *server.Order {
	s.t.Helper()
	o, err := s.order(account, s.identity(n))
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// scan shows a code to the charger.
func (s *station) scan(text string) error {
	_, err := s.charger.Accept(text)
	return err
}

// meter reads connector n.
func (s *station) meter(n int, plugged bool) error {
	return s.charger.Meter(n, charger.Reading{Reading: tariff.Reading{Energy: s.meters[n]}, Relay: s.charger.Do(n).Relay, Plugged: plugged})
}

// charge plugs in at connector n and lets 6 kW flow for a time, as long as the
// charger keeps the relay closed: 10 Wh in 6 seconds.
func (s *station) charge(n int, d time.Duration) {
	s.t.Helper()
	if err := s.meter(n, true); err != nil {
		s.t.Fatal(err)
	}
	for range d / (3 * time.Second) {
		relay := s.charger.Do(n).Relay
		s.pass(3 * time.Second)
		if relay {
			s.meters[n] += 5_000
		}
		if err := s.meter(n, true); err != nil {
			s.t.Fatal(err)
		}
	}
}

// unplug takes the plug out and returns the settlement on the screen.
func (s *station) unplug(n int) string {
	s.t.Helper()
	if err := s.meter(n, false); err != nil {
		s.t.Fatal(err)
	}
	d := s.charger.Do(n)
	if d.Screen != charger.ScreenSettlement {
		s.t.Fatalf("connector %d shows screen %v", n, d.Screen)
	}
	return d.Text
}

// sell delivers a kWh to an account, in ten minutes, and returns the order and
// the code of the settlement.
func (s *station) sell(account string, n int) (*server.Order, string) {
	s.t.Helper()
	o := s.buy(account, n)
	if err := s.scan(o.Code.Text()); err != nil {
		s.t.Fatal(err)
	}
	s.charge(n, 10*time.Minute)
	return o, s.unplug(n)
}

// leave sells as sell does; the driver goes away without a scan, and the screen
// shows an identity again.
func (s *station) leave(account string, n int) *server.Order {
	s.t.Helper()
	o, _ := s.sell(account, n)
	s.pass(3 * time.Minute)
	return o
}

// pay uploads a settlement and pays for it.
func (s *street) pay(text string) (*server.Order, error) {
	o, err := s.server.Settle(ctx, text)
	if err != nil {
		return o, err
	}
	return s.server.Pay(ctx, o.ID)
}

// wants fails unless an attack fails with a code.
func (s *street) wants(what string, err error, code qrproto.ErrorCode) {
	s.t.Helper()
	if err == nil || qrproto.CodeOf(err) != code {
		s.t.Errorf("%s: %v, want %v", what, err, code)
	}
}

// refused shows a code to the charger, which has to refuse it, to write nothing,
// and to leave the relays as they are.
func (s *station) refused(what, text string, code qrproto.ErrorCode) {
	s.t.Helper()
	state := func() string {
		return fmt.Sprint(s.journal.Writes(), s.charger.Head(), s.charger.Do(1).Relay, s.charger.Do(2).Relay)
	}
	before := state()
	s.wants(what, s.scan(text), code)
	if after := state(); after != before {
		s.t.Errorf("%s: was %s, is %s", what, before, after)
	}
}

// accepted shows a code to the charger, which has to take it.
func (s *station) accepted(what, text string) {
	s.t.Helper()
	if err := s.scan(text); err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

// captured fails unless an account has paid so much so far, in fen, and nobody
// was charged above a hold or twice.
func (s *street) captured(account string, want int64) {
	s.t.Helper()
	if got := s.provider.Captured(account); got.Units != want {
		s.t.Errorf("%s has paid %v, want %d fen", account, got, want)
	}
	if err := s.provider.Check(); err != nil {
		s.t.Error(err)
	}
}

// seal signs a payload, with a key that an attacker has.
func (s *street) seal(p qrproto.Payload, by qrproto.Signer) string {
	s.t.Helper()
	code, err := qrproto.Seal(p, by)
	if err != nil {
		s.t.Fatal(err)
	}
	return code.Text()
}

// read opens what a charger has signed.
func read[P qrproto.Payload](s *street, text string) P {
	s.t.Helper()
	p, err := qrproto.As[P](qrproto.Open(text, s.book))
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// twin is an order on the first identity of connector 1, by an insider who signs
// orders: its id is as he likes.
func (s *station) twin(id uint64) *qrproto.StartOrder {
	s.t.Helper()
	i := read[*qrproto.Identity](s.street, s.identity(1))
	prices, err := qrproto.EncodeTariff(s.book.tariff)
	if err != nil {
		s.t.Fatal(err)
	}
	o := &qrproto.StartOrder{Charger: i.Number, Connector: 1, Challenge: i.Challenge, Issued: issued, Window: 180,
		Tariff: prices, Scale: 2, Limits: &qrproto.Limits{Amount: 100_00}, Funding: qrproto.FundingHold}
	binary.BigEndian.PutUint64(o.ID[:], id)
	return o
}
