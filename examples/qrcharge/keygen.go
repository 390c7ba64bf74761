// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

type keygenCmd struct {
	Number     string `placeholder:"HEX" xor:"owner" required:"" help:"Number of the device that the key is for, 1 to 7 bytes."`
	Generation uint8  `default:"1" help:"Generation of the device's key; it rises when the key is replaced."`
	ID         string `name:"id" placeholder:"HEX" xor:"owner" required:"" help:"Key id of the issuer, the root or the server that the key is for, 1 to 8 bytes."`
	Kinds      string `placeholder:"LETTERS" help:"Kinds of codes that it may sign; IS for a device and OR for an issuer unless told otherwise. T alone is a root."`
	Algorithm  string `enum:"ed25519,esp256,x25519" default:"ed25519" help:"Algorithm of the signatures: ed25519, or esp256 (ECDSA over P-256 with SHA-256). x25519 makes a server's key that signs nothing: devices encrypt records to it."`
	Agreement  string `placeholder:"FILE" help:"Make the device's key of X25519 too, with which it encrypts records, and write it here; never an existing file. The set gets its public half."`
	Format     string `enum:",pem,jwk,cose" default:"" placeholder:"FORM" help:"Form of a private key that is not encrypted: pem (PKCS #8), jwk or cose. A device's is pem unless told otherwise; for any other key, this or --passphrase-file is required."`
	Passphrase string `name:"passphrase-file" placeholder:"FILE" help:"Encrypt the private key under the passphrase in this file, one line, or - for standard input."`
	Out        string `short:"o" required:"" placeholder:"FILE" help:"Where to write the private key; never an existing file."`
	Keys       string `placeholder:"FILE" help:"JWK Set to add the public key to; made if there is none. Without it, the set of this one key is printed."`
	JSON       bool   `help:"Print one JSON object: {key_id, algorithm, kinds, number, private_key, agreement_key, form, keys, jwk_set}; with x25519 {key_id, algorithm, private_key, form, jwk}."`
}

// Help is printed by keygen --help.
func (*keygenCmd) Help() string {
	return `Makes a key. The private key is written to a file that only its owner can read: with --passphrase-file as an age file (age-encryption.org/v1) with a private JWK in it, which the age program opens too; else as PKCS #8 in PEM, a private JWK or a private COSE_Key.

WITHOUT --passphrase-file THE FILE IS NOT ENCRYPTED: who can read it can sign. Keep it where only the signer reads, or make keys in a secure element. The key of an issuer, a root or a server is written so only where --format asks for it.

The id of a device's key is its number followed by one byte for the generation. The JWK Set is what inspect --trust reads.

A root signs trust snapshots and nothing else: --id HEX --kinds T. With --algorithm x25519 there is no set; the public half is printed as a JWK, for devices to be provisioned with.`
}

var (
	errDeviceKinds = errors.New("a device signs kinds I and S, an issuer signs others")
	errRootKinds   = errors.New("a root signs kind T and no other")
	errKeyExists   = errors.New("there is a key of that id already")
	errX25519      = errors.New("a key of x25519 is a server's and signs nothing: --id alone, no --kinds, --keys or cose; a device's is made by --agreement")
	errAgreeForm   = errors.New("an agreement key is not written as cose")
	errNotDevice   = errors.New("--agreement: only a device has an agreement key beside the one that signs")
	errClear       = errors.New("the key of an issuer, a root or a server is encrypted: --passphrase-file FILE; or say in which --format it may stand in the clear")
	errFormat      = errors.New("--format and --passphrase-file exclude each other: an encrypted file holds a JWK")
)

// Run makes a key. Everything that can fail without it is tried before the key
// exists, so that none is left behind.
func (c *keygenCmd) Run(std *stdio) error {
	key, err := c.key()
	if err != nil {
		return misuse(err)
	}
	passphrase, err := c.passphrase(std)
	if err != nil {
		return misuse(err)
	}
	if c.Algorithm == "x25519" {
		return c.server(std, key.ID, passphrase)
	}
	secrets, public, err := c.generate(key, passphrase)
	if err != nil {
		return misuse(err)
	}
	set, err := addToSet(c.Keys, public)
	if err != nil {
		return misuse(err)
	}
	if err := c.write(secrets, set); err != nil {
		return misuse(err)
	}
	return c.print(std, public, set)
}

// passphrase reads the one to encrypt under; it is empty without a file of it.
func (c *keygenCmd) passphrase(std *stdio) (string, error) {
	switch {
	case c.Passphrase == "" && c.Format == "" && c.Number == "":
		return "", errClear
	case c.Passphrase == "":
		return "", nil
	case c.Format != "":
		return "", errFormat
	}
	return readPassphrase(c.Passphrase, std)
}

// form is that of the private key's file.
func (c *keygenCmd) form() string {
	switch {
	case c.Passphrase != "":
		return "age"
	case c.Format == "":
		return "pem"
	}
	return c.Format
}

// key is what the flags say, without the public key.
func (c *keygenCmd) key() (qrproto.Key, error) {
	number, err := hexFlag("--number", c.Number, 7)
	if err != nil {
		return qrproto.Key{}, err
	}
	id, err := hexFlag("--id", c.ID, 8)
	if err != nil {
		return qrproto.Key{}, err
	}
	key, letters := qrproto.Key{ID: qrproto.KeyID(id)}, "OR"
	if number != nil {
		key.ID, key.Number, letters = qrproto.DeviceKeyID(number, c.Generation), number, "IS"
	}
	if c.Kinds != "" {
		letters = c.Kinds
	}
	if err := c.check(letters, number != nil); err != nil {
		return key, err
	}
	for _, letter := range []byte(letters) {
		key.Kinds = append(key.Kinds, qrproto.Kind(letter))
	}
	return key, nil
}

// check holds the kinds, and what else is asked for, against whose key it is.
func (c *keygenCmd) check(letters string, device bool) error {
	server := c.Algorithm == "x25519"
	switch {
	case server && (device || c.Kinds != "" || c.Keys != "" || c.Format == "cose"):
		return errX25519
	case c.Agreement != "" && !device:
		return errNotDevice
	case c.Agreement != "" && c.Format == "cose":
		return errAgreeForm
	case strings.Contains(letters, "T") && letters != "T":
		return fmt.Errorf("--kinds %q: %w", letters, errRootKinds)
	}
	for _, letter := range []byte(letters) {
		switch form := formOf(qrproto.Kind(letter)); {
		case form == nil:
			return fmt.Errorf("--kinds %q: %w", letters, qrproto.ErrKind)
		case form.device != device:
			return fmt.Errorf("--kinds %q: %w", letters, errDeviceKinds)
		}
	}
	return nil
}

// hexFlag reads bytes in hex; nil for a flag that was not given.
func hexFlag(name, text string, most int) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	b, err := hex.DecodeString(text)
	if err != nil || len(b) > most {
		return nil, fmt.Errorf("%s %q: not 1 to %d bytes in hex", name, text, most)
	}
	return b, nil
}
