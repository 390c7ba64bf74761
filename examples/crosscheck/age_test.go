// SPDX-License-Identifier: Apache-2.0

package crosscheck

import (
	"bytes"
	"crypto/rand"
	"io"
	"reflect"
	"testing"

	"filippo.io/age"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

const passphrase = "correct horse battery staple"

func issuerKey(t *testing.T) *keyfile.Private {
	t.Helper()
	issuer := qrproto.Key{ID: "iss1", Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}
	p, err := keyfile.Generate(issuer, keyfile.ESP256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAgeReadsAnEncryptedKey(t *testing.T) {
	p := issuerKey(t)
	file, err := keyfile.Encrypt(p, passphrase, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), identity)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := keyfile.EncodeJWK(p); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want the %d of the JWK (%v)", len(got), len(want), err)
	}
}

func TestAKeyEncryptedByAgeIsRead(t *testing.T) {
	p := issuerKey(t)
	content, err := keyfile.EncodeJWK(p)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := age.NewScryptRecipient(passphrase) // with the work factor of the age program
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := keyfile.Decrypt(file.Bytes(), passphrase)
	if err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%v, want %v (%v)", again, p, err)
	}
}
