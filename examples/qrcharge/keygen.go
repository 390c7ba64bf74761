// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

type keygenCmd struct {
	Number     string `placeholder:"HEX" xor:"owner" required:"" help:"Number of the device that the key is for, 1 to 7 bytes."`
	Generation uint8  `default:"1" help:"Generation of the device's key; it rises when the key is replaced."`
	ID         string `name:"id" placeholder:"HEX" xor:"owner" required:"" help:"Key id of the issuer that the key is for, 1 to 8 bytes."`
	Kinds      string `placeholder:"LETTERS" help:"Kinds of codes that it may sign; IS for a device and OR for an issuer unless told otherwise."`
	Out        string `short:"o" required:"" placeholder:"FILE" help:"Where to write the private key; never an existing file."`
	Keys       string `placeholder:"FILE" help:"JWK Set to add the public key to; made if there is none. Without it, the set of this one key is printed."`
	JSON       bool   `help:"Print one JSON object: {key_id, kinds, number, private_key, keys, jwk_set}."`
}

// Help is printed by keygen --help.
func (*keygenCmd) Help() string {
	return `Makes an Ed25519 key. The private key is written as PKCS #8 in PEM, readable only by its owner.

THE FILE IS NOT ENCRYPTED: who can read it can sign. Keep it where only the signer reads, or make keys in a secure element.

The id of a device's key is its number followed by one byte for the generation. The JWK Set is what inspect --trust reads.`
}

var (
	errDeviceKinds = errors.New("a device signs kinds I and S, an issuer signs others")
	errKeyExists   = errors.New("there is a key of that id already")
)

// Run makes a key. Everything that can fail without it is tried before the key
// exists, so that none is left behind.
func (c *keygenCmd) Run(std *stdio) error {
	key, err := c.key()
	if err != nil {
		return misuse(err)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	key.Public = public
	set, err := addToSet(c.Keys, key)
	if err != nil {
		return misuse(err)
	}
	if err := c.write(private, set); err != nil {
		return misuse(err)
	}
	return c.print(std, key, set)
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

func (c *keygenCmd) write(private ed25519.PrivateKey, set []byte) error {
	secret, err := encodePrivate(private)
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
			Kinds   string          `json:"kinds"`
			Number  string          `json:"number,omitempty"`
			Private string          `json:"private_key"`
			Keys    string          `json:"keys,omitempty"`
			Set     json.RawMessage `json:"jwk_set"`
		}{key.ID.String(), letters(key.Kinds), hex.EncodeToString(key.Number), c.Out, c.Keys, set}))
	case c.Keys == "":
		_, err = std.out.Write(set)
	default:
		_, err = fmt.Fprintf(std.out, "key %v for %s: private key, not encrypted, in %s; public key added to %s\n",
			key.ID, strings.Join(strings.Split(letters(key.Kinds), ""), " and "), c.Out, c.Keys)
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
