// SPDX-License-Identifier: Apache-2.0

package qrscan

import (
	"image"
	"image/color"

	"github.com/makiuchi-d/gozxing"
)

// A plane is an image of luminances, 0 black to 255 white, in rows without gaps.
type plane struct {
	w, h int
	pix  []byte
}

func newPlane(w, h int) *plane {
	return &plane{w: w, h: h, pix: make([]byte, w*h)}
}

// luminances makes the plane of img, composited on white. The types that the
// standard decoders make for almost every file have loops of their own: through
// At each pixel costs an allocation.
func luminances(img image.Image) *plane {
	b := img.Bounds()
	p := newPlane(b.Dx(), b.Dy())
	switch img := img.(type) {
	case *image.Gray:
		p.fill(func(x, y int) byte { return img.Pix[img.PixOffset(b.Min.X+x, b.Min.Y+y)] })
	case *image.YCbCr:
		p.fill(func(x, y int) byte { return img.Y[img.YOffset(b.Min.X+x, b.Min.Y+y)] })
	case *image.RGBA:
		p.fill(func(x, y int) byte {
			i := img.PixOffset(b.Min.X+x, b.Min.Y+y)
			return premultiplied(img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3])
		})
	case *image.Paletted:
		shades := paletteShades(img.Palette)
		p.fill(func(x, y int) byte { return shades[img.Pix[img.PixOffset(b.Min.X+x, b.Min.Y+y)]] })
	default:
		p.fill(func(x, y int) byte { return shade(img.At(b.Min.X+x, b.Min.Y+y)) })
	}
	return p
}

func (p *plane) fill(at func(x, y int) byte) {
	i := 0
	for y := range p.h {
		for x := range p.w {
			p.pix[i] = at(x, y)
			i++
		}
	}
}

// shade is the luminance of a colour in front of white.
func shade(c color.Color) byte {
	r, g, b, a := c.RGBA()
	return premultiplied(byte(r>>8), byte(g>>8), byte(b>>8), byte(a>>8))
}

// premultiplied is shade for components that are multiplied by alpha already,
// weighted as ITU-R BT.601 does.
func premultiplied(r, g, b, a byte) byte {
	luma := (77*uint32(r) + 150*uint32(g) + 29*uint32(b) + 128) >> 8
	return byte(min(luma+255-uint32(a), 255))
}

// paletteShades is the shade of each palette index; indexes outside the palette
// are white.
func paletteShades(palette color.Palette) *[256]byte {
	var shades [256]byte
	for i := range shades {
		shades[i] = 255
		if i < len(palette) && palette[i] != nil {
			shades[i] = shade(palette[i])
		}
	}
	return &shades
}

// at is the luminance at (x, y), coordinates in pixels with pixel centres at
// one half, from the four pixels around it. It clamps to the plane's edge.
func (p *plane) at(x, y float64) int {
	fx, fy := fixed(x, p.w), fixed(y, p.h)
	x0, y0 := fx>>8, fy>>8
	x1, y1 := min(x0+1, p.w-1), min(y0+1, p.h-1)
	wx, wy := fx&255, fy&255
	top := int(p.pix[y0*p.w+x0])*(256-wx) + int(p.pix[y0*p.w+x1])*wx
	bottom := int(p.pix[y1*p.w+x0])*(256-wx) + int(p.pix[y1*p.w+x1])*wx
	return (top*(256-wy) + bottom*wy) >> 16
}

// fixed is a coordinate in 1/256 pixel relative to the centre of the first of n
// pixels, clamped to the last. What is not a number becomes 0.
func fixed(v float64, n int) int {
	v -= 0.5
	switch {
	case !(v > 0):
		return 0
	case v >= float64(n-1):
		return (n - 1) << 8
	}
	return int(v * 256)
}

// The methods below make a plane a gozxing.LuminanceSource.

var _ gozxing.LuminanceSource = (*source)(nil)

type source struct {
	gozxing.LuminanceSourceBase
	p *plane
}

func newSource(p *plane) *source {
	return &source{gozxing.LuminanceSourceBase{Width: p.w, Height: p.h}, p}
}

func (s *source) GetRow(y int, _ []byte) ([]byte, error) {
	return s.p.pix[y*s.p.w:][:s.p.w], nil
}

func (s *source) GetMatrix() []byte { return s.p.pix }

func (s *source) Invert() gozxing.LuminanceSource { return gozxing.LuminanceSourceInvert(s) }

func (s *source) String() string { return gozxing.LuminanceSourceString(s) }
