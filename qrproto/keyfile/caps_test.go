// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"crypto/rand"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// Whoever keeps a key with bounds in a file would read one without, and delegate
// it without.
func TestPrivateKeyWithBoundsIsWrittenInNoForm(t *testing.T) {
	key, err := keyfile.Generate(qrproto.Key{
		ID: "iss1", Kinds: []qrproto.Kind{qrproto.KindStartOrder}, Caps: &qrproto.Caps{Currency: "CNY", Amount: 100_00},
	}, keyfile.Ed25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func() ([]byte, error){
		"JWK":                func() ([]byte, error) { return keyfile.EncodeJWK(key) },
		"COSE_Key":           func() ([]byte, error) { return keyfile.EncodeCOSE(key) },
		"under a passphrase": func() ([]byte, error) { return keyfile.Encrypt(key, "secret", rand.Reader) },
	} {
		t.Run(name, func(t *testing.T) {
			file, err := write()
			if code(t, err, qrproto.ErrBadKey); file != nil {
				t.Errorf("%d bytes", len(file))
			}
		})
	}
}
