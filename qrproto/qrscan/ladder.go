// SPDX-License-Identifier: Apache-2.0

package qrscan

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

const (
	// maxWork bounds the plane that the ladder works on. A larger one is shrunk to
	// it first: a code that fills a fifth of a photograph's width still has enough
	// pixels a module then.
	maxWork = 1 << 20
	// maxFiltered bounds what a filter may enlarge the plane to.
	maxFiltered = 4 << 20
)

// A rung is one way of looking at an image. The filter answers nil where it
// makes no sense, the binarisation where it sees no contrast.
type rung struct {
	filter   func(*plane) *plane
	binarise func(*plane) *gozxing.BitMatrix
}

// ladder is ordered by what a rung finds that those before it did not, over the
// pictures of the tests. Rungs that found nothing there have gone: gozxing's
// reading of pure symbols, one threshold for the whole image, three times the
// size.
var ladder = [...]rung{
	{same, hybrid},
	{doubled, hybrid}, // small modules
	{quiet, local},    // noise, low contrast
	{crisp, hybrid},   // far out of focus
	{smooth, local},   // noise
	{halved, hybrid},  // large modules with noise
	{hushed, local},   // large modules with much noise
}

// climb tries rung after rung until one yields a text. A plane above maxWork is
// looked at in full size only once, at the end, for a small code far away.
func climb(p *plane) (string, bool) {
	work := p
	if n := p.w * p.h; n > maxWork {
		work = p.fitting(maxWork)
	}
	if min(work.w, work.h) < minSide {
		return "", false
	}
	for i := range ladder {
		q := ladder[i].filter(work)
		if q == nil {
			continue
		}
		if text, ok := read(q, ladder[i].binarise(q)); ok {
			return text, true
		}
	}
	if work == p {
		return "", false
	}
	return read(p, hybrid(p))
}

// read looks for a symbol where the binarised image has finder patterns, and
// takes it from the plane.
func read(p *plane, m *gozxing.BitMatrix) (string, bool) {
	if m == nil {
		return "", false
	}
	for _, k := range findCorners(m) {
		for _, g := range k.candidates(p) {
			g = g.fitted(p)
			if !g.inside(p) {
				continue
			}
			if text, ok := g.text(p); ok {
				return text, true
			}
		}
	}
	return "", false
}

// text decodes the modules of a grid, first as they are, then sharpened more
// and more against their neighbours: blur mixes each module with those around
// it, which this undoes.
func (g *grid) text(p *plane) (string, bool) {
	const around = 5 // modules to each side that a module is compared with
	shades := g.shades(p)
	for strength := range 4 {
		bits := threshold(shades.sharpened(1, strength, 1), around)
		if bits == nil {
			return "", false
		}
		r, err := decoder.NewDecoder().Decode(bits, nil)
		if err == nil && r.GetText() != "" {
			return r.GetText(), true
		}
	}
	return "", false
}

func same(p *plane) *plane    { return p }
func doubled(p *plane) *plane { return p.scaled(2, 1) }
func halved(p *plane) *plane  { return p.scaled(1, 2) }
func smooth(p *plane) *plane  { return p.blurred(1) }
func crisp(p *plane) *plane   { return p.sharpened(4, 3, 1) }

// quiet averages 5 × 5 pixels of the doubled plane, 2½ of the original: less
// than smooth does, so small modules stay apart.
func quiet(p *plane) *plane { return p.scaled(2, 1).averaged(2) }

// hushed averages 3 × 3 pixels of the halved plane, 6 of the original.
func hushed(p *plane) *plane { return p.scaled(1, 2).averaged(1) }

// averaged is blurred for a plane that a filter may have refused to make.
func (p *plane) averaged(r int) *plane {
	if p == nil {
		return nil
	}
	return p.blurred(r)
}

// hybrid is gozxing's binarisation by blocks of 8 × 8 pixels.
func hybrid(p *plane) *gozxing.BitMatrix {
	m, err := gozxing.NewHybridBinarizer(newSource(p)).GetBlackMatrix()
	if err != nil {
		return nil
	}
	return m
}

// local compares each pixel with the mean around it. Unlike hybrid it has no
// least contrast, so it finds patterns in the faintest image, and false ones.
func local(p *plane) *gozxing.BitMatrix {
	return threshold(p, max(8, min(p.w, p.h)/16))
}
