// SPDX-License-Identifier: Apache-2.0

package qrscan

import "math"

// minSide is the side of the smallest symbol, in modules.
const minSide = 21

// scaled resamples p to num/den of its size: by area when it shrinks, bilinearly
// when it grows. It answers nil if the result would be too small to hold a
// symbol or larger than maxFiltered.
func (p *plane) scaled(num, den int) *plane {
	w, h := p.w*num/den, p.h*num/den
	if w < minSide || h < minSide || w*h > maxFiltered {
		return nil
	}
	if num < den {
		return p.shrunk(w, h)
	}
	q := newPlane(w, h)
	step := float64(den) / float64(num)
	for y := range h {
		for x := range w {
			q.pix[y*w+x] = byte(p.at((float64(x)+0.5)*step, (float64(y)+0.5)*step))
		}
	}
	return q
}

// fitting shrinks p to at most n pixels, keeping its proportions as far as whole
// pixels allow.
func (p *plane) fitting(n int) *plane {
	factor := math.Sqrt(float64(n) / float64(p.w*p.h))
	return p.shrunk(max(int(float64(p.w)*factor), 1), max(int(float64(p.h)*factor), 1))
}

// shrunk averages, for each of w × h pixels, the whole pixels of p that it
// covers. A pixel on a border counts on one side only, which is exact enough
// for thresholds.
func (p *plane) shrunk(w, h int) *plane {
	q := newPlane(w, h)
	for y := range h {
		top, bottom := share(y, h, p.h), share(y+1, h, p.h)
		for x := range w {
			left, right := share(x, w, p.w), share(x+1, w, p.w)
			sum := 0
			for i := top; i < bottom; i++ {
				for _, v := range p.pix[i*p.w+left : i*p.w+right] {
					sum += int(v)
				}
			}
			q.pix[y*w+x] = byte(sum / ((right - left) * (bottom - top)))
		}
	}
	return q
}

// share is i/n of whole, also where int has 32 bits.
func share(i, n, whole int) int { return int(int64(i) * int64(whole) / int64(n)) }

// blurred replaces each pixel by the mean of the square of radius r around it,
// cut at the edges.
func (p *plane) blurred(r int) *plane {
	q := newPlane(p.w, p.h)
	sums := newSums(p)
	for y := range p.h {
		top, bottom := max(y-r, 0), min(y+r+1, p.h)
		for x := range p.w {
			q.pix[y*p.w+x] = sums.mean(max(x-r, 0), top, min(x+r+1, p.w), bottom)
		}
	}
	return q
}

// sharpened adds to each pixel its difference from the mean of the square of
// radius r around it, num/den times: an unsharp mask.
func (p *plane) sharpened(r, num, den int) *plane {
	if num == 0 {
		return p
	}
	q := p.blurred(r)
	for i, v := range p.pix {
		s := int(v) + (int(v)-int(q.pix[i]))*num/den
		q.pix[i] = byte(min(max(s, 0), 255))
	}
	return q
}

// sums holds, for each corner between pixels, the sum of all luminances above
// and left of it. 32 bits suffice for MaxPixels.
type sums struct {
	stride int
	sum    []uint32
}

func newSums(p *plane) *sums {
	s := &sums{stride: p.w + 1, sum: make([]uint32, (p.w+1)*(p.h+1))}
	for y := range p.h {
		row := uint32(0)
		for x := range p.w {
			row += uint32(p.pix[y*p.w+x])
			s.sum[(y+1)*s.stride+x+1] = s.sum[y*s.stride+x+1] + row
		}
	}
	return s
}

// mean is the rounded mean of the pixels in [left, right) × [top, bottom).
func (s *sums) mean(left, top, right, bottom int) byte {
	total := s.sum[bottom*s.stride+right] - s.sum[top*s.stride+right] - s.sum[bottom*s.stride+left] + s.sum[top*s.stride+left]
	n := uint32((right - left) * (bottom - top))
	return byte((total + n/2) / n)
}
