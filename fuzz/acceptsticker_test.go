// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/tariff"
)

const stickerMost = 1000 // fen

// newStickerBooth is a booth in front of a device without a display.
func newStickerBooth(t testing.TB) *booth {
	b := newBooth(t)
	b.options = &charger.Options{Sticker: &charger.Sticker{Most: tariff.Money{Units: stickerMost, Scale: 2, Currency: "CNY"}}}
	fee := tariff.Component{Dimension: tariff.FlatFee, Class: tariff.Service, Price: 300}
	encoded, err := qrproto.EncodeTariff(&tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Elements: []tariff.Element{{Rate: tariff.Flat, Components: []tariff.Component{fee}}}})
	if err != nil {
		t.Fatal(err)
	}
	b.tariff = encoded
	return b
}

// unseen makes of an order one that answers no identity. Its number is near that
// of the last one.
func (b *booth) unseen(o *qrproto.StartOrder, in *fuzzed) {
	o.Challenge = qrproto.Challenge{Counter: uint32(max(int64(b.rank[1])+int64(in.byte()%5)-1, 0))}
	o.Funding, o.Epoch = qrproto.FundingPrepaid, b.c.Epoch()
	o.Limits, o.Target = &qrproto.Limits{Amount: 500}, &qrproto.Target{Kind: qrproto.TargetEnergy, Value: in.number()}
}

// rises takes in an order without a challenge, if it is above the last one and
// costs no more than the device lets it.
func (b *booth) rises(o *qrproto.StartOrder) bool {
	rank := [2]uint32{o.Epoch, o.Challenge.Counter}
	if slices.Compare(rank[:], b.rank[:]) <= 0 || above(o.Limits.Amount, o.Scale, stickerMost) {
		return false
	}
	b.rank = rank
	return true
}

// stickerLives are scripts as in lives, for a device without a display.
var stickerLives = []struct {
	script  []byte
	settled uint32
}{
	// An order, the plug, a reading at its target, the plug out.
	{[]byte{0, 0, 0, 1, 2, 200, 0, 0, 4, 1, 10, 20, 0, 2, 1, 210, 20, 0, 2, 0, 0, 0}, 1},
	// The same number twice, with a restart between, then the next.
	{[]byte{0, 0, 0, 1, 2, 200, 0, 0, 7, 0, 0, 0, 0, 2, 1, 200, 0, 0, 0, 0, 3, 2, 200, 0, 0, 7, 0}, 2},
	// A number of the first snapshot's epoch, below the one before it.
	{[]byte{0, 0, 0, 1, 4, 200, 0, 0, 7, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2, 0, 200, 0, 0, 7, 0}, 2},
}

func TestStickerLivesReachWhatTheyAreMeantTo(t *testing.T) {
	for i, life := range stickerLives {
		b := newStickerBooth(t)
		if b.live(life.script); b.c.Head().Seq != life.settled {
			t.Errorf("life %d: %d settlements, want %d", i, b.c.Head().Seq, life.settled)
		}
	}
}

// FuzzAcceptSticker plays the life of a device without a display, as
// FuzzAcceptOrder does that of one with a display.
func FuzzAcceptSticker(f *testing.F) {
	for _, life := range stickerLives {
		f.Add(life.script)
	}
	newStickerBooth(f).fuzz(f)
}
