// SPDX-License-Identifier: Apache-2.0

package qrscan

import (
	"cmp"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

// Bounds on the search for finder patterns. An image can be made of nothing but
// finder patterns, or of stripes that look like one in every row: without bounds
// the search would take the cube of the one and the square of the other.
const (
	maxHits       = 20000 // places with the right runs along a row that are checked
	maxCentres    = 96    // finder patterns that pass
	maxCandidates = 10    // of them, those seen in the most rows
	maxCorners    = 3     // arrangements of three that are tried
)

// corners are the centres of the finder patterns of one symbol, in pixels.
type corners struct {
	topLeft, topRight, bottomLeft point
	module                        float64 // estimated pixels a module
	misfit                        float64 // 0 for a right angle with equal legs
}

type point struct{ x, y float64 }

func (p point) minus(q point) point   { return point{p.x - q.x, p.y - q.y} }
func (p point) plus(q point) point    { return point{p.x + q.x, p.y + q.y} }
func (p point) times(f float64) point { return point{p.x * f, p.y * f} }
func (p point) cross(q point) float64 { return p.x*q.y - p.y*q.x }
func (p point) length() float64       { return math.Hypot(p.x, p.y) }

// findCorners returns the arrangements of three finder patterns in a binarised
// image that look most like a symbol, the best first.
func findCorners(m *gozxing.BitMatrix) []corners {
	centres := findCentres(m)
	slices.SortStableFunc(centres, func(a, b *detector.FinderPattern) int {
		return cmp.Compare(b.GetCount(), a.GetCount())
	})
	centres = centres[:min(len(centres), maxCandidates)]
	var all []corners
	for i, a := range centres {
		for j, b := range centres[:i] {
			for _, c := range centres[:j] {
				if k, ok := arrange(a, b, c); ok {
					all = append(all, k)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b corners) int { return cmp.Compare(a.misfit, b.misfit) })
	return all[:min(len(all), maxCorners)]
}

// findCentres looks for five runs of the proportions 1:1:3:1:1 in every second
// row and lets gozxing check each hit in the other directions.
func findCentres(m *gozxing.BitMatrix) []*detector.FinderPattern {
	finder := detector.NewFinderPatternFinder(m, nil)
	w, h, hits := m.GetWidth(), m.GetHeight(), 0
	for y := 0; y < h; y += 2 {
		var runs [5]int // the last five runs, runs[4] the current one
		dark := false
		for x := 0; x <= w; x++ {
			if x < w && m.Get(x, y) == dark {
				runs[4]++
				continue
			}
			if dark && hits < maxHits && detector.FinderPatternFinder_foundPatternCross(runs[:]) {
				hits++
				finder.HandlePossibleCenter(runs[:], y, x)
				if len(finder.GetPossibleCenters()) >= maxCentres {
					return finder.GetPossibleCenters()
				}
			}
			copy(runs[:], runs[1:])
			runs[4] = 1
			dark = !dark
		}
	}
	return finder.GetPossibleCenters()
}

// arrange orders three centres as the corners of a symbol. It answers false if
// they are too far from a square's: seen at a slant of 60°, one leg halves.
func arrange(a, b, c *detector.FinderPattern) (corners, bool) {
	sizes := []float64{a.GetEstimatedModuleSize(), b.GetEstimatedModuleSize(), c.GetEstimatedModuleSize()}
	if slices.Max(sizes) > 2*slices.Min(sizes) {
		return corners{}, false
	}
	p := [3]point{{a.GetX(), a.GetY()}, {b.GetX(), b.GetY()}, {c.GetX(), c.GetY()}}
	// The corner opposite the longest side comes first.
	best := 0.0
	for range p {
		if d := p[1].minus(p[2]).length(); d > best {
			best = d
		}
		p[0], p[1], p[2] = p[1], p[2], p[0]
	}
	for p[1].minus(p[2]).length() < best {
		p[0], p[1], p[2] = p[1], p[2], p[0]
	}
	right, down := p[1].minus(p[0]), p[2].minus(p[0])
	if right.x*down.y-right.y*down.x < 0 {
		right, down = down, right
		p[1], p[2] = p[2], p[1]
	}
	k := corners{topLeft: p[0], topRight: p[1], bottomLeft: p[2], module: (sizes[0] + sizes[1] + sizes[2]) / 3}
	long, short := max(right.length(), down.length()), min(right.length(), down.length())
	if short < 10*k.module || long > 2*short {
		return corners{}, false
	}
	cosine := (right.x*down.x + right.y*down.y) / (long * short)
	k.misfit = math.Abs(cosine) + long/short - 1
	return k, math.Abs(cosine) < 0.6
}
