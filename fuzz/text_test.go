// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

// FuzzText opens whatever a scanner could have read.
func FuzzText(f *testing.F) {
	vectors := load[positive](f, "positive")
	for _, v := range vectors {
		f.Add(v.Text)
		f.Add(v.Link + "\r\n")
	}
	for _, v := range load[negative](f, "negative") {
		f.Add(v.Text)
	}
	usual := vectors["order-usual"]
	signers := map[qrproto.KeyID]qrproto.Signer{}
	for _, v := range vectors {
		// Others have the same key id, and are not trusted here.
		if slices.ContainsFunc(usual.Keys, func(k vectorKey) bool { return bytes.Equal(k.Public, v.Signer.Public) }) {
			signers[qrproto.KeyID(v.Signer.ID)] = v.Signer.signer()
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := qrproto.Open(text, usual.Keys.trust())
		if err != nil {
			if o != nil || !hasCode(err) {
				t.Fatalf("%v beside %v", o, err)
			}
			return
		}
		code, err := qrproto.ParseCode(text)
		if err != nil {
			t.Fatal(err)
		}
		checkOpened(t, o, signers[o.Key.ID], code.Bytes())
	})
}

// FuzzScanned puts anything before and behind sound codes: what precedes a code
// is ignored, what follows may be line ends.
func FuzzScanned(f *testing.F) {
	vectors := load[positive](f, "positive")
	sound := []positive{vectors["identity-usual"], vectors["order-usual"], vectors["settlement-usual"], vectors["receipt-usual"]}
	for _, s := range []string{"", "\r\n", "\n", " ", "/", "QO1/", "HTTPS://A/", "\x00", "QO1/0", "0"} {
		f.Add(uint8(0), s, "")
		f.Add(uint8(1), "", s)
		f.Add(uint8(2), s, s)
	}
	f.Fuzz(func(t *testing.T, n uint8, before, behind string) {
		v := sound[int(n)%len(sound)]
		text := before + v.Text + behind
		o, err := qrproto.Open(text, v.Keys.trust())
		const limit = 2816
		if opens := strings.Trim(behind, "\r\n") == "" && len(text) <= limit; opens != (err == nil) {
			t.Fatalf("%q before, %q behind: %v", before, behind, err)
		}
		if err == nil && !bytes.Equal(o.Sum[:], v.Sum) {
			t.Fatalf("%q before, %q behind: another payload", before, behind)
		}
		if err != nil && !hasCode(err) {
			t.Fatal(err)
		}
	})
}

// FuzzParse reads texts without verifying them.
func FuzzParse(f *testing.F) {
	for _, v := range load[positive](f, "positive") {
		f.Add(v.Text)
	}
	for _, v := range load[negative](f, "negative") {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := qrproto.ParseCode(text)
		kind, id, peeked := qrproto.Peek(text)
		if (err == nil) != (peeked == nil) || err != nil && (!hasCode(err) || !hasCode(peeked)) {
			t.Fatalf("parsed: %v; peeked: %v", err, peeked)
		}
		if err != nil {
			return
		}
		if kind != code.Kind() || len(id) < 1 || len(id) > 8 || len(code.Bytes()) > qrproto.MaxBytes {
			t.Fatalf("kind %v and %v, key %v, %d bytes", kind, code.Kind(), id, len(code.Bytes()))
		}
		if !strings.HasSuffix(strings.TrimRight(text, "\r\n"), code.Text()) || code.Text() != textOf(byte(kind), code.Bytes()) {
			t.Fatalf("%q has a second text, %q", text, code.Text())
		}
	})
}

// FuzzEnvelope reads bytes as an envelope, of a kind or another.
func FuzzEnvelope(f *testing.F) {
	for _, v := range load[positive](f, "positive") {
		f.Add(v.Kind[0], []byte(v.Envelope))
	}
	for _, v := range load[negative](f, "negative") {
		if code, err := qrproto.ParseCode(v.Text); err == nil {
			f.Add(v.Kind[0], code.Bytes())
		}
	}
	keys := load[positive](f, "positive")["order-usual"].Keys.trust()
	f.Fuzz(func(t *testing.T, kind byte, envelope []byte) {
		text := textOf(kind, envelope)
		code, err := qrproto.ParseCode(text)
		if err == nil && !bytes.Equal(code.Bytes(), envelope) {
			t.Fatalf("read %x from %x", code.Bytes(), envelope)
		}
		if _, opened := qrproto.Open(text, keys); err != nil && opened == nil || opened != nil && !hasCode(opened) {
			t.Fatalf("parsed: %v; opened: %v", err, opened)
		}
	})
}

// FuzzKeyFile reads key files.
func FuzzKeyFile(f *testing.F) {
	for _, v := range load[positive](f, "positive") {
		body, err := json.Marshal(v.Keys.trust())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, s := range []string{`{}`, `{"keys":null}`, `{"keys":[]}`, `{"keys":[{}]}`, `[]`, `null`, ``, `{"keys":[{"kty":"OKP","crv":"Ed25519","d":"AA"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var keys qrproto.KeyList
		if err := keys.UnmarshalJSON(body); err != nil {
			if keys != nil || !hasCode(err) {
				t.Fatalf("%v beside %v", keys, err)
			}
			return
		}
		again, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		var once qrproto.KeyList
		if err := json.Unmarshal(again, &once); err != nil || !reflect.DeepEqual(keys, once) {
			t.Fatalf("read %+v, written and read again %+v (%v)", keys, once, err)
		}
		for i := range keys {
			if err := keys[i].Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzScan looks for codes in small grey pictures.
func FuzzScan(f *testing.F) {
	f.Add(uint8(1), []byte{0})
	f.Add(uint8(21), bytes.Repeat([]byte{0, 255}, 220))
	for _, text := range []string{"0", "QO1/0123456789", load[positive](f, "positive")["receipt-minimal"].Text} {
		img := drawn(f, text)
		f.Add(uint8(img.Rect.Dx()), img.Pix)
	}
	f.Fuzz(func(t *testing.T, width uint8, pixels []byte) {
		const most = 240
		w := max(int(width)%most, 1)
		pixels = pixels[:min(len(pixels), w*most)]
		grey := image.NewGray(image.Rect(0, 0, w, len(pixels)/w))
		copy(grey.Pix, pixels)
		text, err := qrscan.Scan(grey)
		if err != nil && text != "" {
			t.Fatalf("%q beside %v", text, err)
		}
		if _, err := qrproto.Open(text, qrproto.KeyList{}); !hasCode(err) {
			t.Fatal(err)
		}
	})
}

// FuzzImage reads files of pictures.
func FuzzImage(f *testing.F) {
	img := drawn(f, "QO1/0123456789")
	small := drawn(f, "0")
	var asPNG, asGIF, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, img), gif.Encode(&asGIF, small, nil), jpeg.Encode(&asJPEG, small, nil)); err != nil {
		f.Fatal(err)
	}
	for _, file := range [][]byte{asPNG.Bytes(), asGIF.Bytes(), asJPEG.Bytes(), asPNG.Bytes()[:40], []byte("GIF89a")} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && cfg.Width*cfg.Height > 1<<16 {
			return // a large picture takes long, and is no other code
		}
		text, err := qrscan.Decode(bytes.NewReader(file))
		if err != nil && text != "" {
			t.Fatalf("%q beside %v", text, err)
		}
	})
}

// drawn is the image of a code, 3 pixels a module.
func drawn(t testing.TB, text string) *image.Gray {
	t.Helper()
	m, err := qrimage.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	img, err := m.Image(3)
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(img.Bounds())
	draw.Draw(grey, grey.Bounds(), img, image.Point{}, draw.Src)
	return grey
}
