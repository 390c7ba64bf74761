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
func signersP256(b *testing.B) (device, issuer qrproto.Signer, keys qrproto.KeyList) {
	device, issuer, trusted := signers()
	keys = trusted.(qrproto.KeyList)
	for i, s := range []*qrproto.Signer{&device, &issuer} {
		scalar := sha256.Sum256([]byte{byte(i)})
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		if err != nil {
			b.Fatal(err)
		}
		s.Key, keys[i].Public = private, private.Public()
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

// kinds is one full payload of each kind.
func kinds(b *testing.B) []qrproto.Payload {
	o := order(b)
	plan, err := settle.Compile(o, nil)
	if err != nil {
		b.Fatal(err)
	}
	return []qrproto.Payload{
		&qrproto.Identity{
			Number: number, Connector: 2, State: qrproto.StateAvailable, Place: "P2-A07", Challenge: o.Challenge, Boot: 1203,
			Wall: 1795348800, Clock: qrproto.ClockInformative, Epoch: 41, Rules: 1, Tariffs: qrproto.Hints{1, 2, 3, 4, 5, 6, 7, 8},
			Health: qrproto.HealthGood, Head: &qrproto.Head{Seq: 20345, Sum: qrproto.Short{9}, Total: 412_345_678_901},
			Open: qrproto.Hints{1, 2, 3, 4, 5, 6, 7, 8}, Back: 9,
		},
		o,
		settled(b, o, plan),
		&qrproto.Receipt{
			Settlement: qrproto.Ref{5}, Paid: 3512, Refunded: 6488, Time: 1795358811,
			Ack: &qrproto.Ack{Seq: 20346, Sum: qrproto.Short{5}}, Anchor: &qrproto.Anchor{1, 2, 3},
		},
	}
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
			code, err := qrproto.Seal(p, by)
			if err != nil {
				b.Fatal(err)
			}
			return code, by
		}
		b.Run(p.Kind().String()+"/Ed25519", func(b *testing.B) {
			device, issuer, keys := signers()
			code, by := signed(device, issuer)
			compare(b, bareVerify(code, by), opening(code, keys))
		})
		b.Run(p.Kind().String()+"/ESP256", func(b *testing.B) {
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
