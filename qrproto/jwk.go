// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto/internal/keyform"
)

// MarshalJSON writes the list as a JWK Set (RFC 7517, section 5) with the kinds,
// the number and the agreement key of each key in the members qrcharge_kinds,
// qrcharge_number and qrcharge_agreement. The generation of a device's key is the
// last byte of its kid. It fails with ErrBadKey for a key that Validate refuses or
// that has Caps: read again, it would have none.
func (l KeyList) MarshalJSON() ([]byte, error) {
	set := struct {
		Keys []*keyform.Key `json:"keys"`
	}{[]*keyform.Key{}}
	for i := range l {
		k := &l[i]
		if err := k.Validate(); err != nil {
			return nil, err
		}
		if k.Caps != nil {
			return nil, &Error{Code: ErrBadKey, Why: "key " + k.ID.String() + " has bounds, which a file would lose"}
		}
		form := &keyform.Key{ID: []byte(k.ID), Number: k.Number, Public: k.Public, Agreement: k.Agreement}
		for _, kind := range k.Kinds {
			form.Add(kind.String())
		}
		set.Keys = append(set.Keys, form)
	}
	return json.Marshal(set)
}

// UnmarshalJSON reads a JWK Set as MarshalJSON writes it: keys of type OKP with
// curve Ed25519 (RFC 8037) and of type EC with curve P-256 (RFC 7518, section
// 6.2). It fails with ErrKeyFile if it is none, or holds a private key or one id
// twice, and with ErrBadKey and the like if a key in it is unusable or meant for
// something else: a key file is right as a whole or not at all.
func (l *KeyList) UnmarshalJSON(b []byte) error {
	var set struct {
		Keys json.RawMessage `json:"keys"`
	}
	if err := keyform.Object(b, &set); err != nil {
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
	form := keyform.Key{PublicOnly: true}
	err := from.Decode(&form)
	switch {
	case errors.Is(err, keyform.ErrUse):
		return &Error{Code: ErrBadKey, Err: err}
	case err != nil:
		return &Error{Code: ErrKeyFile, Err: err}
	}
	k := Key{ID: KeyID(form.ID), Public: form.Public, Number: form.Number, Agreement: form.Agreement}
	for _, letter := range []byte(form.Kinds) {
		k.Kinds = append(k.Kinds, Kind(letter))
	}
	if err := k.Validate(); err != nil {
		return err
	}
	if known, _ := l.Key(k.ID); known != nil {
		return &Error{Code: ErrKeyFile, Why: "a second key of id " + k.ID.String()}
	}
	*l = append(*l, k)
	return nil
}
