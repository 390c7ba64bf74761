// SPDX-License-Identifier: Apache-2.0

package keyform

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// jwk is a JSON Web Key. The members that begin with qrcharge_ are private names
// in the sense of RFC 7517, section 4. A key for ESP256 says ES256: in JOSE that
// name has always meant P-256 (RFC 9864, section 2.1).
type jwk struct {
	Type   string     `json:"kty"`
	Curve  string     `json:"crv"`
	X      string     `json:"x"`
	Y      string     `json:"y,omitempty"`
	D      *string    `json:"d,omitempty"`
	ID     string     `json:"kid"` // hex
	Use    *string    `json:"use,omitempty"`
	Alg    *string    `json:"alg,omitempty"`
	Ops    operations `json:"key_ops,omitempty"`
	Kinds  string     `json:"qrcharge_kinds"`            // letters
	Number *string    `json:"qrcharge_number,omitempty"` // hex
	Agree  *string    `json:"qrcharge_agreement,omitempty"`
}

// MarshalJSON writes a JWK.
func (k *Key) MarshalJSON() ([]byte, error) {
	p, err := k.parts()
	if err != nil {
		return nil, err
	}
	j := jwk{
		Type: "OKP", Curve: "Ed25519", Alg: text("Ed25519"), Use: text("sig"), Ops: operations{"verify"},
		X: base64.RawURLEncoding.EncodeToString(p.X), ID: hex.EncodeToString(k.ID), Kinds: k.Kinds,
	}
	if p.Y != nil {
		j.Type, j.Curve, j.Alg, j.Y = "EC", "P-256", text("ES256"), base64.RawURLEncoding.EncodeToString(p.Y)
	}
	if p.D != nil {
		j.D, j.Ops = text(base64.RawURLEncoding.EncodeToString(p.D)), operations{"sign"}
	}
	if len(k.Number) > 0 {
		j.Number = text(hex.EncodeToString(k.Number))
	}
	if p.A != nil {
		j.Agree = text(base64.RawURLEncoding.EncodeToString(p.A))
	}
	return json.Marshal(j)
}

// text is a member that may be absent.
func text(s string) *string { return &s }

// UnmarshalJSON reads a JWK. Members that mean nothing here are ignored.
func (k *Key) UnmarshalJSON(b []byte) error {
	var j jwk
	if err := Object(b, &j); err != nil {
		return err
	}
	if k.PublicOnly && j.D != nil {
		return ErrPrivate
	}
	if !j.signs() {
		return fmt.Errorf("%w: kty, crv, use, alg or key_ops say that it is for something else", ErrUse)
	}
	var read Key
	p, err := j.parts()
	if err == nil {
		err = read.join(p)
	}
	if err != nil {
		return err
	}
	if read.ID, err = lowerHex(j.ID); err == nil && j.Number != nil {
		read.Number, err = lowerHex(*j.Number)
	}
	if err != nil {
		return fmt.Errorf("%w: kid and qrcharge_number are lower-case hex", ErrForm)
	}
	read.Kinds = j.Kinds
	if err := read.checkTrusted(); err != nil {
		return err
	}
	*k = read
	return nil
}

// parts decodes the numbers.
func (j *jwk) parts() (p parts, err error) {
	fields := []struct {
		to   *[]byte
		text *string
	}{{&p.X, &j.X}, {&p.Y, &j.Y}, {&p.D, j.D}, {&p.A, j.Agree}}
	if j.Type == "OKP" {
		fields[1].text = nil
	}
	for _, f := range fields {
		if f.text == nil {
			continue
		}
		if *f.to, err = base64url(*f.text); err != nil {
			return p, err
		}
	}
	return p, nil
}

func base64url(text string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	// The decoder skips line feeds, which no number has.
	if err != nil || base64.RawURLEncoding.EncodedLen(len(b)) != len(text) {
		return nil, fmt.Errorf("%w: x, y, d and qrcharge_agreement are base64url", ErrForm)
	}
	return b, nil
}

func lowerHex(text string) ([]byte, error) {
	b, err := hex.DecodeString(text)
	if err != nil || hex.EncodeToString(b) != text {
		return nil, ErrForm
	}
	return b, nil
}

// operations are what a key is for. There are eight of them (RFC 7517, section
// 4.3), so that a list of thousands is not worth reading.
type operations []string

func (o *operations) UnmarshalJSON(b []byte) error {
	const most = 256
	if len(b) > most {
		return fmt.Errorf("%w: key_ops above 256 bytes", ErrForm)
	}
	var texts []*string // a null among them would be a text without letters
	if err := json.Unmarshal(b, &texts); err != nil {
		return err
	}
	*o = make(operations, 0, len(texts))
	for _, t := range texts {
		if t == nil {
			return fmt.Errorf("%w: null in key_ops", ErrForm)
		}
		*o = append(*o, *t)
	}
	return nil
}

// signs tells whether what the key says of its own type and use, where it says
// anything, lets it make or check signatures of Ed25519 or ESP256 (RFC 7517,
// sections 4.1 to 4.4; RFC 9864 and, before it, RFC 8037 for names).
func (j *jwk) signs() bool {
	var names []string
	switch {
	case j.Type == "OKP" && j.Curve == "Ed25519":
		names = []string{"Ed25519", "EdDSA"}
	case j.Type == "EC" && j.Curve == "P-256":
		names = []string{"ES256"}
	default:
		return false
	}
	operation := "verify"
	if j.D != nil {
		operation = "sign"
	}
	return (j.Alg == nil || slices.Contains(names, *j.Alg)) && (j.Use == nil || *j.Use == "sig") &&
		(j.Ops == nil || slices.Contains(j.Ops, operation))
}
