// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
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

// A device is enrolled with a key that signs and one to encrypt records with; the
// server decrypts them with its own.
func ExampleAgreement() {
	server, err := keyfile.GenerateAgreement("server01", rand.Reader)
	if err != nil {
		panic(err)
	}
	number := []byte{0x32, 0x01}
	id := qrproto.DeviceKeyID(number, 1)
	agreement, err := keyfile.GenerateAgreement(id, rand.Reader)
	if err != nil {
		panic(err)
	}
	device, err := keyfile.Generate(qrproto.Key{
		ID: id, Number: number, Agreement: agreement.Public(), Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement},
	}, keyfile.Ed25519, rand.Reader)
	if err != nil {
		panic(err)
	}
	set, err := json.Marshal(qrproto.KeyList{device.Key()}) // what the server keeps
	if err != nil {
		panic(err)
	}
	var enrolled qrproto.KeyList
	if err := json.Unmarshal(set, &enrolled); err != nil {
		panic(err)
	}
	_, err = qrproto.NewCarrier(server.Private(), enrolled[0].Agreement)
	fmt.Println(agreement, err)
	// Output: agreement key 320101 <nil>
}

// A key that was made elsewhere and is read as PKCS #8 gets its id and what it is
// for.
func ExampleNew() {
	file, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize)))
	if err != nil {
		panic(err)
	}
	secret, err := x509.ParsePKCS8PrivateKey(file)
	if err != nil {
		panic(err)
	}
	root, err := keyfile.New(qrproto.Key{ID: "root", Kinds: []qrproto.Kind{qrproto.KindTrust}}, secret.(crypto.Signer))
	if err != nil {
		panic(err)
	}
	jwk, err := keyfile.EncodeJWK(root)
	if err != nil {
		panic(err)
	}
	again, err := keyfile.DecodeJWK(jwk)
	if err != nil {
		panic(err)
	}
	fmt.Println(again, again.Key().Kinds)
	// Output: private key 726f6f74 [T]
}

// What a device needs of the server, and all that leaves the server: the public half
// of its agreement key.
func ExampleEncodePeer() {
	server, err := keyfile.GenerateAgreement("server01", rand.Reader)
	if err != nil {
		panic(err)
	}
	file, err := keyfile.EncodePeer(server)
	if err != nil {
		panic(err)
	}
	id, public, err := keyfile.DecodePeer(file)
	fmt.Println(id, public.Equal(server.Public()), err)
	// Output: 7365727665723031 true <nil>
}
