// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/internal/keyform"
)

// Agreement is a private key of X25519 with an id, for the records that identities
// carry (qrproto.Carrier): a server's, or a device's. It signs nothing. As text it
// is its id.
type Agreement struct {
	id     qrproto.KeyID
	secret *ecdh.PrivateKey
}

// NewAgreement gives a private key of X25519 an id, 1 to 8 bytes: a device's has
// that of its signing key, with which it is replaced; a server's is its owner's
// choice. It fails with qrproto.ErrBadKey.
func NewAgreement(id qrproto.KeyID, secret *ecdh.PrivateKey) (*Agreement, error) {
	if len(id) < 1 || len(id) > 8 {
		return nil, badKey("an id not of 1 to 8 bytes")
	}
	if secret == nil || secret.Curve() != ecdh.X25519() {
		return nil, badKey("a private key that is not of X25519")
	}
	return &Agreement{id, secret}, nil
}

// GenerateAgreement makes a new key. Random gives its 32 bytes; it fails with the
// error of random and as NewAgreement does.
func GenerateAgreement(id qrproto.KeyID, random io.Reader) (*Agreement, error) {
	var seed [32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, err
	}
	secret, err := ecdh.X25519().NewPrivateKey(seed[:])
	if err != nil {
		return nil, err
	}
	return NewAgreement(id, secret)
}

// ID returns the id.
func (a *Agreement) ID() qrproto.KeyID { return a.id }

// Private returns what qrproto.NewCarrier takes.
func (a *Agreement) Private() *ecdh.PrivateKey { return a.secret }

// Public returns the half that the peer has: of a device's the Agreement of its
// qrproto.Key, of a server's what its devices are provisioned with.
func (a *Agreement) Public() *ecdh.PublicKey { return a.secret.PublicKey() }

// String is the id of the key, so that no log shows more.
func (a Agreement) String() string { return "agreement key " + a.id.String() }

// Format writes String, whatever the verb: %d would write the bytes of the key.
func (a Agreement) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }

// EncodeAgreement writes a private agreement key as a JWK (RFC 8037, curve
// X25519), not encrypted. Who can read it can read all that was ever encrypted
// to it.
func EncodeAgreement(a *Agreement) ([]byte, error) {
	f := keyform.Agreement{ID: []byte(a.id), Public: a.Public(), Private: a.secret}
	b, err := f.MarshalJSON()
	if err != nil {
		return nil, unreadable(err)
	}
	return b, nil
}

// DecodeAgreement reads a private JWK of X25519. It fails with
// qrproto.ErrTooLarge above MaxFile, with qrproto.ErrKeyFile if it is none or its
// two halves do not belong together, and with qrproto.ErrBadKey if the key is for
// something else.
func DecodeAgreement(b []byte) (*Agreement, error) {
	f, err := decodeAgreement(b, false)
	if err != nil {
		return nil, err
	}
	if f.Private == nil {
		return nil, unreadable(errors.New("a public key where a private one is wanted"))
	}
	return NewAgreement(qrproto.KeyID(f.ID), f.Private)
}

// EncodePeer writes the public half as a JWK, for the other side.
func EncodePeer(a *Agreement) ([]byte, error) {
	f := keyform.Agreement{ID: []byte(a.id), Public: a.Public()}
	b, err := f.MarshalJSON()
	if err != nil {
		return nil, unreadable(err)
	}
	return b, nil
}

// DecodePeer reads the JWK that EncodePeer writes, such as a server's on a device.
// It fails as DecodeAgreement does, with qrproto.ErrKeyFile for a private key, and
// with qrproto.ErrBadKey for one of small order or not in its one encoding.
func DecodePeer(b []byte) (qrproto.KeyID, *ecdh.PublicKey, error) {
	f, err := decodeAgreement(b, true)
	if err != nil {
		return "", nil, err
	}
	if len(f.ID) < 1 || len(f.ID) > 8 {
		return "", nil, badKey("an id not of 1 to 8 bytes")
	}
	if err := qrproto.ValidateAgreement(f.Public); err != nil {
		return "", nil, err
	}
	return qrproto.KeyID(f.ID), f.Public, nil
}

func decodeAgreement(b []byte, publicOnly bool) (*keyform.Agreement, error) {
	if len(b) > MaxFile {
		return nil, &qrproto.Error{Code: qrproto.ErrTooLarge}
	}
	f := &keyform.Agreement{PublicOnly: publicOnly}
	if err := f.UnmarshalJSON(b); err != nil {
		return nil, unreadable(err)
	}
	return f, nil
}

// EncryptAgreement writes a private agreement key as Encrypt does a signing one.
func EncryptAgreement(a *Agreement, passphrase string, random io.Reader) ([]byte, error) {
	content, err := EncodeAgreement(a)
	if err != nil {
		return nil, err
	}
	return encrypt(content, passphrase, WorkFactor, random)
}

// DecryptAgreement reads what EncryptAgreement writes. It fails as Decrypt and
// DecodeAgreement do.
func DecryptAgreement(file []byte, passphrase string) (*Agreement, error) {
	content, err := decrypt(file, passphrase)
	if err != nil {
		return nil, err
	}
	return DecodeAgreement(content)
}
