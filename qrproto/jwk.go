// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
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
	Type    string   `json:"kty"`
	Curve   string   `json:"crv"`
	X       string   `json:"x"`
	ID      string   `json:"kid"` // hex
	Use     string   `json:"use,omitempty"`
	Alg     string   `json:"alg,omitempty"`
	Ops     []string `json:"key_ops,omitempty"`
	Kinds   string   `json:"qrcharge_kinds"`            // letters
	Number  string   `json:"qrcharge_number,omitempty"` // hex
	Private string   `json:"d,omitempty"`               // only to notice it
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
			Type: "OKP", Curve: "Ed25519", Alg: "Ed25519", Use: "sig", Ops: []string{"verify"},
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
	var set jwkSet
	if err := json.Unmarshal(b, &set); err != nil {
		return &Error{Code: ErrKeyFile, Err: err}
	}
	if set.Keys == nil {
		return &Error{Code: ErrKeyFile, Why: "no member keys"}
	}
	list := make(KeyList, 0, len(set.Keys))
	for i := range set.Keys {
		k, err := set.Keys[i].key()
		if err != nil {
			return &Error{Code: CodeOf(err), Path: fmt.Sprintf("keys[%d]", i), Err: err}
		}
		if known, _ := list.Key(k.ID); known != nil {
			return &Error{Code: ErrKeyFile, Path: fmt.Sprintf("keys[%d]", i), Why: "a second key of id " + k.ID.String()}
		}
		list = append(list, k)
	}
	*l = list
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

// verifies tells whether what the key says of its own use, where it says
// anything, lets it check signatures of Ed25519 (RFC 7517, sections 4.2 to 4.4;
// RFC 9864 and, before it, RFC 8037 for the name of the algorithm).
func (j *jwk) verifies() bool {
	return (j.Use == "" || j.Use == "sig") &&
		(j.Alg == "" || j.Alg == "Ed25519" || j.Alg == "EdDSA") &&
		(j.Ops == nil || slices.Contains(j.Ops, "verify"))
}
