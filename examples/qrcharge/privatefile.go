// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

var (
	errPassphrase  = errors.New("not a passphrase: one line of UTF-8")
	errBothStdin   = errors.New("standard input is named twice")
	errEncrypted   = errors.New("the file is encrypted (--passphrase-file FILE)")
	errNoKeyID     = errors.New("a private key in PEM has no id (--key-id HEX)")
	errOtherKeyID  = errors.New("--key-id is not the id in the file")
	errNoSignerPEM = errors.New("no private key for signatures in PKCS #8")
	errNoX25519    = errors.New("no private key of X25519 in PKCS #8")
)

// signFlags name a private key to sign with.
type signFlags struct {
	Key        string `required:"" placeholder:"FILE" help:"Private key to sign with, in any form that keygen writes."`
	KeyID      string `name:"key-id" placeholder:"HEX" help:"Id of a private key in PEM, which has none."`
	Passphrase string `name:"passphrase-file" placeholder:"FILE" help:"Passphrase of an encrypted private key: this file, one line, or - for standard input."`
}

// private reads the key, which must be one for codes of a kind. PEM says nothing
// of kinds. Source is what else may be read from standard input.
func (f *signFlags) private(std *stdio, kind qrproto.Kind, source string) (*keyfile.Private, error) {
	if f.Passphrase == "-" && source == "-" {
		return nil, errBothStdin
	}
	id, err := hexFlag("--key-id", f.KeyID, 8)
	if err != nil {
		return nil, err
	}
	b, passphrase, err := readSecret(f.Key, f.Passphrase, std)
	if err != nil {
		return nil, err
	}
	p, err := decodePrivate(b, passphrase, qrproto.Key{ID: qrproto.KeyID(id), Kinds: []qrproto.Kind{kind}})
	switch {
	case err != nil:
	case id != nil && p.Key().ID != qrproto.KeyID(id):
		err = errOtherKeyID
	case !slices.Contains(p.Key().Kinds, kind):
		err = &qrproto.Error{Code: qrproto.ErrKeyUsage, Kind: kind, Why: "key " + p.Key().ID.String()}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Key, err)
	}
	return p, nil
}

// decodePrivate reads a private key in the form that its first bytes tell. In PEM
// it is what k says.
func decodePrivate(b []byte, passphrase string, k qrproto.Key) (*keyfile.Private, error) {
	switch {
	case isAge(b):
		return keyfile.Decrypt(b, passphrase)
	case isJSON(b):
		return keyfile.DecodeJWK(b)
	case !isPEM(b):
		return keyfile.DecodeCOSE(b)
	case k.ID == "":
		return nil, errNoKeyID
	}
	key, ok := parsePEM(b).(crypto.Signer)
	if !ok {
		return nil, &qrproto.Error{Code: qrproto.ErrKeyFile, Err: errNoSignerPEM}
	}
	return keyfile.New(k, key)
}

// readAgreement reads a private key of X25519: an age file, a JWK or PEM.
func readAgreement(name, passphraseFile string, std *stdio) (*ecdh.PrivateKey, error) {
	b, passphrase, err := readSecret(name, passphraseFile, std)
	if err != nil {
		return nil, err
	}
	var a *keyfile.Agreement
	switch {
	case isAge(b):
		a, err = keyfile.DecryptAgreement(b, passphrase)
	case isPEM(b):
		key, ok := parsePEM(b).(*ecdh.PrivateKey)
		if ok && key.Curve() == ecdh.X25519() {
			return key, nil
		}
		err = &qrproto.Error{Code: qrproto.ErrKeyFile, Err: errNoX25519}
	default:
		a, err = keyfile.DecodeAgreement(b)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a.Private(), nil
}

// readSecret reads a file of a private key and, for one that is encrypted, its
// passphrase.
func readSecret(name, passphraseFile string, std *stdio) ([]byte, string, error) {
	b, err := readFile(name, maxInput)
	if err != nil || !isAge(b) {
		return b, "", err
	}
	if passphraseFile == "" {
		return nil, "", fmt.Errorf("%s: %w: %w", name, qrproto.ErrPassphrase, errEncrypted)
	}
	passphrase, err := readPassphrase(passphraseFile, std)
	return b, passphrase, err
}

func readPassphrase(name string, std *stdio) (string, error) {
	b, err := readInput(name, std.in, maxPassphrase)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" || strings.ContainsAny(text, "\r\n") || !utf8.ValidString(text) {
		return "", fmt.Errorf("--passphrase-file %s: %w", name, errPassphrase)
	}
	return text, nil
}

func isAge(b []byte) bool  { return bytes.HasPrefix(b, []byte("age-encryption.org/")) }
func isPEM(b []byte) bool  { return bytes.HasPrefix(b, []byte("-----BEGIN")) }
func isJSON(b []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) }

// parsePEM returns the private key in PKCS #8, nil if there is none.
func parsePEM(b []byte) any {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil
	}
	return key
}
