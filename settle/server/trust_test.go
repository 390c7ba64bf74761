// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

var root = qrproto.Signer{ID: "root", Key: testKey(3)}

func rootKey() qrproto.Key {
	return qrproto.Key{ID: root.ID, Public: root.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}}
}

// everything is a delegation of the issuer without bounds.
func everything(t testing.TB) qrproto.Delegation {
	t.Helper()
	d, err := qrproto.Delegate(&qrproto.Key{ID: issuer.ID, Public: issuer.Key.Public(),
		Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindStopOrder, qrproto.KindReceipt}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func snapshot(t testing.TB, by qrproto.Signer, epoch uint32, delegations ...qrproto.Delegation) qrproto.Code {
	t.Helper()
	code, err := qrproto.Seal(&qrproto.Trust{Epoch: epoch, Delegations: delegations}, by)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// trust gives the shop a snapshot of epoch 3 that delegates to its issuer.
func (s *shop) trust(edits ...func(*qrproto.Delegation)) {
	s.t.Helper()
	d := everything(s.t)
	for _, edit := range edits {
		edit(&d)
	}
	s.Trust, s.Roots = snapshot(s.t, root, 3, d), []qrproto.Key{rootKey()}
}

// at makes an identity show an epoch.
func at(epoch uint32) func(*qrproto.Identity) {
	return func(i *qrproto.Identity) { i.Epoch = epoch }
}

func alike(a, b qrproto.Code) bool {
	return a.Kind() == b.Kind() && string(a.Bytes()) == string(b.Bytes())
}

// TestADeviceThatLacksTheSnapshotIsShownItFirst opens the order as that device
// does: with what it has, which is not enough, and after the snapshot.
func TestADeviceThatLacksTheSnapshotIsShownItFirst(t *testing.T) {
	for epoch, lacks := range map[uint32]bool{0: true, 2: true, 3: false} {
		s := newShop(t)
		s.trust()
		identity := s.device.show(at(epoch))
		q, err := s.Quote(ctx, "anna", identity)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
		if err != nil {
			t.Fatal(err)
		}
		var want qrproto.Code
		if lacks {
			want = s.Trust
		}
		if !alike(q.Trust, want) || !alike(o.Trust, want) || o.Start.Epoch != 3 {
			t.Errorf("device at %d: shown %v and %v, order of epoch %d", epoch, q.Trust.Kind(), o.Trust.Kind(), o.Start.Epoch)
		}
		if !lacks {
			continue
		}
		device, err := qrproto.NewTrustStore(rootKey())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := qrproto.Open(o.Code.Text(), device); !errors.Is(err, qrproto.ErrUnknownKey) {
			t.Errorf("before the snapshot: %v", err)
		}
		snapshot, err := qrproto.As[*qrproto.Trust](qrproto.Open(o.Trust.Text(), device))
		if err != nil || device.Apply(snapshot) != nil {
			t.Fatal("the snapshot is refused", err)
		}
		if _, err := qrproto.Open(o.Code.Text(), device); err != nil {
			t.Errorf("after the snapshot: %v", err)
		}
	}
}

// TestTheNewestIdentityTellsTheEpoch: an older one comes late, of before the
// snapshot was shown.
func TestTheNewestIdentityTellsTheEpoch(t *testing.T) {
	s := newShop(t)
	s.trust()
	before := s.device.show(at(2))
	s.sees(s.device.show(at(3)))
	o, err := s.try("anna", before)
	if err != nil || o.Trust.Kind() != 0 || o.Start.Epoch != 3 {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestWithoutASnapshotOrdersNameNone, and devices that have one are not sold on:
// this server cannot know whether its key is good there.
func TestWithoutASnapshotOrdersNameNone(t *testing.T) {
	s := newShop(t)
	if o := s.buy("anna"); o.Start.Epoch != 0 || o.Trust.Kind() != 0 {
		t.Errorf("epoch %d, to be shown first: %v", o.Start.Epoch, o.Trust.Kind())
	}
	for _, c := range []struct{ own, device uint32 }{{0, 1}, {3, 4}} {
		s := newShop(t)
		if c.own > 0 {
			s.trust()
		}
		identity := s.device.show(at(c.device))
		if q, err := s.Quote(ctx, "anna", identity); q != nil || !errors.Is(err, server.ErrNewerTrust) {
			t.Errorf("a device at %d, a server at %d: %+v, %v", c.device, c.own, q, err)
		}
		if o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity}); o != nil || !errors.Is(err, server.ErrNewerTrust) {
			t.Errorf("a device at %d, a server at %d: %+v, %v", c.device, c.own, o, err)
		}
	}
}

// TestNothingIsSignedBeyondTheDelegation, nor held for it, nor quoted. Terms are
// a hold of 100.00 yuan at device 320101.
func TestNothingIsSignedBeyondTheDelegation(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*qrproto.Delegation)
		want error
	}{
		{"no bounds", func(*qrproto.Delegation) {}, nil},
		{"its fleet", func(d *qrproto.Delegation) { d.Fleet = []byte{0x32, 0x01} }, nil},
		{"its very number", func(d *qrproto.Delegation) { d.Fleet = []byte{0x32, 0x01, 1} }, nil},
		{"another fleet", func(d *qrproto.Delegation) { d.Fleet = []byte{0x33} }, server.ErrDelegation},
		{"a number that begins with its own", func(d *qrproto.Delegation) { d.Fleet = []byte{0x32, 0x01, 1, 1} }, server.ErrDelegation},
		{"its currency", func(d *qrproto.Delegation) { d.Currency = "CNY" }, nil},
		{"another currency", func(d *qrproto.Delegation) { d.Currency = "EUR" }, server.ErrDelegation},
		{"exactly that much", func(d *qrproto.Delegation) { d.Currency, d.Amount = "CNY", 10000 }, nil},
		{"a fen less", func(d *qrproto.Delegation) { d.Currency, d.Amount = "CNY", 9999 }, server.ErrDelegation},
		{"as many units of a coarser currency", func(d *qrproto.Delegation) { d.Currency, d.Amount = "JPY", 10000 }, server.ErrDelegation},
		{"one order a device", func(d *qrproto.Delegation) { d.Quota = 1 }, nil},
		{"orders alone", func(d *qrproto.Delegation) { d.Rights = qrproto.RightOrder }, nil},
		{"all but orders", func(d *qrproto.Delegation) { d.Rights &^= qrproto.RightOrder }, server.ErrDelegation},
		{"another key", func(d *qrproto.Delegation) { d.ID = []byte("iss2") }, server.ErrDelegation},
		{"another key of that id", func(d *qrproto.Delegation) { d.Public = root.Key.Public().(ed25519.PublicKey) }, server.ErrDelegation},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.trust(c.edit)
			identity := s.device.show()
			hash, err := qrproto.TariffHash(flat(t, 90))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Quote(ctx, "anna", identity); !errors.Is(err, c.want) {
				t.Errorf("quoted: %v", err)
			}
			if _, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: hash}); !errors.Is(err, c.want) {
				t.Errorf("issued: %v", err)
			}
			if c.want != nil && s.provider.Calls() != 0 {
				t.Error("money was asked for")
			}
			s.sound()
		})
	}
}

// TestTheCapIsComparedAcrossScales: the order has decimals of its own.
func TestTheCapIsComparedAcrossScales(t *testing.T) {
	for cap, want := range map[int64]error{100: nil, 99: server.ErrDelegation} {
		s := newShop(t)
		s.trust(func(d *qrproto.Delegation) { d.Currency, d.Amount = "CNY", cap })
		s.Policy.ExtraDecimals, s.directory.terms.Hold = 3, tariff.Money{Units: 1, Currency: "CNY"}
		if _, err := s.Quote(ctx, "anna", s.device.show()); !errors.Is(err, want) {
			t.Errorf("1 yuan under a cap of %d fen: %v", cap, err)
		}
	}
}

// TestASnapshotThatIsNoneIsAConfigurationAtFault, as a device would refuse it.
func TestASnapshotThatIsNoneIsAConfigurationAtFault(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*shop)
		also  error
	}{
		{"no roots", func(s *shop) { s.Roots = nil }, qrproto.ErrUnknownKey},
		{"signed by the issuer", func(s *shop) { s.Trust = snapshot(s.t, issuer, 3, everything(s.t)) }, qrproto.ErrUnknownKey},
		{"signed by another key of the root's id", func(s *shop) {
			s.Trust = snapshot(s.t, qrproto.Signer{ID: root.ID, Key: testKey(9)}, 3, everything(s.t))
		}, qrproto.ErrSignature},
		{"an order", func(s *shop) {
			s.Trust = qrproto.Code{}
			trusted := s.buy("bert").Code
			s.trust()
			s.Trust, s.Roots = trusted, append(s.Roots, issuerKeys()...)
		}, qrproto.ErrKind},
		{"a root that signs orders too", func(s *shop) { s.Roots[0].Kinds = append(s.Roots[0].Kinds, qrproto.KindStartOrder) }, qrproto.ErrBadKey},
		{"it delegates to its root", func(s *shop) {
			d := everything(s.t)
			d.ID = []byte(root.ID)
			s.Trust = snapshot(s.t, root, 3, d)
		}, qrproto.ErrBadKey},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.trust()
			c.spoil(s)
			_, err := s.Quote(ctx, "anna", s.device.show())
			if !errors.Is(err, server.ErrConfig) || !errors.Is(err, c.also) {
				t.Errorf("got %v, want %v", err, c.also)
			}
		})
	}
}

// TestWhatWasSoldIsTakenInWhoeverMaySellNow: the issuer is delegated no more. Its
// order settles and is paid; what needs its signature is refused.
func TestWhatWasSoldIsTakenInWhoeverMaySellNow(t *testing.T) {
	s := newShop(t)
	s.trust()
	o := s.buy("anna")
	s.Trust = snapshot(t, root, 4)
	s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 1_000_000)}, 0)
	if _, err := s.Pay(ctx, o.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrDelegation) {
		t.Errorf("a receipt: %v", err)
	}
	s.trust(func(d *qrproto.Delegation) { d.Rights &^= qrproto.RightReceipt })
	if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrDelegation) {
		t.Errorf("a receipt without the right to it: %v", err)
	}
	s.trust()
	s.Issuer = root
	if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrDelegation) {
		t.Errorf("a receipt by the root: %v", err)
	}
	s.Issuer = issuer
	if _, err := s.Receipt(ctx, o.ID); err != nil {
		t.Error(err)
	}
	s.sound()
}

// TestOnlyAnIssuerWithTheRightAcknowledges: a device refuses an order that does
// so without, and heeds no such receipt.
func TestOnlyAnIssuerWithTheRightAcknowledges(t *testing.T) {
	for _, may := range []bool{true, false} {
		s := newShop(t)
		s.trust(func(d *qrproto.Delegation) {
			if !may {
				d.Rights &^= qrproto.RightAcknowledge
			}
		})
		o := s.sold("anna", 1_000_000)
		if _, err := s.Pay(ctx, o.ID); err != nil {
			t.Fatal(err)
		}
		code, err := s.Receipt(ctx, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := qrproto.As[*qrproto.Receipt](qrproto.Open(code.Text(), issuerKeys()))
		if err != nil {
			t.Fatal(err)
		}
		next := s.buy("bert")
		if (receipt.Ack != nil) != may || (next.Start.Ack != nil) != may {
			t.Errorf("may acknowledge: %v; receipt %v, order %v", may, receipt.Ack, next.Start.Ack)
		}
	}
}

// TestAnIssuerInASecureElement: a key of P-256 is delegated compressed.
func TestAnIssuerInASecureElement(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d, err := qrproto.Delegate(&qrproto.Key{ID: "chip", Public: private.Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder}})
	if err != nil {
		t.Fatal(err)
	}
	s := newShop(t)
	s.Issuer = qrproto.Signer{ID: "chip", Key: private}
	s.Trust, s.Roots = snapshot(t, root, 1, d), []qrproto.Key{rootKey()}
	o := s.buy("anna")
	key, err := d.Key()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qrproto.Open(o.Code.Text(), qrproto.KeyList{key}); err != nil {
		t.Error(err)
	}
}
