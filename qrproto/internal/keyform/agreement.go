// SPDX-License-Identifier: Apache-2.0

package keyform

import (
	"crypto/ecdh"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Agreement is a key of X25519 (RFC 7748) as a JWK: OKP, curve X25519 (RFC 8037),
// x and d of 32 bytes each.
type Agreement struct {
	ID      []byte
	Public  *ecdh.PublicKey
	Private *ecdh.PrivateKey // nil in a public key

	// PublicOnly tells a reader to refuse a private key, sound or not.
	PublicOnly bool
}

// agreementJWK says no algorithm: those that JOSE has a name for derive keys in
// another way.
type agreementJWK struct {
	Type  string     `json:"kty"`
	Curve string     `json:"crv"`
	X     string     `json:"x"`
	D     *string    `json:"d,omitempty"`
	ID    string     `json:"kid"` // hex
	Use   *string    `json:"use,omitempty"`
	Alg   *string    `json:"alg,omitempty"`
	Ops   operations `json:"key_ops,omitempty"`
}

// MarshalJSON writes a JWK.
func (a *Agreement) MarshalJSON() ([]byte, error) {
	if a.Public == nil || a.Public.Curve() != ecdh.X25519() {
		return nil, errNoAgreement
	}
	j := agreementJWK{
		Type: "OKP", Curve: "X25519", X: base64.RawURLEncoding.EncodeToString(a.Public.Bytes()), ID: hex.EncodeToString(a.ID), Use: text("enc"),
	}
	if a.Private != nil {
		if !a.Private.PublicKey().Equal(a.Public) {
			return nil, errHalves
		}
		j.D, j.Ops = text(base64.RawURLEncoding.EncodeToString(a.Private.Bytes())), operations{"deriveBits"}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads a JWK. Members that mean nothing here are ignored.
func (a *Agreement) UnmarshalJSON(b []byte) error {
	var j agreementJWK
	if err := Object(b, &j); err != nil {
		return err
	}
	switch {
	case a.PublicOnly && j.D != nil:
		return ErrPrivate
	case !j.agrees():
		return errNoAgreement
	}
	x, err := base64url(j.X)
	if err != nil {
		return err
	}
	id, err := lowerHex(j.ID)
	if err != nil {
		return fmt.Errorf("%w: kid is lower-case hex", ErrForm)
	}
	read := Agreement{ID: id}
	if read.Public, err = ecdh.X25519().NewPublicKey(x); err != nil {
		return fmt.Errorf("%w: %w", ErrUse, err)
	}
	if j.D != nil {
		if err := read.join(*j.D); err != nil {
			return err
		}
	}
	*a = read
	return nil
}

// join adds the private half, which must be that of the public one.
func (a *Agreement) join(text string) error {
	d, err := base64url(text)
	if err != nil {
		return err
	}
	if a.Private, err = ecdh.X25519().NewPrivateKey(d); err != nil {
		return fmt.Errorf("%w: %w", ErrUse, err)
	}
	if !a.Private.PublicKey().Equal(a.Public) {
		return errHalves
	}
	return nil
}

var errNoAgreement = fmt.Errorf("%w: not a key of X25519 to agree with", ErrUse)

// agrees tells whether what the key says of its own type and use, where it says
// anything, lets it make a secret with another.
func (j *agreementJWK) agrees() bool {
	ops := len(j.Ops) == 0
	if j.D != nil {
		ops = j.Ops == nil || slices.Contains(j.Ops, "deriveBits")
	}
	return j.Type == "OKP" && j.Curve == "X25519" && j.Alg == nil && (j.Use == nil || *j.Use == "enc") && ops
}
