// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"crypto/rand"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// An issuer's key is made, kept under a passphrase, and used.
func ExampleEncrypt() {
	issuer := qrproto.Key{ID: "iss1", Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}
	key, err := keyfile.Generate(issuer, keyfile.ESP256, rand.Reader)
	if err != nil {
		panic(err)
	}
	file, err := keyfile.Encrypt(key, "eleven words that nobody guesses", rand.Reader)
	if err != nil {
		panic(err)
	}
	again, err := keyfile.Decrypt(file, "eleven words that nobody guesses")
	if err != nil {
		panic(err)
	}
	receipt := &qrproto.Receipt{Settlement: qrproto.Ref{5}, Paid: 3512, Time: 1795358811}
	code, err := qrproto.Seal(receipt, again.Signer())
	if err != nil {
		panic(err)
	}
	_, err = qrproto.Open(code.Text(), qrproto.KeyList{key.Key()})
	fmt.Println(again, err)
	// Output: private key 69737331 <nil>
}

// Trusted keys go to a device as a COSE_KeySet.
func ExampleEncodeKeySet() {
	key, err := keyfile.Generate(qrproto.Key{ID: "iss1", Kinds: []qrproto.Kind{qrproto.KindStartOrder}}, keyfile.Ed25519, rand.Reader)
	if err != nil {
		panic(err)
	}
	set, err := keyfile.EncodeKeySet(qrproto.KeyList{key.Key()})
	if err != nil {
		panic(err)
	}
	trusted, err := keyfile.DecodeKeySet(set)
	fmt.Println(len(set), trusted[0].ID, err)
	// Output: 59 69737331 <nil>
}
