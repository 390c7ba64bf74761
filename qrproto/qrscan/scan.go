// SPDX-License-Identifier: Apache-2.0

// Package qrscan finds a QR code in an image and returns its text.
//
// Scan takes any image.Image; Decode reads a PNG, JPEG or GIF first and looks at
// its size before it decodes a pixel. Only QR codes are looked for, dark on
// light, at any angle, mirrored ones too. An image with several codes yields the
// text of one of them.
//
// # How it works
//
// Binarisation, the check of single finder patterns, error correction and the
// reading of segments are gozxing's. What lies between is done here, because it
// is where most codes are lost that a phone held by hand should read:
//
//   - an affine frame is fitted to each finder pattern on the grey image, which
//     yields its centre to a fraction of a pixel and the size and direction of a
//     module there;
//   - the size of a symbol follows from the module sizes at both ends of an edge,
//     which is exact in perspective, and is confirmed by the timing and alignment
//     patterns of the versions around it;
//   - the grid of modules is then fitted to all patterns that the standard fixes;
//   - modules are read as grey levels and compared with their neighbourhood, so
//     blur is undone on modules and not on pixels.
//
// If that fails, the same is tried on other versions of the image, from the
// cheapest filter to the dearest: scaled, averaged against noise, sharpened
// against blur, binarised in another way. Most codes are read on the first rung
// of this ladder; an image without a code costs all of it.
//
// # Trust
//
// A text is returned only if all blocks of the symbol pass error correction. That
// makes a wrong text very unlikely, not impossible, and says nothing about who
// made the code: what the text claims must be verified by its reader.
//
// # Limits
//
// Images above MaxPixels are refused, at any size the search looks at a bounded
// number of places, and nothing is kept between calls. Beside the image itself
// a scan holds about one and a half bytes a pixel, and up to 60 MB for the
// filtered images, which are bounded.
package qrscan

import (
	"errors"
	"image"
)

// MaxPixels is the largest area of an image that is accepted: enough for the 12
// megapixels of a common phone camera, little enough that an image decoded to
// eight bytes a pixel stays under 128 MiB.
const MaxPixels = 1 << 24

var (
	// ErrNotFound says that the image holds no QR code that could be read.
	ErrNotFound = errors.New("qrscan: no readable QR code in the image")
	// ErrEmpty says that the image is nil or has no pixels.
	ErrEmpty = errors.New("qrscan: empty image")
	// ErrTooLarge says that the image has more than MaxPixels, or that a file is
	// longer than an image of that size can need.
	ErrTooLarge = errors.New("qrscan: image too large")
	// ErrFormat says that the bytes are not a whole PNG, JPEG or GIF. The decoder's
	// own error is wrapped beside it.
	ErrFormat = errors.New("qrscan: unreadable image")
)

// Scan returns the text of a QR code in img, which may be of any type; what is
// transparent counts as white. The image must be sound, as the standard
// library's decoders make them. The errors are ErrEmpty, ErrTooLarge and
// ErrNotFound.
func Scan(img image.Image) (string, error) {
	if img == nil {
		return "", ErrEmpty
	}
	b := img.Bounds()
	if err := checkSize(b.Dx(), b.Dy()); err != nil {
		return "", err
	}
	if text, ok := climb(luminances(img)); ok {
		return text, nil
	}
	return "", ErrNotFound
}

// checkSize holds a width and a height against the limits.
func checkSize(w, h int) error {
	switch {
	case w <= 0 || h <= 0:
		return ErrEmpty
	case w > MaxPixels || h > MaxPixels/w:
		return ErrTooLarge
	}
	return nil
}
