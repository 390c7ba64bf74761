// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// encodePrivate writes a private key in a form: PEM is that of PKCS #8 (RFC 8410,
// RFC 5958), as openssl reads it.
func encodePrivate(key *keyfile.Private, form, passphrase string) ([]byte, error) {
	switch form {
	case "age":
		return keyfile.Encrypt(key, passphrase, rand.Reader)
	case "jwk":
		b, err := keyfile.EncodeJWK(key)
		return append(b, '\n'), err
	case "cose":
		return keyfile.EncodeCOSE(key)
	}
	return encodePEM(key.Signer().Key)
}

// encodeAgreement writes a private key of X25519 in one of these forms but cose.
func encodeAgreement(key *keyfile.Agreement, form, passphrase string) ([]byte, error) {
	switch form {
	case "age":
		return keyfile.EncryptAgreement(key, passphrase, rand.Reader)
	case "jwk":
		b, err := keyfile.EncodeAgreement(key)
		return append(b, '\n'), err
	}
	return encodePEM(key.Private())
}

func encodePEM(key any) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// errPrivate is what a file of trusted keys must not be.
var errPrivate = errors.New("a private key where public ones are wanted")

// readKeys reads trusted keys: a JWK Set, or a COSE_KeySet, which is told by its
// first byte.
func readKeys(name string) (qrproto.KeyList, error) {
	b, err := readFile(name, maxInput)
	if err != nil {
		return nil, err
	}
	switch {
	case isAge(b) || isPEM(b):
		return nil, fmt.Errorf("%s: %w", name, &qrproto.Error{Code: qrproto.ErrKeyFile, Err: errPrivate})
	case len(b) > 0 && b[0]>>5 == 4: // an array of CBOR
		list, err := keyfile.DecodeKeySet(b)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return list, err
	}
	return parseKeys(name, b)
}

func parseKeys(name string, b []byte) (qrproto.KeyList, error) {
	var list qrproto.KeyList
	if err := json.Unmarshal(b, &list); err != nil {
		var known *qrproto.Error
		if !errors.As(err, &known) { // not JSON at all
			err = &qrproto.Error{Code: qrproto.ErrKeyFile, Err: err}
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// addToSet returns the JWK Set of a file with one key more. No name, or a file
// that does not exist, is an empty set. Members of the file that mean nothing
// here are kept.
func addToSet(name string, key qrproto.Key) ([]byte, error) {
	one, err := json.Marshal(qrproto.KeyList{key})
	if err != nil {
		return nil, err
	}
	old := []byte(`{"keys":[]}`)
	if name != "" {
		b, err := readFile(name, maxInput)
		switch {
		case err == nil:
			old = b
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	list, err := parseKeys(name, old)
	if err != nil {
		return nil, err
	}
	if known, _ := list.Key(key.ID); known != nil {
		return nil, fmt.Errorf("%s: %v: %w", name, key.ID, errKeyExists)
	}
	return joinSets(old, one)
}

// joinSets puts the keys of the second set behind those of the first.
func joinSets(first, second []byte) ([]byte, error) {
	var set, more map[string]json.RawMessage
	var keys, added []json.RawMessage
	err := errors.Join(json.Unmarshal(first, &set), json.Unmarshal(second, &more))
	if err == nil {
		err = errors.Join(json.Unmarshal(set["keys"], &keys), json.Unmarshal(more["keys"], &added))
	}
	if err != nil {
		return nil, err
	}
	if set["keys"], err = json.Marshal(append(keys, added...)); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(bytes.TrimSpace(b), '\n'), nil
}
