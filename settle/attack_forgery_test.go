// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
)

// mallorys is an identity that somebody else than the device has signed.
func mallorys(s *station, number []byte) string {
	i := read[*qrproto.Identity](s.street, s.identity(1))
	i.Number = number
	return s.seal(i, qrproto.Signer{ID: qrproto.DeviceKeyID(number, 1), Key: signer("mallory").Key})
}

// TestAttack04StickerOverTheCode: a code of the attacker's own is no device's, and
// a photograph of a genuine one opens nothing. What an app reads from a genuine
// one is the same behind any host, so that the host proves nothing.
func TestAttack04StickerOverTheCode(t *testing.T) {
	s := newStreet(t).install(7)
	for name, c := range map[string]struct {
		number []byte
		want   qrproto.ErrorCode
	}{"a device of his own": {[]byte{6, 6, 6}, qrproto.ErrUnknownKey}, "this device's number": {s.device.Number, qrproto.ErrSignature}} {
		sticker := mallorys(s, c.number)
		_, err := qrproto.Open(sticker, s.book)
		s.wants(name+", in an app", err, c.want)
		_, err = s.order("anna", sticker)
		s.wants(name+", at the server", err, c.want)
	}
	photo := s.identity(1)
	s.pass(24 * time.Hour)
	unseen, err := s.order("anna", "HTTPS://MALLORY.EXAMPLE/"+photo)
	if err != nil {
		t.Fatal(err) // the server has seen nothing newer
	}
	s.identity(1)
	s.refused("a photograph of yesterday", unseen.Code.Text(), charger.ErrChallenge)
	s.sees(1)
	_, err = s.order("bert", photo)
	s.wants("once the server has seen a newer one", err, server.ErrRetired)
	o, err := s.order("bert", "HTTPS://MALLORY.EXAMPLE/"+s.identity(1))
	if err != nil {
		t.Fatal(err)
	}
	s.accepted("the genuine digits, behind any host", o.Code.Text())
}

// TestAttack22CounterfeitCharger: not enrolled, under the number of one that is,
// withdrawn, or with a key that was replaced. No order is made, and no money held.
func TestAttack22CounterfeitCharger(t *testing.T) {
	s := newStreet(t).install(7)
	genuine := s.identity(1)
	for _, c := range []struct {
		name, identity string
		prepare        func()
		want           qrproto.ErrorCode
	}{
		{"not enrolled", mallorys(s, []byte{6, 6, 6}), func() {}, qrproto.ErrUnknownKey},
		{"under a number that is", mallorys(s, s.device.Number), func() {}, qrproto.ErrSignature},
		{"withdrawn", genuine, func() { s.book.closed = s.device.Number }, server.ErrNotEnrolled},
		{"its key replaced", genuine, func() { s.book.keys[0].ID = qrproto.DeviceKeyID(s.device.Number, 2) }, qrproto.ErrUnknownKey},
	} {
		c.prepare()
		_, err := s.order("anna", c.identity)
		s.wants(c.name, err, c.want)
		_, err = s.server.Issue(ctx, server.Ask{Account: "anna", Identity: c.identity})
		s.wants(c.name+", without a quote", err, c.want)
	}
	if orders, err := s.store.Find(ctx, server.Query{}); err != nil || len(orders) > 0 || s.provider.Calls() > 0 {
		t.Errorf("%d orders, %d calls: %v", len(orders), s.provider.Calls(), err)
	}
	s.book.closed, s.book.keys[0].ID = nil, s.device.Key.ID
	s.accepted("enrolled, in service", s.buy("anna", 1).Code.Text())
}
