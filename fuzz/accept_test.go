// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// fuzzedDevice is a charger that trusts the issuer of the vectors.
func fuzzedDevice(keys qrproto.KeyList) charger.Device {
	number := []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}
	device := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	return charger.Device{
		Number: number, Connectors: 2, Key: qrproto.Signer{ID: qrproto.DeviceKeyID(number, 9), Key: device},
		Secret: [32]byte{1}, Rand: zeros{}, Keys: keys,
	}
}

// zeros is randomness that can be repeated. The challenges are as hard to guess
// as the device's secret.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

var _ io.Reader = zeros{}

// issuerOf is the issuer of the vectors, and its key as a charger trusts it.
func issuerOf(all map[string]positive) (qrproto.KeyList, qrproto.Signer) {
	signer := all["order-usual"].Signer.signer()
	return qrproto.KeyList{{ID: signer.ID, Public: signer.Key.Public(),
		Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}}, signer
}

// FuzzAccept gives a charger whatever a scanner could read. No text of anybody
// but the issuer who has seen its screen is taken.
func FuzzAccept(f *testing.F) {
	vectors := load[positive](f, "positive")
	for _, v := range vectors {
		f.Add(v.Text)
		f.Add(v.Link)
	}
	for _, v := range load[negative](f, "negative") {
		f.Add(v.Text)
	}
	keys, _ := issuerOf(vectors)
	journal, clock := settletest.NewJournal(1<<20), &settletest.Clock{}
	c, err := charger.Open(fuzzedDevice(keys), journal, clock, nil)
	if err != nil {
		f.Fatal(err)
	}
	shown, writes := [2]charger.Do{c.Do(1), c.Do(2)}, journal.Writes()
	f.Fuzz(func(t *testing.T, text string) {
		_, err := c.Accept(text)
		if err == nil || qrproto.CodeOf(err) == qrproto.ErrOther {
			t.Fatalf("accepted, or refused without a code: %v", err)
		}
		if journal.Writes() != writes || [2]charger.Do{c.Do(1), c.Do(2)} != shown {
			t.Fatalf("a text that was refused with %v changed something", err)
		}
	})
}

// lives are scripts for FuzzAcceptOrder, how many settlements each leaves, and
// which epoch. In bytes: a connector, what happens, and what that takes.
var lives = []struct {
	script         []byte
	settled, epoch uint32
}{
	{nil, 0, 0},
	// An order, the plug, two readings, the button, the plug out, the receipt.
	{[]byte{0, 0, 0, 1, 0, 0, 4, 1, 10, 20, 0, 2, 1, 50, 20, 0, 5, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2}, 1, 0},
	// An order, 100 s without a plug, a look.
	{[]byte{0, 0, 0, 1, 0, 0, 6, 100, 0, 2, 0, 0, 0}, 1, 0},
	// An order for 200 mWh, the plug, readings up to it and above, a restart.
	{[]byte{0, 0, 0, 1, 1, 5, 1, 200, 0, 4, 1, 10, 20, 0, 2, 1, 200, 20, 0, 2, 1, 200, 20, 0, 7, 0}, 1, 0},
	// An order whose acceptance is lost, one that fails late, the plug, a restart.
	{[]byte{0, 7, 1, 0, 0, 0, 1, 0, 0, 7, 2, 0, 0, 0, 1, 0, 0, 4, 1, 1, 1, 0, 7, 0}, 1, 0},
	// Both connectors at once, the first limited in money, and a cut.
	{[]byte{0, 0, 0, 1, 1, 6, 0, 0, 0, 9, 1, 0, 1, 2, 0, 0, 4, 1, 10, 20, 1, 4, 1, 10, 20, 0, 2, 1, 240, 255, 20, 0, 7, 0}, 2, 0},
	// A snapshot, an order of the clerk, the plug, a reading, a stop order, the plug out.
	{[]byte{0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 1, 12, 200, 0, 4, 1, 10, 20, 0, 2, 1, 50, 20, 0, 9, 0, 2, 0, 2, 0, 0, 0}, 1, 1},
	// A snapshot that lets the clerk sell once, two orders of the clerk, a restart between them.
	{[]byte{0, 8, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 12, 200, 7, 7, 0, 1, 0, 1, 2, 1, 1, 12, 200, 0, 6, 100, 0, 2, 0, 0, 0}, 1, 1},
	// Orders that must not be taken: of the clerk above the sum that the snapshot
	// allows, acknowledging without the right to, of an epoch that is to come.
	{[]byte{0, 8, 0, 0, 2, 100, 0, 0, 0, 0, 1, 1, 12, 200}, 0, 1},
	{[]byte{0, 0, 0, 1, 0, 0, 7, 0, 0, 8, 0, 0, 16, 7, 0, 0, 0, 0, 2, 1, 1, 12, 200}, 1, 1},
	{[]byte{0, 0, 0, 1, 1, 9, 200, 1}, 0, 0},
	// Two snapshots, of which the second is lost, then shown again; the first once more.
	{[]byte{0, 8, 0, 0, 0, 0, 0, 7, 1, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 8, 5, 0, 0, 0}, 0, 2},
}

func TestLivesReachWhatTheyAreMeantTo(t *testing.T) {
	for i, life := range lives {
		b := newBooth(t)
		if b.live(life.script); b.c.Head().Seq != life.settled || b.c.Epoch() != life.epoch {
			t.Errorf("life %d: %d settlements at epoch %d, want %d at %d", i, b.c.Head().Seq, b.c.Epoch(), life.settled, life.epoch)
		}
	}
}

// FuzzAcceptOrder plays a charger's life from a script: snapshots of the root,
// orders, stop orders and receipts of those whom it trusts or not, readings,
// faults, restarts.
func FuzzAcceptOrder(f *testing.F) {
	for _, life := range lives {
		f.Add(life.script)
	}
	newBooth(f).fuzz(f)
}
