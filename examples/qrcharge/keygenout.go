// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// A secret is a private key on its way into a file.
type secret struct {
	name string
	body []byte
}

// generate makes the key, and a device's agreement key where one is wanted.
func (c *keygenCmd) generate(key qrproto.Key, passphrase string) (secrets []secret, public qrproto.Key, err error) {
	if c.Agreement != "" {
		agreement, err := keyfile.GenerateAgreement(key.ID, rand.Reader)
		if err != nil {
			return nil, key, err
		}
		body, err := encodeAgreement(agreement, c.form(), passphrase)
		if err != nil {
			return nil, key, err
		}
		key.Agreement = agreement.Public()
		secrets = append(secrets, secret{c.Agreement, body})
	}
	algorithm := keyfile.Ed25519
	if c.Algorithm == "esp256" {
		algorithm = keyfile.ESP256
	}
	private, err := keyfile.Generate(key, algorithm, rand.Reader)
	if err != nil {
		return nil, key, err
	}
	body, err := encodePrivate(private, c.form(), passphrase)
	return append(secrets, secret{c.Out, body}), private.Key(), err
}

// server makes a key of X25519 that signs nothing.
func (c *keygenCmd) server(std *stdio, id qrproto.KeyID, passphrase string) error {
	key, err := keyfile.GenerateAgreement(id, rand.Reader)
	if err != nil {
		return misuse(err)
	}
	body, err := encodeAgreement(key, c.form(), passphrase)
	if err != nil {
		return misuse(err)
	}
	peer, err := keyfile.EncodePeer(key)
	if err != nil {
		return misuse(err)
	}
	if err := writeSecrets([]secret{{c.Out, body}}); err != nil {
		return misuse(err)
	}
	if !c.JSON {
		_, err = fmt.Fprintf(std.out, "%s\n", peer)
		return err
	}
	return printJSON(std.out, struct {
		KeyID   string          `json:"key_id"`
		Alg     string          `json:"algorithm"`
		Private string          `json:"private_key"`
		Form    string          `json:"form"`
		Peer    json.RawMessage `json:"jwk"`
	}{id.String(), c.Algorithm, c.Out, c.form(), peer})
}

// write puts the private keys into their files and the public one into its set.
func (c *keygenCmd) write(secrets []secret, set []byte) error {
	if err := writeSecrets(secrets); err != nil {
		return err
	}
	if c.Keys == "" {
		return nil
	}
	if err := replaceFile(c.Keys, set); err != nil {
		return errors.Join(err, removeSecrets(secrets)) // nobody would know the key
	}
	return nil
}

// writeSecrets writes all files or none.
func writeSecrets(secrets []secret) error {
	for i, s := range secrets {
		if err := createSecret(s.name, s.body); err != nil {
			return errors.Join(err, removeSecrets(secrets[:i]))
		}
	}
	return nil
}

func removeSecrets(secrets []secret) error {
	var err error
	for _, s := range secrets {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}

func (c *keygenCmd) print(std *stdio, key qrproto.Key, set []byte) error {
	switch {
	case c.JSON:
		return c.printJSON(std, key, set)
	case c.Keys == "":
		_, err := std.out.Write(set)
		return err
	}
	encrypted := "not encrypted"
	if c.Passphrase != "" {
		encrypted = "encrypted"
	}
	files := c.Out
	if c.Agreement != "" {
		files += ", that of X25519 in " + c.Agreement
	}
	_, err := fmt.Fprintf(std.out, "key %v for %s: private key, %s, in %s; public key added to %s\n",
		key.ID, strings.Join(strings.Split(letters(key.Kinds), ""), " and "), encrypted, files, c.Keys)
	return err
}

func (c *keygenCmd) printJSON(std *stdio, key qrproto.Key, set []byte) error {
	return printJSON(std.out, struct {
		KeyID     string          `json:"key_id"`
		Alg       string          `json:"algorithm"`
		Kinds     string          `json:"kinds"`
		Number    string          `json:"number,omitempty"`
		Private   string          `json:"private_key"`
		Agreement string          `json:"agreement_key,omitempty"`
		Form      string          `json:"form"`
		Keys      string          `json:"keys,omitempty"`
		Set       json.RawMessage `json:"jwk_set"`
	}{key.ID.String(), c.Algorithm, letters(key.Kinds), hex.EncodeToString(key.Number), c.Out, c.Agreement, c.form(), c.Keys, set})
}

func letters(kinds []qrproto.Kind) string {
	b := make([]byte, len(kinds))
	for i, k := range kinds {
		b[i] = byte(k)
	}
	return string(b)
}
