// SPDX-License-Identifier: Apache-2.0

package qrimage

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
)

// The pixels that one module may measure on a side. Below MinPixels cameras and
// decoders miscount the modules of a symbol; MaxPixels keeps the largest symbol
// under 36 megapixels.
const (
	MinPixels     = 3
	DefaultPixels = 4
	MaxPixels     = 32
)

// ErrPixels says that a number of pixels per module is neither 0 nor within
// MinPixels and MaxPixels.
var ErrPixels = errors.New("qrimage: pixels per module out of range")

// Image draws the symbol with its quiet zone, the given number of pixels per
// module on a side; 0 stands for DefaultPixels. The image is a square of
// (Size + 2 × QuietZone) × pixels, with colour 0 white and colour 1 black. The
// error is ErrPixels.
func (m *Matrix) Image(pixels int) (*image.Paletted, error) {
	if pixels == 0 {
		pixels = DefaultPixels
	}
	if pixels < MinPixels || pixels > MaxPixels {
		return nil, ErrPixels
	}
	side := m.side() * pixels
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := 0; y < m.Size(); y++ {
		m.drawRow(img, y, pixels)
	}
	return img, nil
}

// drawRow draws the modules of row y: its first line of pixels module by
// module, the others as copies of it.
func (m *Matrix) drawRow(img *image.Paletted, y, pixels int) {
	top := (y + QuietZone) * pixels
	first := img.Pix[top*img.Stride:][:img.Stride]
	for x := 0; x < m.Size(); x++ {
		if !m.Dark(x, y) {
			continue
		}
		left := (x + QuietZone) * pixels
		for i := left; i < left+pixels; i++ {
			first[i] = 1
		}
	}
	for i := 1; i < pixels; i++ {
		copy(img.Pix[(top+i)*img.Stride:], first)
	}
}

// PNG writes the image of Image as a PNG of one bit a pixel. The errors are
// ErrPixels and those of w.
func (m *Matrix) PNG(w io.Writer, pixels int) error {
	img, err := m.Image(pixels)
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	return enc.Encode(w, img)
}
