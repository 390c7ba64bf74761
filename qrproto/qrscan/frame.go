// SPDX-License-Identifier: Apache-2.0

package qrscan

import "math"

// maxRounds bounds the number of times that a fit goes over its parameters.
// Fits end by themselves much earlier, since each round must gain.
const maxRounds = 64

// A frame is the affine map around one finder pattern: its centre and the
// vectors of one module, all in pixels.
type frame struct{ centre, right, down point }

// frames fits one frame to each corner, starting from the directions and the
// module size that the corners have in common.
func (k *corners) frames(p *plane) [3]frame {
	right, down := k.topRight.minus(k.topLeft), k.bottomLeft.minus(k.topLeft)
	// The module size comes from runs along rows. They cross a turned pattern
	// aslant and are longer by one over the cosine.
	size := k.module * max(math.Abs(right.x), math.Abs(right.y)) / right.length()
	f := frame{right: right.times(size / right.length()), down: down.times(size / down.length())}
	var frames [3]frame
	for i, c := range [3]point{k.topLeft, k.topRight, k.bottomLeft} {
		f.centre = c
		frames[i] = f.fitted(p)
	}
	return frames
}

// fitted moves a frame until no small change of it raises the contrast.
func (f frame) fitted(p *plane) frame {
	best := f.contrast(p)
	unit := (f.right.length() + f.down.length()) / 2
	params := [...]*float64{&f.centre.x, &f.centre.y, &f.right.x, &f.right.y, &f.down.x, &f.down.y}
	step := 0.2
	for range maxRounds {
		better := false
		for i, v := range params {
			d := step * unit
			if i < 2 {
				d *= 2 // an error of a vector counts up to four times at the rim
			}
			for _, d := range [2]float64{d, -d} {
				was := *v
				*v += d
				if s := f.contrast(p); s > best {
					best, better = s, true
					break
				}
				*v = was
			}
		}
		if better {
			continue
		}
		if step /= 2; step < 0.015 {
			break
		}
	}
	return f
}

// contrast is how well a frame fits a finder pattern with the light ring around
// it: the mean luminance of the light modules less that of the dark ones, times
// 16.
func (f *frame) contrast(p *plane) int {
	const dark, light = 9 + 24, 16 + 32 // modules
	var sum int
	for dy := -4; dy <= 4; dy++ {
		for dx := -4; dx <= 4; dx++ {
			q := f.centre.plus(f.right.times(float64(dx))).plus(f.down.times(float64(dy)))
			v := p.at(q.x, q.y)
			if finderLight(max(dx, -dx, dy, -dy)) {
				sum += v * dark
			} else {
				sum -= v * light
			}
		}
	}
	return sum * 16 / (dark * light)
}

// fourth is where the lines through the outer patterns meet: the corner without
// a pattern, seen in perspective. If the lines are almost parallel, or meet far
// from where the corner of a parallelogram is, it is that corner.
func fourth(f *[3]frame) point {
	a, b := f[topRight], f[bottomLeft]
	flat := a.centre.plus(b.centre).minus(f[topLeft].centre)
	t := b.centre.minus(a.centre).cross(b.right) / a.down.cross(b.right)
	meet := a.centre.plus(a.down.times(t))
	side := a.centre.minus(b.centre).length()
	if !(meet.minus(flat).length() < side*0.6) { // also where t is not a number
		return flat
	}
	return meet
}

// between is the number of modules between two points with the given module
// sizes. Along a line in perspective it is exactly their distance over the
// geometric mean of the sizes at both ends.
func between(a, b point, sizeA, sizeB float64) float64 {
	return a.minus(b).length() / math.Sqrt(sizeA*sizeB)
}
