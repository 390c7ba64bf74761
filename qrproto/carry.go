// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/crypto/chacha20"
)

// carriedSalt is the salt of HKDF; SPEC.md, section 10.1.
const carriedSalt = "qrcharge/1/carried"

// Carrier encrypts the records that the identities of one device carry, and
// decrypts them at its server, so that whoever scans an identity learns nothing
// of the sales of others but how many there are and how long each record is. It
// costs no byte: a record is combined with a keystream of its own (X25519, HKDF
// with SHA-256, ChaCha20), and its integrity is that of the identity, which is
// signed. SPEC.md, section 10.1, says why no keystream is used twice.
//
// A Carrier holds the secret that both sides share. It may be used from several
// goroutines at once.
type Carrier struct{ secret []byte }

// NewCarrier makes the Carrier between the owner of a private key and a peer,
// both of X25519 (RFC 7748): on a device its own key and the server's, on the
// server its own key and the device's. Both come to the same.
//
// It fails with ErrBadKey for keys that are nil or of another curve, and for a
// public key that ValidateAgreement refuses: with one of small order the secret
// would be no secret.
func NewCarrier(private *ecdh.PrivateKey, peer *ecdh.PublicKey) (*Carrier, error) {
	if private == nil || private.Curve() != ecdh.X25519() {
		return nil, &Error{Code: ErrBadKey, Why: "not a private key of X25519"}
	}
	if err := checkAgreement(peer); err != nil {
		return nil, err
	}
	shared, err := private.ECDH(peer) // fails where the result is zero
	if err != nil {
		return nil, &Error{Code: ErrBadKey, Why: "an agreement key of small order", Err: err}
	}
	secret, err := hkdf.Extract(sha256.New, shared, []byte(carriedSalt))
	if err != nil {
		return nil, &Error{Code: ErrBadKey, Err: err}
	}
	return &Carrier{secret}, nil
}

// checkAgreement tells whether a public key is one of X25519, in its one encoding.
func checkAgreement(public *ecdh.PublicKey) error {
	if public == nil || public.Curve() != ecdh.X25519() {
		return &Error{Code: ErrBadKey, Why: "not a public key of X25519"}
	}
	if u := public.Bytes(); u[31] > 0x7f || !canonicalY(u) {
		return &Error{Code: ErrBadKey, Why: "an agreement key that is not below 2^255-19"}
	}
	return nil
}

// ValidateAgreement tells whether a public key of X25519 may be enrolled. It fails
// with ErrBadKey for one of small order, and for one not in its one encoding: RFC
// 7748 takes any 32 bytes. Call it when such a key is loaded; Key.Validate does.
func ValidateAgreement(public *ecdh.PublicKey) error {
	if err := checkAgreement(public); err != nil {
		return err
	}
	if weakAgreement(public) {
		return &Error{Code: ErrBadKey, Why: "an agreement key of small order"}
	}
	return nil
}

// weakAgreement tells whether a public key of X25519 is of small order: then
// every private key comes to zero with it, whichever it is.
func weakAgreement(public *ecdh.PublicKey) bool {
	var any32 [32]byte
	private, err := ecdh.X25519().NewPrivateKey(any32[:])
	if err != nil {
		return true
	}
	_, err = private.ECDH(public)
	return err != nil
}

// Apply returns the records of an identity encrypted, if they are in the clear,
// and in the clear, if they are encrypted: it is its own inverse. The identity
// must be whole but for them, and the same on both sides; it is left as it is.
// What comes of records that were altered, or encrypted for another, is noise;
// DecodeRecord refuses it.
//
// It fails as Seal does for an identity that breaks a rule of its kind. A device
// must not encrypt two different records at one place of one identity.
func (c *Carrier) Apply(i *Identity) ([][]byte, error) {
	if c == nil || i == nil {
		return nil, &Error{Code: ErrBadKey, Kind: KindIdentity, Why: "no agreement, or no identity"}
	}
	if err := i.validate(); err != nil {
		return nil, err
	}
	out := make([][]byte, len(i.Records))
	for n, record := range i.Records {
		out[n] = make([]byte, len(record))
		if err := c.combine(out[n], record, i, n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// combine adds to a record its keystream. Each has a key of its own, so that
// the nonce of the cipher is always zero (RFC 8439, section 2.4, from block 0).
func (c *Carrier) combine(dst, record []byte, i *Identity, n int) error {
	key, err := hkdf.Expand(sha256.New, c.secret, carriedInfo(i, n), chacha20.KeySize)
	if err != nil {
		return &Error{Code: ErrBadKey, Kind: KindIdentity, Err: err}
	}
	cipher, err := chacha20.NewUnauthenticatedCipher(key, make([]byte, chacha20.NonceSize))
	if err != nil {
		return &Error{Code: ErrBadKey, Kind: KindIdentity, Err: err}
	}
	cipher.XORKeyStream(dst, record)
	return nil
}

// carriedInfo is what tells the key of one record from all others. Only the
// number varies in length, and stands behind it.
func carriedInfo(i *Identity, n int) string {
	b := append(make([]byte, 0, 64), byte(len(i.Number)))
	b = append(b, i.Number...)
	b = binary.BigEndian.AppendUint32(b, i.Boot)
	b = binary.BigEndian.AppendUint32(b, i.Challenge.Counter)
	b = append(b, i.Challenge.Nonce[:]...)
	b = binary.BigEndian.AppendUint32(b, i.Head.Seq) // records need a head
	b = append(b, i.Head.Sum[:]...)
	return string(append(b, byte(n)))
}
