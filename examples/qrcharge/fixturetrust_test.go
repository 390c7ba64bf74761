// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

func rootSigner() qrproto.Signer { return qrproto.Signer{ID: "root1", Key: testKey(6)} }

func rootKey() qrproto.Key {
	return qrproto.Key{ID: "root1", Public: testKey(6).Public(), Kinds: kinds("T")}
}

// everybody is the device with its agreement key, the issuer of all kinds, and the
// root.
func everybody(t testing.TB) qrproto.KeyList {
	list := append(trusted(1, 2, "IS", "ORXV"), rootKey())
	list[0].Agreement = agreement(t, "device", 0x11).Public()
	return list
}

func agreement(t testing.TB, id qrproto.KeyID, seed byte) *keyfile.Agreement {
	t.Helper()
	a, err := keyfile.GenerateAgreement(id, bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sealed carries two settlements, encrypted as a device does it.
func sealed(t testing.TB) *qrproto.Identity {
	t.Helper()
	first, second := settlement(), settlement()
	second.Seq, second.Payable = 20347, 4711
	i := identity()
	for _, s := range []*qrproto.Settlement{first, second} {
		record, err := qrproto.EncodeRecord(s)
		if err != nil {
			t.Fatal(err)
		}
		i.Records = append(i.Records, record)
	}
	carrier, err := qrproto.NewCarrier(agreement(t, "device", 0x11).Private(), agreement(t, "server", 0x22).Public())
	if err != nil {
		t.Fatal(err)
	}
	if i.Records, err = carrier.Apply(i); err != nil {
		t.Fatal(err)
	}
	return i
}

// writePrivate puts private keys into a folder: the issuer's and the root's, the
// server's of X25519 and another's.
func writePrivate(t testing.TB, dir string) {
	for name, k := range map[string]struct {
		key  qrproto.Key
		seed byte
	}{"iss1.jwk": {trusted(1, 2, "IS", "ORX")[1], 2}, "root1.jwk": {rootKey(), 6}} {
		p, err := keyfile.New(k.key, testKey(k.seed))
		if err != nil {
			t.Fatal(err)
		}
		b, err := keyfile.EncodeJWK(p)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, b)
	}
	for name, seed := range map[string]byte{"server.jwk": 0x22, "stranger.jwk": 0x33} {
		b, err := keyfile.EncodeAgreement(agreement(t, "server", seed))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, b)
	}
}

// stickerOrder is for a device without a display: it answers no identity.
func stickerOrder(t testing.TB) *qrproto.StartOrder {
	o := startOrder(t)
	o.Challenge, o.Held, o.Funding = qrproto.Challenge{Counter: 12}, 0, qrproto.FundingPrepaid
	return o
}

func stopOrder(t testing.TB) *qrproto.StopOrder {
	t.Helper()
	sum, err := qrproto.Sum(startOrder(t))
	if err != nil {
		t.Fatal(err)
	}
	return &qrproto.StopOrder{Order: sum.Ref()}
}

func voucher() *qrproto.Voucher {
	return &qrproto.Voucher{
		ID: qrproto.VoucherID(run16(0x20)), Amount: 5000, Scale: 2, Currency: "CNY", From: 1795348800, Until: 1826884800,
	}
}

// snapshot delegates a key of each algorithm, the first within all bounds.
func snapshot(t testing.TB) *qrproto.Trust {
	t.Helper()
	bounded := trusted(1, 2, "IS", "ORX")[1]
	bounded.Caps = &qrproto.Caps{Fleet: []byte{0x32, 0x01}, Currency: "CNY", Amount: 10000, Quota: 50}
	p256, err := keyfile.Generate(qrproto.Key{ID: "iss2", Kinds: kinds("R")}, keyfile.ESP256, bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	free := p256.Key()
	out := &qrproto.Trust{Epoch: 42, Least: 41}
	for _, k := range []*qrproto.Key{&bounded, &free} {
		d, err := qrproto.Delegate(k)
		if err != nil {
			t.Fatal(err)
		}
		out.Delegations = append(out.Delegations, d)
	}
	return out
}
