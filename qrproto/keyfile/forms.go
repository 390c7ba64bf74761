// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/qrproto/internal/keyform"
)

// EncodeJWK writes a private key as a JWK, not encrypted, with the kinds and the
// number in the members qrcharge_kinds and qrcharge_number, as in the JWK Set of
// qrproto.KeyList. It fails with qrproto.ErrBadKey for a key that has Caps: read
// again, it would have none.
func EncodeJWK(p *Private) ([]byte, error) {
	f, err := p.form()
	if err != nil {
		return nil, err
	}
	b, err := f.MarshalJSON()
	if err != nil {
		return nil, unreadable(err)
	}
	return b, nil
}

// DecodeJWK reads a private JWK. It fails with qrproto.ErrTooLarge above MaxFile,
// with qrproto.ErrKeyFile if it is none or its two halves do not belong together,
// and with qrproto.ErrBadKey and the like if the key is unusable or for something
// else.
func DecodeJWK(b []byte) (*Private, error) {
	if len(b) > MaxFile {
		return nil, &qrproto.Error{Code: qrproto.ErrTooLarge}
	}
	var f keyform.Key
	if err := f.UnmarshalJSON(b); err != nil {
		return nil, unreadable(err)
	}
	return privateOf(&f)
}

// EncodeCOSE writes a private key as a COSE_Key, not encrypted. The kinds stand
// as text under the private label -70001, the number under -70002; key_ops is
// [1], sign. It fails as EncodeJWK does.
func EncodeCOSE(p *Private) ([]byte, error) {
	f, err := p.form()
	if err != nil {
		return nil, err
	}
	b, err := f.AppendCOSE(nil)
	if err != nil {
		return nil, unreadable(err)
	}
	return b, nil
}

// DecodeCOSE reads a private COSE_Key in the one encoding that EncodeCOSE
// writes. It fails as DecodeJWK does.
func DecodeCOSE(b []byte) (*Private, error) {
	if len(b) > MaxFile {
		return nil, &qrproto.Error{Code: qrproto.ErrTooLarge}
	}
	var f keyform.Key
	r := canon.NewReader(b)
	if err := f.ReadCOSE(&r); err != nil {
		return nil, unreadable(err)
	}
	if again, err := f.AppendCOSE(nil); err != nil || !bytes.Equal(again, b) {
		return nil, unreadable(errors.New("not in core deterministic encoding"))
	}
	return privateOf(&f)
}

// EncodeKeySet writes trusted keys as a COSE_KeySet (RFC 9052, section 7), each
// with key_ops [2], verify. It fails with what Validate says of a key, and with
// qrproto.ErrBadKey for one that has Caps: read again, it would have none.
func EncodeKeySet(list qrproto.KeyList) ([]byte, error) {
	if len(list) == 0 {
		return nil, unreadable(errors.New("a COSE_KeySet has a key at least"))
	}
	b := canon.AppendHead(nil, canon.Array, uint64(len(list)))
	for i := range list {
		err := list[i].Validate()
		if err == nil {
			err = unbounded(&list[i])
		}
		if err != nil {
			return nil, err
		}
		if b, err = public(&list[i]).AppendCOSE(b); err != nil {
			return nil, unreadable(err)
		}
	}
	return b, nil
}

// DecodeKeySet reads a COSE_KeySet in the one encoding that EncodeKeySet writes.
// A set is right as a whole or not at all: it fails with qrproto.ErrKeyFile if it
// is none, or holds a private key or one id twice, and with qrproto.ErrBadKey and
// the like if a key in it is unusable or for something else.
func DecodeKeySet(b []byte) (qrproto.KeyList, error) {
	r := canon.NewReader(b)
	list := qrproto.KeyList{}
	for range r.Items() {
		k, err := nextKey(&r, list)
		if err != nil {
			return nil, &qrproto.Error{Code: qrproto.CodeOf(err), Path: fmt.Sprintf("[%d]", len(list)), Err: err}
		}
		list = append(list, k)
	}
	if again, err := EncodeKeySet(list); err != nil || !r.Done() || !bytes.Equal(again, b) {
		return nil, unreadable(errors.New("not a COSE_KeySet in core deterministic encoding"))
	}
	return list, nil
}

func nextKey(r *canon.Reader, before qrproto.KeyList) (qrproto.Key, error) {
	f := keyform.Key{PublicOnly: true}
	if err := f.ReadCOSE(r); err != nil {
		return qrproto.Key{}, unreadable(err)
	}
	k := keyOf(&f)
	if err := k.Validate(); err != nil {
		return k, err
	}
	if known, _ := before.Key(k.ID); known != nil {
		return k, unreadable(errors.New("a second key of id " + k.ID.String()))
	}
	return k, nil
}
