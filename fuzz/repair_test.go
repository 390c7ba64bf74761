// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"io"
	"math/big"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// repairer signs what a target has changed, so that the rules behind the
// signature are reached. It is Ed25519 (RFC 8032) with one nonce for all
// messages: that gives its key away, costs a fraction of an honest signature,
// and is nothing that a verifier could see.
type repairer struct {
	public     ed25519.PublicKey
	commitment ed25519.PublicKey // the nonce as a point
	secret     *big.Int
	nonce      *big.Int
}

var _ crypto.Signer = (*repairer)(nil)

func newRepairer(seed byte) *repairer {
	key, nonce := bytes.Repeat([]byte{seed}, ed25519.SeedSize), bytes.Repeat([]byte{^seed}, ed25519.SeedSize)
	return &repairer{public: pointOf(key), commitment: pointOf(nonce), secret: scalarOf(key), nonce: scalarOf(nonce)}
}

func pointOf(seed []byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}

// scalarOf is the private scalar that belongs to the point of a seed.
func scalarOf(seed []byte) *big.Int {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] = h[31]&63 | 64
	return littleEndian(h[:32])
}

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// order is that of the group, 2^252 + 27742317777372353535851937790883648493.
func order() *big.Int {
	n, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	return n.Add(n, new(big.Int).Lsh(big.NewInt(1), 252))
}

var groupOrder = order()

// Public implements crypto.Signer.
func (r *repairer) Public() crypto.PublicKey { return r.public }

// Sign implements crypto.Signer.
func (r *repairer) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	h := sha512.New()
	h.Write(r.commitment)
	h.Write(r.public)
	h.Write(message)
	s := littleEndian(h.Sum(nil))
	s.Mul(s, r.secret).Add(s, r.nonce).Mod(s, groupOrder)
	signature := make([]byte, ed25519.SignatureSize)
	s.FillBytes(signature[32:])
	slices.Reverse(signature[32:])
	copy(signature, r.commitment)
	return signature, nil
}

// seal returns the envelope of a payload under a key id, whatever it is.
func (r *repairer) seal(kind byte, id qrproto.KeyID, payload []byte) []byte {
	protected, message := toBeSigned(kind, algEd25519, []byte(id), payload)
	signature, _ := r.Sign(nil, message, nil) // never fails
	return envelopeOf(protected, payload, signature)
}

func TestRepairedSignaturesVerify(t *testing.T) {
	for seed := range byte(8) {
		r := newRepairer(seed)
		for n := range 64 {
			message := bytes.Repeat([]byte{byte(n)}, n)
			signature, _ := r.Sign(nil, message, nil)
			if !ed25519.Verify(r.public, message, signature) {
				t.Errorf("seed %d, %d bytes: does not verify", seed, n)
			}
			if signature[n] ^= 1; ed25519.Verify(r.public, message, signature) {
				t.Errorf("seed %d, %d bytes: verifies changed", seed, n)
			}
		}
	}
}
