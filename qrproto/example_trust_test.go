// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A root is kept apart from the keys that sell: it signs nothing but snapshots.
var (
	exampleRoot    = qrproto.Signer{ID: "root", Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))}
	exampleRootKey = qrproto.Key{ID: "root", Public: exampleRoot.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}}
)

// The issuer may sell for at most 200.00 CNY an order, at the devices whose
// numbers begin with 32, and one of them takes 500 orders until the next snapshot.
func ExampleDelegate() {
	key := exampleKeys[0]
	key.Caps = &qrproto.Caps{Fleet: []byte{0x32}, Currency: "CNY", Amount: 20_000, Quota: 500, Acknowledge: true}
	d, err := qrproto.Delegate(&key)
	if err != nil {
		log.Fatal(err)
	}
	code, err := qrproto.Seal(&qrproto.Trust{Epoch: 42, Delegations: []qrproto.Delegation{d}}, exampleRoot)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(code.Bytes()), "bytes")
	fmt.Println("orders:", d.Rights&qrproto.RightOrder != 0, "stops:", d.Rights&qrproto.RightStop != 0)
	// Output:
	// 140 bytes
	// orders: true stops: false
}

// A device is built with its root. From then on it trusts whom the newest snapshot
// names, and nobody can take it back to an older one.
func ExampleNewTrustStore() {
	store, err := qrproto.NewTrustStore(exampleRootKey)
	if err != nil {
		log.Fatal(err)
	}
	d, err := qrproto.Delegate(&exampleKeys[0])
	if err != nil {
		log.Fatal(err)
	}
	for _, snapshot := range []*qrproto.Trust{
		{Epoch: 41, Delegations: []qrproto.Delegation{d}},
		{Epoch: 42}, // the issuer's key was stolen: trust nobody
		{Epoch: 41, Delegations: []qrproto.Delegation{d}},
	} {
		code, err := qrproto.Seal(snapshot, exampleRoot)
		if err != nil {
			log.Fatal(err)
		}
		trust, err := qrproto.As[*qrproto.Trust](qrproto.Open(code.Text(), store))
		if err != nil {
			log.Fatal(err)
		}
		err = store.Apply(trust)
		issuer, _ := store.Key("iss1")
		fmt.Println("epoch", store.Epoch(), "trusts the issuer:", issuer != nil, "stale:", errors.Is(err, qrproto.ErrStaleTrust))
	}
	// Output:
	// epoch 41 trusts the issuer: true stale: false
	// epoch 42 trusts the issuer: false stale: false
	// epoch 42 trusts the issuer: false stale: true
}

// A stop order names the order that runs, by its hash.
func ExampleStopOrder() {
	order := &qrproto.StartOrder{
		ID: qrproto.OrderID{1}, Charger: []byte{0x32}, Connector: 1, Challenge: qrproto.Challenge{Counter: 7, Nonce: [8]byte{1}},
		Issued: 1795348860, Window: 180, TariffHash: &qrproto.Ref{2}, Funding: qrproto.FundingPostpaid,
	}
	sum, err := qrproto.Sum(order)
	if err != nil {
		log.Fatal(err)
	}
	code, err := qrproto.Seal(&qrproto.StopOrder{Order: sum.Ref()}, exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(code.Kind(), len(code.Bytes()), "bytes")
	// Output: X 99 bytes
}

// A voucher is for whom the server says: it holds nothing about them.
func ExampleVoucher() {
	code, err := qrproto.Seal(&qrproto.Voucher{
		ID: qrproto.VoucherID{1}, Amount: 5000, Scale: 2, Currency: "CNY", From: 1795348800, Until: 1826884800,
	}, exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(code.Kind(), len(code.Bytes()), "bytes")
	// Output: V 123 bytes
}

func ExampleCaps_Most() {
	for _, caps := range []qrproto.Caps{{Currency: "CNY", Amount: 650_00}, {Currency: "KWD", Amount: 1}, {Currency: "CNY"}} {
		fmt.Println(caps.Most())
	}
	// Output:
	// 650.00 CNY true
	// 0.001 KWD true
	// 0.00 CNY false
}
