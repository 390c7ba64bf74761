// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"cmp"
	"crypto/ecdh"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// encrypted encrypts what an identity carries, between a device's key and a server's.
func encrypted(t testing.TB, own *ecdh.PrivateKey, peer *ecdh.PublicKey) func(*qrproto.Identity) {
	return func(i *qrproto.Identity) {
		c, err := qrproto.NewCarrier(own, peer)
		if err != nil {
			t.Fatal(err)
		}
		if i.Records, err = c.Apply(i); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEncryptedRecordsAreTakenIn under whichever of its keys the device knows, and
// what is encrypted for another, or not encrypted, is no record.
func TestEncryptedRecordsAreTakenIn(t *testing.T) {
	old, present, another, device := agreementKey(t, 1), agreementKey(t, 2), agreementKey(t, 3), agreementKey(t, 4)
	high := device.PublicKey().Bytes() // the same key to RFC 7748, in an encoding that is not its one
	high[31] |= 0x80
	highKey, err := ecdh.X25519().NewPublicKey(high)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		edits    func(*qrproto.Identity)
		own      []*ecdh.PrivateKey
		want     qrproto.ErrorCode
		enrolled *ecdh.PublicKey // nil for the device's
	}{
		"under the only key":       {encrypted(t, device, present.PublicKey()), []*ecdh.PrivateKey{present}, 0, nil},
		"under the first of two":   {encrypted(t, device, old.PublicKey()), []*ecdh.PrivateKey{old, present}, 0, nil},
		"under the second of two":  {encrypted(t, device, present.PublicKey()), []*ecdh.PrivateKey{old, present}, 0, nil},
		"under another's":          {encrypted(t, device, another.PublicKey()), []*ecdh.PrivateKey{old, present}, server.ErrRecord, nil},
		"in the clear":             {func(*qrproto.Identity) {}, []*ecdh.PrivateKey{old, present}, server.ErrRecord, nil},
		"no key at the server":     {encrypted(t, device, present.PublicKey()), nil, server.ErrRecord, nil},
		"enrolled with a high bit": {encrypted(t, device, present.PublicKey()), []*ecdh.PrivateKey{present}, server.ErrRecord, highKey},
	} {
		s := newShop(t)
		s.directory.keys[0].Agreement, s.Agreement = cmp.Or(tc.enrolled, device.PublicKey()), tc.own
		one, two := s.device.deliver(s.buy("anna"), 1_000_000), s.device.deliver(s.buy("bert"), 2_000_000)
		q, err := s.Quote(ctx, "carl", s.device.show(carrying(t, one, two), tc.edits))
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Collect(func(yield func(qrproto.ErrorCode) bool) {
			for _, c := range q.Carried {
				yield(qrproto.CodeOf(c.Err))
			}
		})
		if !slices.Equal(got, []qrproto.ErrorCode{tc.want, tc.want}) {
			t.Errorf("%s: %v, want %v twice", name, got, tc.want)
		}
	}
}
