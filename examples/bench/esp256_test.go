// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// signersP256 are the same owners as signers, with keys of P-256.
func signersP256(b *testing.B) (device, issuer qrproto.Signer, keys *qrproto.KeyList) {
	device, issuer, keys = signers()
	for i, s := range []*qrproto.Signer{&device, &issuer} {
		scalar := sha256.Sum256([]byte{byte(i)})
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		if err != nil {
			b.Fatal(err)
		}
		s.Key, (*keys)[i].Public = private, private.Public()
	}
	return device, issuer, keys
}

// bareVerifyP256 is SHA-256 and ecdsa.VerifyASN1 over a message as long as the
// code's.
func bareVerifyP256(b *testing.B, code qrproto.Code, signer qrproto.Signer) func() error {
	message := code.Bytes()[:len(code.Bytes())-ed25519.SignatureSize]
	digest := sha256.Sum256(message)
	signature, err := signer.Key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	public := signer.Key.Public().(*ecdsa.PublicKey)
	return func() error {
		digest := sha256.Sum256(message)
		if !ecdsa.VerifyASN1(public, digest[:], signature) {
			return qrproto.ErrSignature
		}
		return nil
	}
}

type namedPayload struct {
	name string
	qrproto.Payload
}

// kinds is one full payload of each kind, and of some the largest that there is:
// an identity with a record of 128 bytes, an order with as large a tariff as fits,
// a settlement whose lists are full, a snapshot of 16 keys, a receipt with all the
// extensions that may be.
func kinds(b *testing.B) []namedPayload {
	o := order(b)
	plan, err := settle.Compile(o, nil)
	if err != nil {
		b.Fatal(err)
	}
	i := &qrproto.Identity{
		Number: number, Connector: 2, State: qrproto.StateAvailable, Place: "P2-A07", Challenge: o.Challenge, Boot: 1203,
		Wall: 1795348800, Clock: qrproto.ClockInformative, Epoch: 41, Rules: 1, Tariffs: qrproto.Hints{1, 2, 3, 4, 5, 6, 7, 8},
		Health: qrproto.HealthGood, Head: &qrproto.Head{Seq: 20345, Sum: qrproto.Short{9}, Total: 412_345_678_901},
		Open: qrproto.Hints{1, 2, 3, 4, 5, 6, 7, 8}, Back: 9,
	}
	r := &qrproto.Receipt{
		Settlement: qrproto.Ref{5}, Paid: 3512, Refunded: 6488, Time: 1795358811,
		Ack: &qrproto.Ack{Seq: 20346, Sum: qrproto.Short{5}}, Anchor: &qrproto.Anchor{1, 2, 3},
	}
	s := settled(b, o, plan)
	return []namedPayload{
		{"I", i},
		{"Imax", largestIdentity(*i)},
		{"O", o},
		{"Omax", largestOrder(*o)},
		{"S", s},
		{"Smax", largestSettlement(*s)},
		{"R", r},
		{"Rmax", extended(*r)},
		{"X", &qrproto.StopOrder{Order: qrproto.Ref{6}}},
		{"T", snapshot(b, 1)},
		{"T16", snapshot(b, 16)},
		{"V", &qrproto.Voucher{ID: qrproto.VoucherID{1}, Amount: 5000, Scale: 2, Currency: "CNY", From: 1795348800, Until: 1826884800}},
	}
}

func largestIdentity(i qrproto.Identity) *qrproto.Identity {
	i.Records = [][]byte{make([]byte, 128)}
	return &i
}

func largestOrder(o qrproto.StartOrder) *qrproto.StartOrder {
	o.Tariff, o.Offsets = make([]byte, qrproto.MaxEmbedded), qrproto.Offsets{7200, 1795500000, 3600, 1795600000, 7200}
	o.Facts = &qrproto.Facts{Reserved: 600, Expired: 1, Energy: 1_000_000, Time: 3600, Volume: 1}
	return &o
}

func largestSettlement(s qrproto.Settlement) *qrproto.Settlement {
	s.Cells, s.Last, s.Flats, s.Marks = nil, nil, nil, nil
	s.Duration, s.Delivered, s.Total = 28_800, 1e9, 1e12
	for i := range int64(32) {
		s.Cells = append(s.Cells, i, 1_000_000+i)
	}
	for i := range uint16(16) {
		s.Last, s.Flats = append(s.Last, i), append(s.Flats, 100+i)
		s.Marks = append(s.Marks, 1000*int64(i), 1_000_000*int64(i), 1)
	}
	return &s
}

func extended(r qrproto.Receipt) *qrproto.Receipt {
	r.Ext = qrproto.Extensions{}
	for i := range int16(8) {
		r.Ext[i+1] = make([]byte, 16)
	}
	return &r
}

// snapshot trusts n keys, every second one of P-256.
func snapshot(b *testing.B, n byte) *qrproto.Trust {
	t := &qrproto.Trust{Epoch: 1000, Least: 1000}
	for i := range n {
		_, issuer, _ := signers()
		if i%2 == 1 {
			_, issuer, _ = signersP256(b)
		}
		d, err := qrproto.Delegate(&qrproto.Key{
			ID: qrproto.KeyID([]byte{'i', 's', 's', i}), Public: issuer.Key.Public(),
			Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt},
			Caps:  &qrproto.Caps{Fleet: number[:3], Currency: "CNY", Amount: 65_000, Quota: 500},
		})
		if err != nil {
			b.Fatal(err)
		}
		t.Delegations = append(t.Delegations, d)
	}
	return t
}

// BenchmarkOpen is each kind under each algorithm beside a bare verify of that
// algorithm.
func BenchmarkOpen(b *testing.B) {
	for _, p := range kinds(b) {
		signed := func(device, issuer qrproto.Signer) (qrproto.Code, qrproto.Signer) {
			by := issuer
			if p.Kind() == qrproto.KindIdentity || p.Kind() == qrproto.KindSettlement {
				by = device
			}
			code, err := qrproto.Seal(p.Payload, by)
			if err != nil {
				b.Fatal(err)
			}
			return code, by
		}
		b.Run(p.name+"/Ed25519", func(b *testing.B) {
			device, issuer, keys := signers()
			code, by := signed(device, issuer)
			compare(b, bareVerify(code, by), opening(code, keys))
		})
		b.Run(p.name+"/ESP256", func(b *testing.B) {
			device, issuer, keys := signersP256(b)
			code, by := signed(device, issuer)
			compare(b, bareVerifyP256(b, code, by), opening(code, keys))
		})
	}
}

func opening(code qrproto.Code, keys qrproto.Keys) func() error {
	text := code.Text()
	return func() error {
		_, err := qrproto.Open(text, keys)
		return err
	}
}
