// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/sha256"
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

// station is a charger, a server and the time that both live in.
type station struct {
	t       *testing.T
	now     time.Time
	clock   *settletest.Clock
	charger *charger.Charger
	journal *settletest.Journal
	server  *server.Server
	book    *book
}

// book is the operator's directory.
type book struct {
	keys   qrproto.KeyList
	tariff *tariff.Tariff
}

func (b *book) Key(id qrproto.KeyID) (*qrproto.Key, error)         { return b.keys.Key(id) }
func (b *book) Site(context.Context, []byte) (*server.Site, error) { return nil, nil }
func (b *book) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	return &server.Terms{Tariff: b.tariff, Hold: tariff.Money{Units: 100_00, Scale: 2, Currency: "CNY"}}, nil
}

func agreementKey(t *testing.T, seed byte) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(slices.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func signer(name qrproto.KeyID) qrproto.Signer {
	seed := sha256.Sum256([]byte(name))
	return qrproto.Signer{ID: name, Key: ed25519.NewKeyFromSeed(seed[:])}
}

// newStation enrols a charger with agreement keys; those of the server are its
// newest and others.
func newStation(t *testing.T, servers ...*ecdh.PrivateKey) *station {
	t.Helper()
	number := []byte{0x32, 0x01, 7}
	issuer, own, agreement := signer("iss1"), signer(qrproto.DeviceKeyID(number, 1)), agreementKey(t, 1)
	prices, err := tariff.FromGrid(tariff.Grid{Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Flat, Electricity: 90, Service: 10}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	s := &station{t: t, now: time.Unix(1795348800, 0), clock: &settletest.Clock{Up: time.Second}, journal: settletest.NewJournal(1 << 20)}
	s.book = &book{tariff: prices, keys: qrproto.KeyList{{ID: own.ID, Public: own.Key.Public(), Number: number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}, Agreement: agreement.PublicKey()}}}
	now := func() time.Time { return s.now }
	s.server = &server.Server{Store: settletest.NewStore(), Issuer: issuer, Directory: s.book, Now: now,
		Payments: settletest.NewProvider(settletest.ProviderOptions{Now: now, Balance: tariff.Money{Units: 1000_00, Scale: 2, Currency: "CNY"}}),
		Rand:     rand.NewChaCha8([32]byte{1}), Agreement: servers}
	s.charger, err = charger.Open(charger.Device{Number: number, Key: own, Secret: [32]byte{1}, Rand: rand.NewChaCha8([32]byte{2}),
		Keys:      []qrproto.Key{{ID: "iss1", Public: issuer.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}},
		Agreement: agreement, Server: agreementKey(t, 2).PublicKey()}, s.journal, s.clock, &charger.Options{Carry: 4})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *station) pass(d time.Duration) {
	s.now = s.now.Add(d)
	s.clock.Advance(d)
}

// leave plays a driver who charges and goes away without a scan.
func (s *station) leave(account string) *server.Order {
	s.t.Helper()
	ctx, identity := context.Background(), s.charger.Do(1).Text
	q, err := s.server.Quote(ctx, account, identity)
	if err != nil {
		s.t.Fatal(err)
	}
	o, err := s.server.Issue(ctx, server.Ask{Account: account, Identity: identity, Tariff: q.Hash})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.charger.Accept(o.Code.Text()); err != nil {
		s.t.Fatal(err)
	}
	at := func(energy int64, plugged bool) charger.Reading {
		return charger.Reading{Reading: tariff.Reading{Energy: energy}, Plugged: plugged}
	}
	if err := s.charger.Start(1, at(5_000_000, true)); err != nil {
		s.t.Fatal(err)
	}
	s.pass(5 * time.Second)
	if err := s.charger.Meter(1, at(5_030_000, true)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.charger.Meter(1, at(5_030_000, false)); err != nil {
		s.t.Fatal(err)
	}
	s.pass(3 * time.Minute)
	return o
}

// record is the settlement that the charger keeps.
func (s *station) record() []byte {
	s.t.Helper()
	for r, err := range s.journal.Records() {
		if err != nil {
			s.t.Fatal(err)
		}
		if r[0] == 'S' {
			return bytes.Clone(r[1:])
		}
	}
	s.t.Fatal("no settlement is kept")
	return nil
}

// TestAttack38CarriedRecordsInAStrangersBrowserHistory: the next customer's
// phone keeps the link, and with it the record of the one before. Who finds it,
// and knows every public key, and can open the code, learns nothing of the
// record but its length; the server reads it.
func TestAttack38CarriedRecordsInAStrangersBrowserHistory(t *testing.T) {
	s := newStation(t, agreementKey(t, 2))
	o := s.leave("anna")
	link := s.charger.Do(1).Text
	plain := s.record()

	code, err := qrproto.ParseCode(link)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := qrproto.As[*qrproto.Identity](qrproto.Open(link, s.book))
	if err != nil || len(seen.Records) != 1 || len(seen.Records[0]) != len(plain) {
		t.Fatalf("%+v, %v", seen, err)
	}
	if _, err := qrproto.DecodeRecord(seen.Number, seen.Records[0]); err == nil {
		t.Error("a stranger decodes the record")
	}
	order := o.Sum.Ref()
	if !bytes.Contains(plain, order[:]) || bytes.Contains(code.Bytes(), order[:]) {
		t.Error("a stranger reads which order it was")
	}
	for n := range len(plain) - 4 { // chance: 2^-32 for each of some 10^4 pairs
		if bytes.Contains(code.Bytes(), plain[n:n+4]) && !bytes.Contains(seenWithout(t, seen), plain[n:n+4]) {
			t.Errorf("a stranger reads % x of the record", plain[n:n+4])
		}
	}
	for name, guess := range map[string]*ecdh.PrivateKey{"a key of his own": agreementKey(t, 9), "all ones": agreementKey(t, 0xff)} {
		for _, public := range []*ecdh.PublicKey{agreementKey(t, 1).PublicKey(), agreementKey(t, 2).PublicKey()} {
			c, err := qrproto.NewCarrier(guess, public)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Apply(seen); err != nil || bytes.Equal(got[0], plain) {
				t.Errorf("with %s: %x, %v", name, got, err)
			}
		}
	}

	q, err := s.server.Quote(context.Background(), "bert", link)
	if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != o.ID {
		t.Fatalf("the server: %+v, %v", q, err)
	}
	if got := q.Carried[0].Order.Settlement; got.Delivered != 30_000 {
		t.Errorf("%d mWh", got.Delivered)
	}
}

// seenWithout is what the identity says beside its records.
func seenWithout(t *testing.T, i *qrproto.Identity) []byte {
	t.Helper()
	bare := *i
	bare.Records = nil
	code, err := qrproto.Seal(&bare, signer(qrproto.DeviceKeyID(i.Number, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return code.Bytes()
}

// TestAgreementKeysAsEnrolled: which records a server can read by the keys that
// it holds and those that the device is enrolled with. What it cannot read it
// refuses, and the charger keeps.
func TestAgreementKeysAsEnrolled(t *testing.T) {
	old, newest := agreementKey(t, 2), agreementKey(t, 3) // the charger knows the old one
	for _, c := range []struct {
		name     string
		server   []*ecdh.PrivateKey
		enrolled *ecdh.PublicKey
		want     qrproto.ErrorCode
	}{
		{"the key that the device knows", []*ecdh.PrivateKey{old}, agreementKey(t, 1).PublicKey(), 0},
		{"the server has a newer one too", []*ecdh.PrivateKey{newest, old}, agreementKey(t, 1).PublicKey(), 0},
		{"the server has lost the old one", []*ecdh.PrivateKey{newest}, agreementKey(t, 1).PublicKey(), server.ErrRecord},
		{"the server has none", nil, agreementKey(t, 1).PublicKey(), server.ErrRecord},
		{"the device is enrolled without", []*ecdh.PrivateKey{old}, nil, server.ErrRecord},
		{"the device is enrolled with another's", []*ecdh.PrivateKey{old}, agreementKey(t, 5).PublicKey(), server.ErrRecord},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStation(t, c.server...)
			o := s.leave("anna")
			s.book.keys[0].Agreement = c.enrolled
			q, err := s.server.Quote(context.Background(), "bert", s.charger.Do(1).Text)
			if err != nil || len(q.Carried) != 1 || qrproto.CodeOf(q.Carried[0].Err) != c.want {
				t.Fatalf("%+v, %v", q, err)
			}
			if c.want == 0 {
				return
			}
			s.book.keys[0].Agreement, s.server.Agreement = agreementKey(t, 1).PublicKey(), []*ecdh.PrivateKey{old}
			s.pass(time.Minute)
			q, err = s.server.Quote(context.Background(), "bert", s.charger.Do(1).Text)
			if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != o.ID {
				t.Errorf("once the keys are right: %+v, %v", q, err)
			}
		})
	}
}
