// SPDX-License-Identifier: Apache-2.0

package qrscan

import (
	"cmp"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

const (
	maxVersion = 40
	maxGrids   = 2 // versions that are read for one arrangement of corners
)

// A cell is a module whose colour the standard fixes.
type cell struct {
	x, y int
	dark bool
}

// rings appends the square of the given radius around (x, y), of which light
// says which rings are light.
func rings(cells []cell, x, y, radius int, light func(ring int) bool) []cell {
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			cells = append(cells, cell{x + dx, y + dy, !light(max(dx, -dx, dy, -dy))})
		}
	}
	return cells
}

func finderLight(ring int) bool    { return ring == 2 || ring == 4 }
func alignmentLight(ring int) bool { return ring == 1 }

// finderCells are the finder patterns of a version.
func finderCells(version int) []cell {
	far := sizeOf(version) - 4
	cells := rings(nil, 3, 3, 3, finderLight)
	cells = rings(cells, far, 3, 3, finderLight)
	return rings(cells, 3, far, 3, finderLight)
}

// innerCells are the timing and alignment patterns of a version, which tell it
// from its neighbours.
func innerCells(version int) []cell {
	var cells []cell
	far := sizeOf(version) - 7
	for i := 8; i <= far-2; i++ {
		cells = append(cells, cell{i, 6, i%2 == 0}, cell{6, i, i%2 == 0})
	}
	v, err := decoder.Version_GetVersionForNumber(version)
	if err != nil {
		return cells // not reached: versions are 1 to 40
	}
	centres := v.GetAlignmentPatternCenters()
	for _, y := range centres {
		for _, x := range centres {
			if x == 6 && (y == 6 || y == far) || x == far && y == 6 {
				continue // a finder pattern stands there
			}
			cells = rings(cells, x, y, 2, alignmentLight)
		}
	}
	return cells
}

// contrast is the mean luminance of the light cells less that of the dark ones,
// times 16. It is high only where the grid lies right.
func (g *grid) contrast(p *plane, cells []cell) int {
	var dark, light, darks int
	for _, c := range cells {
		q := g.at(float64(c.x)+0.5, float64(c.y)+0.5)
		v := p.at(q.x, q.y)
		if c.dark {
			dark += v
			darks++
		} else {
			light += v
		}
	}
	return light*16/(len(cells)-darks) - dark*16/darks
}

// candidates are grids of the versions that these corners may have, the best
// first.
func (k *corners) candidates(p *plane) []grid {
	f := k.frames(p)
	tl, tr, bl := f[topLeft], f[topRight], f[bottomLeft]
	modules := (between(tl.centre, tr.centre, tl.right.length(), tr.right.length()) +
		between(tl.centre, bl.centre, tl.down.length(), bl.down.length())) / 2
	if !(modules < float64(sizeOf(maxVersion)+4)) { // not a number where a frame collapsed
		return nil
	}
	guess := int(math.Round((modules - 10) / 4))
	corner := [4]point{tl.centre, tr.centre, bl.centre, fourth(&f)}
	type candidate struct {
		grid
		score int
	}
	var all []candidate
	for v := max(guess-2, 1); v <= min(guess+2, maxVersion); v++ {
		g := newGrid(v, corner).aligned(p)
		all = append(all, candidate{g, g.contrast(p, innerCells(v))})
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	var grids []grid
	for _, c := range all[:min(len(all), maxGrids)] {
		grids = append(grids, c.grid)
	}
	return grids
}

// aligned moves the fourth corner so that the alignment pattern nearest to it
// lies where the image has something like one. Version 1 has none.
func (g grid) aligned(p *plane) grid {
	if g.version == 1 {
		return g
	}
	size := sizeOf(g.version)
	cells := rings(nil, size-7, size-7, 2, alignmentLight)
	end := float64(size) - 3.5
	right := g.at(end, end).minus(g.at(end-1, end))
	down := g.at(end, end).minus(g.at(end, end-1))
	reach := 3 + float64(size)/16 // the corner is extrapolated over the whole size
	best, found := math.MinInt32, g
	for dy := -reach; dy <= reach; dy += 0.5 {
		for dx := -reach; dx <= reach; dx += 0.5 {
			corner := g.corner
			corner[bottomRight] = corner[bottomRight].plus(right.times(dx)).plus(down.times(dy))
			h := newGrid(g.version, corner)
			// Of two that look alike the nearer one is meant.
			if s := h.contrast(p, cells) - int(24*math.Hypot(dx, dy)); s > best {
				best, found = s, h
			}
		}
	}
	return found
}

// fitted moves all four corners until no small change raises the contrast of
// all fixed patterns.
func (g grid) fitted(p *plane) grid {
	cells := append(finderCells(g.version), innerCells(g.version)...)
	best := g.contrast(p, cells)
	unit := g.corner[topRight].minus(g.corner[topLeft]).length() / float64(sizeOf(g.version)-7)
	step := 0.5
	for range maxRounds {
		better := false
		for i := range 2 * len(g.corner) {
			for _, d := range [2]float64{step * unit, -step * unit} {
				h := newGrid(g.version, g.nudged(i, d))
				if s := h.contrast(p, cells); s > best {
					best, g, better = s, h, true
					break
				}
			}
		}
		if better {
			continue
		}
		if step /= 2; step < 0.1 {
			break
		}
	}
	return g
}

// nudged returns the corners with one of their eight coordinates changed by d.
func (g *grid) nudged(i int, d float64) [4]point {
	corner := g.corner
	if i%2 == 0 {
		corner[i/2].x += d
	} else {
		corner[i/2].y += d
	}
	return corner
}
