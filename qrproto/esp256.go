// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
)

// esp256Key verifies ECDSA over P-256 with SHA-256 as crypto/ecdsa does (FIPS
// 186-5): for secure elements that know no Ed25519. COSE algorithm -9 (RFC
// 9864). A signature is r ‖ s, 32 bytes each (RFC 9053, section 2.1); with s
// verifies also the group's order less s, which no rule forbids and no hash
// covers.
type esp256Key ecdsa.PublicKey

const scalarSize = 32 // bytes of a coordinate, of r and of s

// newESP256 refuses whatever is not a point of P-256 other than the neutral
// one, its coordinates below the field's prime. P-256 has no points of small
// order.
func newESP256(key *ecdsa.PublicKey) (algorithm, error) {
	switch {
	case key == nil || key.Curve != elliptic.P256():
		return nil, &Error{Code: ErrBadKey, Why: "not a public key of P-256"}
	case key.X == nil || key.Y == nil:
		return nil, &Error{Code: ErrBadKey, Why: "a point without coordinates"}
	}
	if _, err := key.Bytes(); err != nil {
		return nil, &Error{Code: ErrBadKey, Why: "not a point of P-256", Err: err}
	}
	return (*esp256Key)(key), nil
}

func (*esp256Key) id() int8 { return -9 }

func (k *esp256Key) verify(message, signature []byte) bool {
	if len(signature) != 2*scalarSize {
		return false
	}
	digest := sha256.Sum256(message)
	var room [2 + 2*(2+1+scalarSize)]byte
	der := appendInteger(room[:2], signature[:scalarSize])
	der = appendInteger(der, signature[scalarSize:])
	der[0], der[1] = asn1.TagSequence|1<<5, byte(len(der)-2)
	return ecdsa.VerifyASN1((*ecdsa.PublicKey)(k), digest[:], der)
}

// appendInteger appends a positive number as an INTEGER in DER.
func appendInteger(der, n []byte) []byte {
	for len(n) > 1 && n[0] == 0 {
		n = n[1:]
	}
	if n[0] < 0x80 {
		return append(append(der, asn1.TagInteger, byte(len(n))), n...)
	}
	return append(append(der, asn1.TagInteger, byte(len(n)+1), 0), n...)
}

var errSignatureForm = errors.New("not the ASN.1 of an ECDSA signature over P-256")

// sign takes the signature as a crypto.Signer gives it, SEQUENCE { INTEGER r,
// INTEGER s }. No randomness is handed in: a secure element has its own, and an
// *ecdsa.PrivateKey then derives its nonce as RFC 6979 tells.
func (*esp256Key) sign(key crypto.Signer, message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	der, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var pair struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &pair); err != nil || len(rest) > 0 {
		return nil, errSignatureForm
	}
	out := make([]byte, 2*scalarSize)
	for i, n := range []*big.Int{pair.R, pair.S} {
		if n.Sign() <= 0 || n.BitLen() > 8*scalarSize {
			return nil, errSignatureForm
		}
		n.FillBytes(out[i*scalarSize : (i+1)*scalarSize])
	}
	return out, nil
}
