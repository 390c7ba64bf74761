// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// jwk is a public key as a JSON Web Key (RFC 7517, RFC 8037). The members that
// begin with qrcharge_ are private names in the sense of RFC 7517, section 4.
type jwk struct {
	Type    string     `json:"kty"`
	Curve   string     `json:"crv"`
	X       string     `json:"x"`
	ID      string     `json:"kid"` // hex
	Use     string     `json:"use,omitempty"`
	Alg     string     `json:"alg,omitempty"`
	Ops     operations `json:"key_ops,omitempty"`
	Kinds   string     `json:"qrcharge_kinds"`            // letters
	Number  string     `json:"qrcharge_number,omitempty"` // hex
	Private string     `json:"d,omitempty"`               // only to notice it
}

type jwkSet struct {
	Keys []jwk `json:"keys"`
}

// MarshalJSON writes the list as a JWK Set (RFC 7517, section 5) with the kinds
// and the number of each key in the members qrcharge_kinds and
// qrcharge_number.
func (l KeyList) MarshalJSON() ([]byte, error) {
	set := jwkSet{Keys: []jwk{}}
	for i := range l {
		k := &l[i]
		if err := k.Validate(); err != nil {
			return nil, err
		}
		public, ok := k.Public.(ed25519.PublicKey)
		if !ok {
			return nil, &Error{Code: ErrBadKey, Why: "not an Ed25519 public key"}
		}
		kinds := make([]byte, len(k.Kinds))
		for j, kind := range k.Kinds {
			kinds[j] = byte(kind)
		}
		set.Keys = append(set.Keys, jwk{
			Type: "OKP", Curve: "Ed25519", Alg: "Ed25519", Use: "sig", Ops: operations{"verify"},
			X: base64.RawURLEncoding.EncodeToString(public), ID: k.ID.String(),
			Kinds: string(kinds), Number: hex.EncodeToString(k.Number),
		})
	}
	return json.Marshal(set)
}

// UnmarshalJSON reads a JWK Set as MarshalJSON writes it. It fails with
// ErrKeyFile if it is none, or holds a private key or one id twice, and with
// ErrBadKey and the like if a key in it is unusable or meant for something
// else: a key file is right as a whole or not at all.
func (l *KeyList) UnmarshalJSON(b []byte) error {
	var set struct {
		Keys json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(b, &set); err != nil {
		return &Error{Code: ErrKeyFile, Err: err}
	}
	// Key by key, so that a file of a thousand empty objects ends at the first
	// and not after memory for all.
	keys := json.NewDecoder(bytes.NewReader(set.Keys))
	if first, err := keys.Token(); err != nil || first != json.Delim('[') {
		return &Error{Code: ErrKeyFile, Why: "no list of keys"}
	}
	list := KeyList{}
	for keys.More() {
		if err := list.add(keys); err != nil {
			return &Error{Code: CodeOf(err), Path: fmt.Sprintf("keys[%d]", len(list)), Err: err}
		}
	}
	*l = list
	return nil
}

// add reads one more key.
func (l *KeyList) add(from *json.Decoder) error {
	var j jwk
	if err := from.Decode(&j); err != nil {
		return &Error{Code: ErrKeyFile, Err: err}
	}
	k, err := j.key()
	if err != nil {
		return err
	}
	if known, _ := l.Key(k.ID); known != nil {
		return &Error{Code: ErrKeyFile, Why: "a second key of id " + k.ID.String()}
	}
	*l = append(*l, k)
	return nil
}

func (j *jwk) key() (Key, error) {
	if j.Private != "" {
		return Key{}, &Error{Code: ErrKeyFile, Why: "a private key among public ones"}
	}
	if j.Type != "OKP" || j.Curve != "Ed25519" {
		return Key{}, &Error{Code: ErrBadKey, Why: "not kty OKP, crv Ed25519"}
	}
	if !j.verifies() {
		return Key{}, &Error{Code: ErrBadKey, Why: "use, alg or key_ops say that it is for something else"}
	}
	x, errX := base64.RawURLEncoding.Strict().DecodeString(j.X)
	id, errID := hex.DecodeString(j.ID)
	number, errNumber := hex.DecodeString(j.Number)
	if errX != nil || errID != nil || errNumber != nil {
		return Key{}, &Error{Code: ErrKeyFile, Why: "x is base64url; kid and qrcharge_number are hex"}
	}
	k := Key{ID: KeyID(id), Public: ed25519.PublicKey(x)}
	if len(number) > 0 {
		k.Number = number
	}
	for _, letter := range []byte(j.Kinds) {
		k.Kinds = append(k.Kinds, Kind(letter))
	}
	return k, k.Validate()
}

// operations are what a key is for. There are eight of them (RFC 7517, section
// 4.3), so that a list of thousands is not worth reading.
type operations []string

func (o *operations) UnmarshalJSON(b []byte) error {
	const most = 256
	if len(b) > most {
		return &Error{Code: ErrKeyFile, Why: "key_ops above 256 bytes"}
	}
	return json.Unmarshal(b, (*[]string)(o))
}

// verifies tells whether what the key says of its own use, where it says
// anything, lets it check signatures of Ed25519 (RFC 7517, sections 4.2 to 4.4;
// RFC 9864 and, before it, RFC 8037 for the name of the algorithm).
func (j *jwk) verifies() bool {
	return (j.Use == "" || j.Use == "sig") &&
		(j.Alg == "" || j.Alg == "Ed25519" || j.Alg == "EdDSA") &&
		(j.Ops == nil || slices.Contains(j.Ops, "verify"))
}
