// SPDX-License-Identifier: Apache-2.0

package qrscan_test

import (
	"bytes"
	"crypto/ed25519"
	"image/gif"
	"math/rand/v2"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

// carrying is an identity that is as large as a code may be, nearly.
func carrying(t testing.TB) qrproto.Code {
	t.Helper()
	number := []byte{1, 2, 3}
	i := &qrproto.Identity{Number: number, Connector: 1, State: qrproto.StateAvailable, Boot: 1, Rules: 1, Head: &qrproto.Head{Seq: 9},
		Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1, 2, 3}}}
	for n := range 4 {
		i.Records = append(i.Records, bytes.Repeat([]byte{byte(n)}, 210))
	}
	code, err := qrproto.Seal(i, qrproto.Signer{ID: qrproto.DeviceKeyID(number, 1), Key: ed25519.NewKeyFromSeed(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func symbols(t testing.TB, texts []string) (all []*qrimage.Matrix) {
	t.Helper()
	for _, text := range texts {
		m, err := qrimage.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// Each frame of the animation is read and the parts make up the code.
func TestAnimationIsReadAndAssembled(t *testing.T) {
	code := carrying(t)
	for _, version := range []int{13, 16, 20} {
		texts, err := code.Parts(version, base)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := qrimage.GIF(&file, symbols(t, texts), 3, 0); err != nil {
			t.Fatal(err)
		}
		size := file.Len()
		movie, err := gif.DecodeAll(&file)
		if err != nil {
			t.Fatal(err)
		}
		var a qrproto.Assembly
		var p qrproto.Progress
		for n, frame := range movie.Image {
			text, err := qrscan.Scan(frame)
			if err != nil || text != texts[n] {
				t.Fatalf("version %d, frame %d: %q, %v", version, n, text, err)
			}
			if p, err = a.Add(text); err != nil {
				t.Fatal(err)
			}
		}
		if p.Code.Text() != code.Text() {
			t.Errorf("version %d: %+v", version, p)
		}
		t.Logf("version %d: %d parts, a GIF of %d bytes", version, len(texts), size)
	}
}

// A camera follows the animation in each condition, one picture of each frame and
// six rounds at most. Some cannot be read; how many frames it takes is
// logged; what comes out is the code or nothing.
func TestCameraFollowsTheAnimation(t *testing.T) {
	const rounds = 6
	code := carrying(t)
	texts, err := code.Parts(13, base)
	if err != nil {
		t.Fatal(err)
	}
	frames := symbols(t, texts)
	step := 1
	if brief() {
		step = 6
	}
	whole, tried := 0, 0
	for n := 0; n < len(conditions); n += step {
		rng := rand.New(rand.NewPCG(uint64(n), 77))
		var a qrproto.Assembly
		var p qrproto.Progress
		seen := 0
		for ; seen < rounds*len(frames) && p.Code.Kind() == 0; seen++ {
			text, err := qrscan.Scan(conditions[n].picture(frames[seen%len(frames)], rng))
			if err != nil {
				continue
			}
			if p, err = a.Add(text); err != nil {
				t.Fatalf("%s: %v", conditions[n].name, err)
			}
		}
		tried++
		if p.Code.Kind() != 0 {
			whole++
			if p.Code.Text() != code.Text() {
				t.Errorf("%s: another code", conditions[n].name)
			}
		}
		t.Logf("%-18s %d of %d parts after %d frames", conditions[n].name, p.Have, p.Count, seen)
	}
	if whole*10 < tried*7 {
		t.Errorf("whole in %d of %d conditions", whole, tried)
	}
}
