// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"testing"
)

// movie is a GIF of 4 × 4 pixels: white, then a black dot at (1,1), then one at
// (2,2) over it, each frame with its disposal.
func movie(t *testing.T, disposal ...byte) []byte {
	t.Helper()
	palette := color.Palette{color.White, color.Black, color.Transparent}
	frame := func(r image.Rectangle, ink uint8) *image.Paletted {
		img := image.NewPaletted(r, palette)
		for i := range img.Pix {
			img.Pix[i] = ink
		}
		return img
	}
	var out bytes.Buffer
	err := gif.EncodeAll(&out, &gif.GIF{
		Image: []*image.Paletted{frame(image.Rect(0, 0, 4, 4), 0), frame(image.Rect(1, 1, 2, 2), 1), frame(image.Rect(2, 2, 3, 3), 1)},
		Delay: []int{50, 50, 50}, Disposal: disposal,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What a frame leaves behind is seen in the next, as the GIF says.
func TestMovingPicturesAreSeenAsTheyAreMeant(t *testing.T) {
	for _, tc := range []struct {
		name     string
		disposal byte
		dark     []bool // (1,1) in each picture
	}{
		{"left", gif.DisposalNone, []bool{false, true, true}},
		{"taken back", gif.DisposalPrevious, []bool{false, true, false}},
		{"cleared", gif.DisposalBackground, []bool{false, true, false}},
	} {
		all, err := moving(movie(t, gif.DisposalNone, tc.disposal, gif.DisposalNone))
		if err != nil {
			t.Fatal(err)
		}
		var dark []bool
		for _, img := range all {
			_, _, _, opaque := img.At(1, 1).RGBA()
			dark = append(dark, opaque > 0 && color.GrayModel.Convert(img.At(1, 1)) == color.Gray{})
		}
		if !slices.Equal(dark, tc.dark) {
			t.Errorf("%s: %v, want %v", tc.name, dark, tc.dark)
		}
	}
}

// Pictures are counted before one is unpacked, also in files that are cut off.
func TestPicturesOfAMovieAreCounted(t *testing.T) {
	b := movie(t, 0, 0, 0)
	if n := gifFrames(b); n != 3 {
		t.Errorf("%d pictures", n)
	}
	for cut := range len(b) {
		if n := gifFrames(b[:cut]); n > 3 {
			t.Errorf("cut to %d: %d pictures", cut, n)
		}
	}
	// 2000 × 2000 pixels, seven pictures of 4 bytes a pixel: 112 MB.
	wide := gif.GIF{Config: image.Config{Width: 2000, Height: 2000}}
	for range 7 {
		dot := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.White, color.Black})
		wide.Image, wide.Delay = append(wide.Image, dot), append(wide.Delay, 50)
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, &wide); err != nil {
		t.Fatal(err)
	}
	large := out.Bytes()
	if _, err := moving(large); !errors.Is(err, errPixels) {
		t.Errorf("%d pictures of 2000 × 2000: %v", gifFrames(large), err)
	}
}
