// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

type keygenCmd struct {
	Number     string `placeholder:"HEX" xor:"owner" required:"" help:"Number of the device that the key is for, 1 to 7 bytes."`
	Generation uint8  `default:"1" help:"Generation of the device's key; it rises when the key is replaced."`
	ID         string `name:"id" placeholder:"HEX" xor:"owner" required:"" help:"Key id of the issuer that the key is for, 1 to 8 bytes."`
	Kinds      string `placeholder:"LETTERS" help:"Kinds of codes that it may sign; IS for a device and OR for an issuer unless told otherwise."`
	Algorithm  string `enum:"ed25519,esp256" default:"ed25519" help:"Algorithm of the signatures: ed25519, or esp256 (ECDSA over P-256 with SHA-256)."`
	Format     string `enum:",pem,jwk,cose" default:"" placeholder:"FORM" help:"Form of a private key that is not encrypted: pem (PKCS #8), jwk or cose; pem unless told otherwise."`
	Passphrase string `name:"passphrase-file" placeholder:"FILE" help:"Encrypt the private key under the passphrase in this file, one line, or - for standard input."`
	Out        string `short:"o" required:"" placeholder:"FILE" help:"Where to write the private key; never an existing file."`
	Keys       string `placeholder:"FILE" help:"JWK Set to add the public key to; made if there is none. Without it, the set of this one key is printed."`
	JSON       bool   `help:"Print one JSON object: {key_id, algorithm, kinds, number, private_key, form, keys, jwk_set}."`
}

// Help is printed by keygen --help.
func (*keygenCmd) Help() string {
	return `Makes a key. The private key is written to a file that only its owner can read: with --passphrase-file as an age file (age-encryption.org/v1) with a private JWK in it, which the age program opens too; else as PKCS #8 in PEM, a private JWK or a private COSE_Key.

WITHOUT --passphrase-file THE FILE IS NOT ENCRYPTED: who can read it can sign. Keep it where only the signer reads, or make keys in a secure element.

The id of a device's key is its number followed by one byte for the generation. The JWK Set is what inspect --trust reads.`
}

var (
	errDeviceKinds = errors.New("a device signs kinds I and S, an issuer signs others")
	errKeyExists   = errors.New("there is a key of that id already")
	errFormat      = errors.New("--format and --passphrase-file exclude each other: an encrypted file holds a JWK")
	errPassphrase  = errors.New("not a passphrase: one line of UTF-8")
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
	algorithm := keyfile.Ed25519
	if c.Algorithm == "esp256" {
		algorithm = keyfile.ESP256
	}
	private, err := keyfile.Generate(key, algorithm, rand.Reader)
	if err != nil {
		return misuse(err)
	}
	set, err := addToSet(c.Keys, private.Key())
	if err != nil {
		return misuse(err)
	}
	if err := c.write(private, passphrase, set); err != nil {
		return misuse(err)
	}
	return c.print(std, private.Key(), set)
}

// passphrase reads the one to encrypt under; it is empty without a file of it.
func (c *keygenCmd) passphrase(std *stdio) (string, error) {
	if c.Passphrase == "" {
		return "", nil
	}
	if c.Format != "" {
		return "", errFormat
	}
	b, err := readInput(c.Passphrase, std.in, maxPassphrase)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" || strings.ContainsAny(text, "\r\n") || !utf8.ValidString(text) {
		return "", fmt.Errorf("--passphrase-file %s: %w", c.Passphrase, errPassphrase)
	}
	return text, nil
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
	for _, letter := range []byte(letters) {
		kind := qrproto.Kind(letter)
		switch {
		case formOf(kind) == nil:
			return key, fmt.Errorf("--kinds %q: %w", letters, qrproto.ErrKind)
		case formOf(kind).device != (number != nil):
			return key, fmt.Errorf("--kinds %q: %w", letters, errDeviceKinds)
		}
		key.Kinds = append(key.Kinds, kind)
	}
	return key, nil
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

func (c *keygenCmd) write(private *keyfile.Private, passphrase string, set []byte) error {
	secret, err := encodePrivate(private, c.form(), passphrase)
	if err != nil {
		return err
	}
	if err := createSecret(c.Out, secret); err != nil {
		return err
	}
	if c.Keys == "" {
		return nil
	}
	if err := replaceFile(c.Keys, set); err != nil {
		return errors.Join(err, os.Remove(c.Out)) // nobody would know the key
	}
	return nil
}

func (c *keygenCmd) print(std *stdio, key qrproto.Key, set []byte) error {
	var err error
	switch {
	case c.JSON:
		var compact bytes.Buffer
		err = errors.Join(json.Compact(&compact, set), printJSON(std.out, struct {
			KeyID   string          `json:"key_id"`
			Alg     string          `json:"algorithm"`
			Kinds   string          `json:"kinds"`
			Number  string          `json:"number,omitempty"`
			Private string          `json:"private_key"`
			Form    string          `json:"form"`
			Keys    string          `json:"keys,omitempty"`
			Set     json.RawMessage `json:"jwk_set"`
		}{key.ID.String(), c.Algorithm, letters(key.Kinds), hex.EncodeToString(key.Number), c.Out, c.form(), c.Keys, set}))
	case c.Keys == "":
		_, err = std.out.Write(set)
	default:
		encrypted := "not encrypted"
		if c.Passphrase != "" {
			encrypted = "encrypted"
		}
		_, err = fmt.Fprintf(std.out, "key %v for %s: private key, %s, in %s; public key added to %s\n",
			key.ID, strings.Join(strings.Split(letters(key.Kinds), ""), " and "), encrypted, c.Out, c.Keys)
	}
	return err
}

func letters(kinds []qrproto.Kind) string {
	b := make([]byte, len(kinds))
	for i, k := range kinds {
		b[i] = byte(k)
	}
	return string(b)
}
