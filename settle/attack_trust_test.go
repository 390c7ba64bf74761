// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// rooted is a station that is provisioned with a root and an issuer.
func (s *street) rooted(last byte) *station {
	s.t.Helper()
	root := qrproto.Key{ID: "root", Public: signer("root").Key.Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}}
	s.server.Roots = []qrproto.Key{root}
	return s.install(last, func(s *station) { s.device.Keys = append(s.device.Keys, root) })
}

// delegated is a key within bounds.
func (s *street) delegated(id qrproto.KeyID, caps qrproto.Caps, kinds ...qrproto.Kind) qrproto.Delegation {
	s.t.Helper()
	d, err := qrproto.Delegate(&qrproto.Key{ID: id, Public: signer(id).Key.Public(), Kinds: kinds, Caps: &caps})
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// seller is a key with every right and no bound.
func (s *street) seller(id qrproto.KeyID) qrproto.Delegation {
	return s.delegated(id, qrproto.Caps{Acknowledge: true}, qrproto.KindStartOrder, qrproto.KindStopOrder, qrproto.KindReceipt)
}

// snapshot is one of an epoch, and the least that orders have to name.
func (s *street) snapshot(epoch, least uint32, d ...qrproto.Delegation) qrproto.Code {
	s.t.Helper()
	code, err := qrproto.Seal(&qrproto.Trust{Epoch: epoch, Least: least, Delegations: d}, signer("root"))
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

// forged is an order on what connector 1 shows, by a thief who has a key.
func (s *station) forged(key qrproto.KeyID, edit func(*qrproto.StartOrder)) string {
	s.t.Helper()
	i := read[*qrproto.Identity](s.street, s.identity(1))
	o := s.twin(uint64(i.Challenge.Counter))
	o.Challenge, o.Issued, o.Epoch, o.Limits = i.Challenge, s.now.Unix(), i.Epoch, &qrproto.Limits{Amount: 50_00}
	if edit != nil {
		edit(o)
	}
	return s.seal(o, signer(key))
}

// TestAttack08IssuerKeyStolen: the thief sells within the bounds of the key and not
// beyond: 3 orders at each charger of one fleet, for 50 yuan at most. A snapshot
// without the key ends it.
func TestAttack08IssuerKeyStolen(t *testing.T) {
	street := newStreet(t)
	s, other := street.rooted(7), street.rooted(8)
	caps := qrproto.Caps{Fleet: s.device.Number, Currency: "CNY", Amount: 50_00, Quota: 3}
	first := s.snapshot(1, 0, s.delegated("thief", caps, qrproto.KindStartOrder))
	for _, at := range []*station{s, other} {
		at.accepted("the snapshot", first.Text())
	}
	other.refused("at another fleet", other.forged("thief", nil), charger.ErrFleet)
	for _, c := range []struct {
		name string
		edit func(*qrproto.StartOrder)
		want qrproto.ErrorCode
	}{
		{"without a limit", func(o *qrproto.StartOrder) { o.Limits = nil }, charger.ErrAmount},
		{"a limit of energy", func(o *qrproto.StartOrder) { o.Limits = &qrproto.Limits{Energy: 1} }, charger.ErrAmount},
		{"a fen more", func(o *qrproto.StartOrder) { o.Limits.Amount = 50_01 }, charger.ErrAmount},
		{"the smallest sum more", func(o *qrproto.StartOrder) { o.Scale, o.Limits.Amount = 6, 50_000_001 }, charger.ErrAmount},
		{"in yen", func(o *qrproto.StartOrder) { o.Tariff = encodedTariff(t, s.book.tariff, "JPY") }, charger.ErrCurrency},
		{"and all is stored", func(o *qrproto.StartOrder) { o.Ack = &qrproto.Ack{Seq: 1} }, charger.ErrAckRight},
	} {
		s.refused(c.name, s.forged("thief", c.edit), c.want)
	}
	for n := range 3 {
		if n > 0 {
			s.boot()
		}
		s.accepted("within the bounds", s.forged("thief", nil))
		s.charge(1, time.Minute)
		st := read[*qrproto.Settlement](street, s.unplug(1))
		s.refused("a receipt", s.seal(&qrproto.Receipt{Settlement: sumOf(t, st).Ref(), Time: issued}, signer("thief")), qrproto.ErrKeyUsage)
		s.pass(3 * time.Minute)
	}
	s.refused("a fourth", s.forged("thief", nil), charger.ErrQuota)
	s.boot()
	s.refused("a fourth, after a restart", s.forged("thief", nil), charger.ErrQuota)
	own := &qrproto.Trust{Epoch: 9, Delegations: []qrproto.Delegation{s.seller("thief")}}
	s.refused("a snapshot of his own", s.seal(own, signer("thief")), qrproto.ErrKeyUsage)

	street.server.Trust, street.server.Issuer = s.snapshot(2, 2, s.seller("iss2")), signer("iss2")
	s.accepted("a snapshot without the thief", street.server.Trust.Text())
	s.refused("the thief", s.forged("thief", nil), qrproto.ErrUnknownKey)
	if q, err := s.server.Quote(ctx, "", s.identity(1)); err != nil || len(q.Carried) != 1 || qrproto.CodeOf(q.Carried[0].Err) != server.ErrUnknownOrder {
		t.Errorf("the operator sees what was stolen: %+v, %v", q, err)
	}
	s.sell("anna", 2)
}

func encodedTariff(t *testing.T, prices *tariff.Tariff, c tariff.Currency) []byte {
	t.Helper()
	other := *prices
	other.Currency = c
	b, err := qrproto.EncodeTariff(&other)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAttack21ChargerOfflineForMonthsKeysRotated: the first customer of the server
// brings the newest snapshot, whatever came between. Nobody brings an older one
// back, and an older server sells no more.
func TestAttack21ChargerOfflineForMonthsKeysRotated(t *testing.T) {
	s := newStreet(t).rooted(7)
	old := s.snapshot(1, 0, s.seller("iss1"))
	both := s.snapshot(2, 0, s.seller("iss1"), s.seller("iss2"))
	s.server.Trust = old
	s.accepted("the first snapshot", old.Text())
	s.leave("anna", 1)
	s.boot()
	s.pass(200 * 24 * time.Hour)
	backup := &server.Server{Store: s.store, Issuer: s.server.Issuer, Directory: s.book, Payments: s.provider,
		Now: s.server.Now, Rand: s.server.Rand, Trust: old, Roots: s.server.Roots} // it misses all that follows

	s.server.Issuer, s.server.Trust = signer("iss2"), s.snapshot(3, 3, s.seller("iss2"))
	identity := s.identity(1)
	q, err := s.server.Quote(ctx, "bert", identity)
	if err != nil || q.Trust.Text() != s.server.Trust.Text() {
		t.Fatalf("the server hands out %v, %v", q, err)
	}
	o, err := s.order("bert", identity)
	if err != nil {
		t.Fatal(err)
	}
	s.refused("before the snapshot", o.Code.Text(), qrproto.ErrUnknownKey)
	s.accepted("the newest", q.Trust.Text())
	s.refused("one that it has missed", both.Text(), qrproto.ErrStaleTrust)
	s.accepted("an order under the new key", o.Code.Text())
	s.charge(1, 10*time.Minute)
	if _, err := s.pay(s.unplug(1)); err != nil {
		t.Error(err)
	}
	s.pass(3 * time.Minute)
	s.boot()
	s.refused("the first again, after a restart", old.Text(), qrproto.ErrStaleTrust)
	s.refused("the old key", s.forged("iss1", nil), qrproto.ErrUnknownKey)
	_, err = backup.Quote(ctx, "carl", s.identity(1))
	s.wants("the old server", err, server.ErrNewerTrust)

	overlap := newStreet(t).rooted(8)
	overlap.accepted("a snapshot of both keys", both.Text())
	for _, id := range []qrproto.KeyID{"iss1", "iss2"} {
		overlap.accepted("either key", overlap.forged(id, nil))
		overlap.charge(1, time.Minute)
		overlap.unplug(1)
		overlap.pass(3 * time.Minute)
	}
}

// TestAttack37TrustUpdateStrippedFromAnOrder: by phones that are to keep a stolen
// key alive. Without the snapshot the order is good for nothing, and its epoch is
// under the signature; the key that signs it would be trusted as it is.
func TestAttack37TrustUpdateStrippedFromAnOrder(t *testing.T) {
	s := newStreet(t).rooted(7)
	s.accepted("thief and server", s.snapshot(1, 0, s.seller("iss1"), s.seller("thief")).Text())
	s.server.Trust = s.snapshot(2, 2, s.seller("iss1"))
	o := s.buy("anna", 1)
	s.refused("the order alone", o.Code.Text(), charger.ErrEpoch)
	bare := *o.Start
	bare.Epoch = 0
	s.refused("with its epoch cut off", s.seal(&bare, qrproto.Signer{ID: "iss1", Key: signer("mallory").Key}), qrproto.ErrSignature)
	s.accepted("the snapshot", o.Trust.Text())
	s.refused("the thief", s.forged("thief", nil), qrproto.ErrUnknownKey)
	s.refused("a server that knows of nothing newer", s.forged("iss1", func(o *qrproto.StartOrder) { o.Epoch = 1 }), charger.ErrOldEpoch)
	s.refused("or of nothing at all", s.forged("iss1", func(o *qrproto.StartOrder) { o.Epoch = 0 }), charger.ErrOldEpoch)
	s.accepted("the order", o.Code.Text())
}

// acknowledgingWithoutTheRight is attack 27 by a key that may sell and sign
// receipts, and not acknowledge.
func acknowledgingWithoutTheRight(t *testing.T) {
	for _, right := range []bool{false, true} {
		s := newStreet(t).rooted(7)
		caps := qrproto.Caps{Acknowledge: right}
		s.accepted("a snapshot", s.snapshot(1, 0, s.delegated("thief", caps, qrproto.KindStartOrder, qrproto.KindReceipt)).Text())
		sold := func() *qrproto.Settlement {
			s.accepted("an order that says nothing", s.forged("thief", nil))
			s.charge(1, time.Minute)
			return read[*qrproto.Settlement](s.street, s.unplug(1))
		}
		carried := func(what string, want bool) {
			t.Helper()
			s.pass(3 * time.Minute)
			if i := read[*qrproto.Identity](s.street, s.identity(2)); len(i.Records) > 0 != want {
				t.Errorf("right is %v, %s: %d records are carried", right, what, len(i.Records))
			}
		}
		st := sold()
		ack := &qrproto.Ack{Seq: st.Seq, Sum: sumOf(t, st).Short()}
		s.accepted("a receipt", s.seal(&qrproto.Receipt{Settlement: sumOf(t, st).Ref(), Time: issued, Ack: ack}, signer("thief")))
		carried("a receipt", !right)
		ordering := s.forged("thief", func(o *qrproto.StartOrder) { o.Ack = ack })
		if right {
			s.accepted("an order", ordering)
			continue
		}
		s.refused("an order", ordering, charger.ErrAckRight)
		carried("an order", true)
	}
}

// TestAttack36VoucherGuessedOrSpentTwice: at many chargers, none of which can know
// of the others: each refuses it, whoever has signed it, for what it is. And a
// voucher says nothing of whom it is for: no field of it depends on that, so
// there is nothing to guess.
func TestAttack36VoucherGuessedOrSpentTwice(t *testing.T) {
	street := newStreet(t)
	seller := func(s *station) {
		s.device.Keys[0].Kinds = append(s.device.Keys[0].Kinds, qrproto.KindVoucher) // as nobody should
	}
	voucher := &qrproto.Voucher{ID: qrproto.VoucherID{1}, Amount: 50_00, Scale: 2, Currency: "CNY", From: issued, Until: issued + 86400}
	text := street.seal(voucher, street.issuer)
	for n, at := range []*station{street.install(7), street.install(8, seller)} {
		at.refused("a voucher", text, charger.ErrVoucher)
		at.refused("and again", text, charger.ErrVoucher)
		at.sell([]string{"anna", "bert"}[n], 1)
	}
	fields := reflect.VisibleFields(reflect.TypeFor[qrproto.Voucher]())
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	if want := []string{"Ext", "ID", "Amount", "Scale", "Currency", "From", "Until"}; !slices.Equal(names, want) {
		t.Errorf("a voucher says %v, and may say %v", names, want)
	}
}
