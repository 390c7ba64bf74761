// SPDX-License-Identifier: Apache-2.0

// Package qrimage turns a text into a QR symbol and draws it: as a raster
// image, as PNG, as SVG, or with half-block characters on a terminal.
//
// # What it draws
//
// Every symbol has error correction level M, dark modules on a light ground, a
// quiet zone of four modules, and a whole number of pixels per module. None of
// this can be switched off: fractional modules and missing quiet zones are what
// makes codes hard to read, and level M is the best compromise at a fixed
// physical size, where blur punishes the dense symbols of the higher levels and
// glare punishes the lower one.
//
// # Texts
//
// Any text can be encoded, but the package exists for texts made of upper-case
// letters, digits and the nine signs "$%*+-./: ", such as
//
//	HTTPS://HOST/PATH/QI1/0123…
//
// The part in front costs 5.5 bits a character (alphanumeric mode), the digits
// 3⅓ bits each (numeric mode): the encoder changes mode after the last slash. One
// lower-case letter forces its part into byte mode at 8 bits a character, so
// links should be written in upper case. Scheme and host do not mind.
//
// The encoder cuts a text greedily, from the left. That is optimal for a text
// that has only one long run of digits, at its end. A run of 7 to 14 digits
// further left, a site number in the path say, is cut out although changing back
// costs more than the run saves. That is at most 15 bits a run, and shows only
// near the edge of a version, as one version more: the tests count how often.
//
// # Limits
//
// Encode answers ErrEmpty or ErrTooLong, the drawing methods ErrPixels or the
// writer's own error. The same text always gives the same symbol, and the same
// symbol the same bytes of SVG and terminal text; those of a PNG may change with
// the compressor of another Go release, its pixels do not.
package qrimage

import (
	"errors"

	qrcode "github.com/skip2/go-qrcode"
)

// QuietZone is the light border around a symbol, in modules, that ISO/IEC 18004
// asks for. Every drawing includes it.
const QuietZone = 4

var (
	// ErrEmpty says that there is no text to encode.
	ErrEmpty = errors.New("qrimage: empty text")
	// ErrTooLong says that a text does not fit version 40 at level M: 2 331 bytes,
	// 3 391 alphanumeric characters or 5 596 digits.
	ErrTooLong = errors.New("qrimage: text too long for a QR code")
)

// maxText is the number of digits of version 40-M: no longer text of any kind
// can fit. It bounds the work spent on finding that out.
const maxText = 5596

// A Matrix is a QR symbol: a square of dark and light modules. It does not hold
// the quiet zone, which the drawing methods add. A Matrix is immutable and safe
// for concurrent use. Only Encode makes a useful one.
type Matrix struct {
	version int
	modules [][]bool // [y][x], true is dark
}

// Encode makes the symbol of the smallest version that holds text at level M.
// The errors are ErrEmpty and ErrTooLong.
func Encode(text string) (*Matrix, error) {
	switch {
	case text == "":
		return nil, ErrEmpty
	case len(text) > maxText:
		return nil, ErrTooLong
	}
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		// The length is the only thing that the encoder can object to.
		return nil, ErrTooLong
	}
	q.DisableBorder = true
	return &Matrix{version: q.VersionNumber, modules: q.Bitmap()}, nil
}

// Version is the QR version, 1 to 40.
func (m *Matrix) Version() int { return m.version }

// Size is the number of modules on a side without the quiet zone:
// 17 + 4 × version.
func (m *Matrix) Size() int { return len(m.modules) }

// Dark says whether the module in column x and row y, counted from 0 at the top
// left of the symbol, is dark. Everything outside the symbol is light, as the
// quiet zone is.
func (m *Matrix) Dark(x, y int) bool {
	size := len(m.modules)
	return x >= 0 && y >= 0 && x < size && y < size && m.modules[y][x]
}

// side is the number of modules on a side with the quiet zone on both ends.
func (m *Matrix) side() int { return m.Size() + 2*QuietZone }
