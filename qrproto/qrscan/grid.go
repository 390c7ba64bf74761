// SPDX-License-Identifier: Apache-2.0

package qrscan

import "github.com/makiuchi-d/gozxing"

// A grid maps the modules of a symbol to an image: module (x, y) has its centre
// at (x + ½, y + ½) of the grid. The map is the projective one that takes the
// centres of the three finder patterns, and the point where a fourth would be,
// to four points of the image.
type grid struct {
	version int
	corner  [4]point   // top left, top right, bottom left, bottom right
	m       [8]float64 // numerators of x and y, denominator
}

const (
	topLeft = iota
	topRight
	bottomLeft
	bottomRight
)

func sizeOf(version int) int { return 17 + 4*version }

func newGrid(version int, corner [4]point) grid {
	g := grid{version: version, corner: corner}
	p00, p10, p01, p11 := corner[topLeft], corner[topRight], corner[bottomLeft], corner[bottomRight]
	d1, d2 := p10.minus(p11), p01.minus(p11)
	s := p00.minus(p10).plus(p11).minus(p01)
	den := d1.cross(d2)
	px, py := s.cross(d2)/den, d1.cross(s)/den
	g.m = [8]float64{
		p10.x*(1+px) - p00.x, p01.x*(1+py) - p00.x, p00.x,
		p10.y*(1+px) - p00.y, p01.y*(1+py) - p00.y, p00.y,
		px, py,
	}
	return g
}

// at is where a point of the grid lies in the image.
func (g *grid) at(x, y float64) point {
	side := float64(sizeOf(g.version) - 7)
	u, v := (x-3.5)/side, (y-3.5)/side
	w := g.m[6]*u + g.m[7]*v + 1
	return point{(g.m[0]*u + g.m[1]*v + g.m[2]) / w, (g.m[3]*u + g.m[4]*v + g.m[5]) / w}
}

// inside says whether the whole grid lies in the image, give or take a few
// pixels. It is false for a degenerate grid.
func (g *grid) inside(p *plane) bool {
	last := float64(sizeOf(g.version))
	for _, c := range [4]point{{0, 0}, {last, 0}, {0, last}, {last, last}} {
		q := g.at(c.x, c.y)
		if !(q.x > -8 && q.y > -8 && q.x < float64(p.w+8) && q.y < float64(p.h+8)) {
			return false
		}
	}
	return true
}

// shades reads the luminance of each module, the mean of five points around its
// centre.
func (g *grid) shades(p *plane) *plane {
	size := sizeOf(g.version)
	q := newPlane(size, size)
	for y := range size {
		for x := range size {
			sum := 0
			for _, d := range [5]point{{0.5, 0.5}, {0.3, 0.5}, {0.7, 0.5}, {0.5, 0.3}, {0.5, 0.7}} {
				c := g.at(float64(x)+d.x, float64(y)+d.y)
				sum += p.at(c.x, c.y)
			}
			q.pix[y*size+x] = byte(sum / 5)
		}
	}
	return q
}

// threshold makes modules of shades: dark is what is darker than the mean of
// the modules around it. Masking keeps every neighbourhood about half dark.
func threshold(shades *plane, radius int) *gozxing.BitMatrix {
	bits, err := gozxing.NewBitMatrix(shades.w, shades.h)
	if err != nil {
		return nil // sizes are at least 21
	}
	mean := shades.blurred(radius)
	for y := range shades.h {
		for x := range shades.w {
			if shades.pix[y*shades.w+x] < mean.pix[y*shades.w+x] {
				bits.Set(x, y)
			}
		}
	}
	return bits
}
