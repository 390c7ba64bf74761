// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/ecdh"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// carriers are both sides of one agreement, and a server that is none of them.
func carriers(t testing.TB) (device, server, stranger *qrproto.Carrier) {
	var keys [3]*ecdh.PrivateKey
	for i := range keys {
		key, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{byte(i + 1)}, 32))
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = key
	}
	carrier := func(private *ecdh.PrivateKey, peer *ecdh.PrivateKey) *qrproto.Carrier {
		c, err := qrproto.NewCarrier(private, peer.PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return carrier(keys[0], keys[1]), carrier(keys[1], keys[0]), carrier(keys[2], keys[0])
}

// FuzzCarried lets identities carry anything. The server reads what the device
// wrote, a stranger something else, and nothing else of the identity changes.
func FuzzCarried(f *testing.F) {
	for _, v := range load[positive](f, "positive") {
		if v.Kind == "S" {
			f.Add([]byte(v.Payload), []byte{1}, uint32(1), uint32(2))
		}
	}
	usual := load[positive](f, "positive")["identity-usual"]
	device, server, stranger := carriers(f)
	f.Fuzz(func(t *testing.T, first, second []byte, boot, counter uint32) {
		o, err := qrproto.Open(usual.Text, usual.Keys.trust())
		identity, err := qrproto.As[*qrproto.Identity](o, err)
		if err != nil {
			t.Fatal(err)
		}
		identity.Boot, identity.Challenge.Counter, identity.Head = boot, counter, &qrproto.Head{Seq: 9, Total: 1}
		identity.Records = [][]byte{first, second}
		hidden, err := device.Apply(identity)
		if err != nil {
			if hidden != nil || !hasCode(err) {
				t.Fatalf("%x beside %v", hidden, err)
			}
			return
		}
		identity.Records = hidden
		read, err := server.Apply(identity)
		if err != nil || !slices.EqualFunc(read, [][]byte{first, second}, bytes.Equal) {
			t.Fatalf("%x and %x are read as %x (%v)", first, second, read, err)
		}
		other, err := stranger.Apply(identity)
		if err != nil || len(first) > 8 && bytes.Equal(other[0], first) {
			t.Fatalf("a stranger reads %x (%v)", other, err)
		}
		for _, noise := range other {
			_, _ = qrproto.DecodeRecord(identity.Number, noise)
		}
	})
}
