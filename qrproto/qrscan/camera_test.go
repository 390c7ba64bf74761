// SPDX-License-Identifier: Apache-2.0

package qrscan_test

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// A condition is a way of seeing a symbol. Strengths are the middle of a range:
// each image draws its own between 70 and 130 % of them.
type condition struct {
	name     string
	module   float64 // pixels a module in the picture, not varied
	turn     float64 // degrees, to either side
	slant    float64 // how far corners move, as a share of the symbol's side
	blur     float64 // standard deviation of the focus error, pixels
	motion   float64 // length of the shake, pixels
	noise    float64 // standard deviation, luminance levels
	glare    float64 // strength of a reflection, levels at its centre
	gradient float64 // light lost from one side of the picture to the other, share
	contrast float64 // share of the contrast lost
}

// conditions are tuned so that gozxing alone, with one try, reads between a
// half and two thirds of all pictures: strong enough to tell decoders apart.
var conditions = []condition{
	{name: "as drawn", module: 4},
	{name: "turned", module: 4, turn: 35},
	{name: "small", module: 2.5},
	{name: "fractional scale", module: 3.4},
	{name: "out of focus", module: 4, blur: 1.35},
	{name: "far out of focus", module: 5, blur: 2.4},
	{name: "noise", module: 3.6, noise: 40},
	{name: "strong noise", module: 4, noise: 70},
	{name: "slanted", module: 4, slant: 0.12},
	{name: "strongly slanted", module: 5, slant: 0.24},
	{name: "glare", module: 4, glare: 270},
	{name: "uneven light", module: 4, gradient: 0.75, noise: 6},
	{name: "low contrast", module: 4, contrast: 0.75, noise: 6},
	{name: "shaken", module: 4, motion: 3.8},
	{name: "phone, near", module: 5, turn: 10, slant: 0.08, blur: 1.2, noise: 8},
	{name: "phone, dim", module: 4.5, turn: 12, slant: 0.05, blur: 0.9, noise: 14, gradient: 0.4, contrast: 0.3},
	{name: "phone, far", module: 3.3, turn: 180, slant: 0.04, blur: 0.7, noise: 6},
	{name: "phone, glare", module: 4.5, turn: 8, slant: 0.08, blur: 0.8, noise: 8, glare: 190},
}

// varied draws the strengths of one image.
func (c condition) varied(rng *rand.Rand) condition {
	for _, f := range []*float64{&c.turn, &c.slant, &c.blur, &c.motion, &c.noise, &c.glare, &c.gradient, &c.contrast} {
		*f *= 0.7 + 0.6*rng.Float64()
	}
	if rng.IntN(2) == 0 {
		c.turn = -c.turn
	}
	c.contrast = min(c.contrast, 0.92)
	c.gradient = min(c.gradient, 0.92)
	return c
}

// picture photographs a symbol on a white label in front of a grey wall.
func (c condition) picture(m *qrimage.Matrix, rng *rand.Rand) *image.Gray {
	c = c.varied(rng)
	const drawn = 8 // pixels a module of the original
	src, err := m.Image(drawn)
	if err != nil {
		panic(err) // the number of pixels is a constant
	}
	side := float64(src.Bounds().Dx())
	label := side * c.module / drawn
	frame := int(label*1.35) + 40
	f := newField(frame)
	back := c.view(side, label, float64(frame), rng)
	for y := range frame {
		for x := range frame {
			f.v[y*frame+x] = supersample(src, back, float64(x), float64(y))
		}
	}
	f.blur(c.blur)
	f.shake(c.motion, rng.Float64()*math.Pi)
	f.light(c, rng)
	return f.quantised(c.noise, rng)
}

// supersample is the mean of 3 × 3 points of one pixel, each looked up in the
// original.
func supersample(src *image.Paletted, back homography, x, y float64) float64 {
	const wall = 150 // luminance
	n := src.Bounds().Dx()
	sum := 0.0
	for sy := range 3 {
		for sx := range 3 {
			u, v := back.apply(x+(float64(sx)+0.5)/3, y+(float64(sy)+0.5)/3)
			switch {
			case u < 0 || v < 0 || u >= float64(n) || v >= float64(n):
				sum += wall
			case src.Pix[int(v)*src.Stride+int(u)] == 0:
				sum += 245
			default:
				sum += 10
			}
		}
	}
	return sum / 9
}

// view is the map from the picture to the original: the four corners of the
// label are turned, moved by the slant, and set anywhere near the middle.
func (c condition) view(side, label, frame float64, rng *rand.Rand) homography {
	sin, cos := math.Sincos(c.turn * math.Pi / 180)
	dx, dy := (rng.Float64()-0.5)*20, (rng.Float64()-0.5)*20
	// Two neighbouring corners move towards each other and inwards, as when one
	// edge of the label is further away.
	edge := rng.IntN(4)
	shrink := 1 / (1 + math.Abs(sin)*0.35) // a turned label still fits its frame
	if c.turn == 0 {
		shrink = 1
	}
	var from, to [4][2]float64
	for i, corner := range [4][2]float64{{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}} {
		x, y := corner[0], corner[1]
		if i == edge || i == (edge+1)%4 {
			x, y = x*(1-c.slant*1.2), y*(1-c.slant*0.8)
			if edge%2 == 1 {
				x, y = corner[0]*(1-c.slant*0.8), corner[1]*(1-c.slant*1.2)
			}
		}
		x, y = x*label*shrink, y*label*shrink
		from[i] = [2]float64{x*cos - y*sin + frame/2 + dx, x*sin + y*cos + frame/2 + dy}
		to[i] = [2]float64{(corner[0] + 0.5) * side, (corner[1] + 0.5) * side}
	}
	return homographyOf(from, to)
}

// A homography is a projective map of the plane.
type homography [9]float64

func (h homography) apply(x, y float64) (float64, float64) {
	w := h[6]*x + h[7]*y + h[8]
	return (h[0]*x + h[1]*y + h[2]) / w, (h[3]*x + h[4]*y + h[5]) / w
}

// homographyOf solves the eight linear equations that take the four points
// from to the four points to, by elimination with pivoting.
func homographyOf(from, to [4][2]float64) homography {
	var a [8][9]float64
	for i := range 4 {
		x, y, u, v := from[i][0], from[i][1], to[i][0], to[i][1]
		a[2*i] = [9]float64{x, y, 1, 0, 0, 0, -u * x, -u * y, u}
		a[2*i+1] = [9]float64{0, 0, 0, x, y, 1, -v * x, -v * y, v}
	}
	for col := range 8 {
		pivot := col
		for row := col; row < 8; row++ {
			if math.Abs(a[row][col]) > math.Abs(a[pivot][col]) {
				pivot = row
			}
		}
		a[col], a[pivot] = a[pivot], a[col]
		for row := range 8 {
			if row == col {
				continue
			}
			f := a[row][col] / a[col][col]
			for k := col; k < 9; k++ {
				a[row][k] -= f * a[col][k]
			}
		}
	}
	h := homography{8: 1}
	for i := range 8 {
		h[i] = a[i][8] / a[i][i]
	}
	return h
}

// A field is a square picture before it is quantised.
type field struct {
	n int
	v []float64
}

func newField(n int) *field { return &field{n, make([]float64, n*n)} }

func (f *field) clamped(x, y int) float64 {
	return f.v[min(max(y, 0), f.n-1)*f.n+min(max(x, 0), f.n-1)]
}

// blur convolves with a Gaussian, rows first, then columns.
func (f *field) blur(sigma float64) {
	if sigma == 0 {
		return
	}
	radius := int(3*sigma) + 1
	kernel := make([]float64, 2*radius+1)
	total := 0.0
	for i := range kernel {
		d := float64(i - radius)
		kernel[i] = math.Exp(-d * d / (2 * sigma * sigma))
		total += kernel[i]
	}
	for _, dir := range [2][2]int{{1, 0}, {0, 1}} {
		out := make([]float64, len(f.v))
		for y := range f.n {
			for x := range f.n {
				sum := 0.0
				for i, k := range kernel {
					sum += k * f.clamped(x+dir[0]*(i-radius), y+dir[1]*(i-radius))
				}
				out[y*f.n+x] = sum / total
			}
		}
		f.v = out
	}
}

// shake averages along a line of the given length and direction.
func (f *field) shake(length, angle float64) {
	if length == 0 {
		return
	}
	sin, cos := math.Sincos(angle)
	const points = 9
	out := make([]float64, len(f.v))
	for y := range f.n {
		for x := range f.n {
			sum := 0.0
			for i := range points {
				d := length * (float64(i)/(points-1) - 0.5)
				sum += f.clamped(x+int(math.Round(d*cos)), y+int(math.Round(d*sin)))
			}
			out[y*f.n+x] = sum / points
		}
	}
	f.v = out
}

// light applies contrast, gradient and glare, in this order.
func (f *field) light(c condition, rng *rand.Rand) {
	sin, cos := math.Sincos(rng.Float64() * 2 * math.Pi)
	n := float64(f.n)
	gx, gy := n*(0.35+0.3*rng.Float64()), n*(0.35+0.3*rng.Float64())
	radius := n * (0.1 + 0.12*rng.Float64())
	for y := range f.n {
		for x := range f.n {
			v := &f.v[y*f.n+x]
			*v = 128 + (*v-128)*(1-c.contrast)
			along := 0.5 + ((float64(x)-n/2)*cos+(float64(y)-n/2)*sin)/n
			*v *= 1 - c.gradient*min(max(along, 0), 1)
			dx, dy := float64(x)-gx, float64(y)-gy
			*v += c.glare * math.Exp(-(dx*dx+dy*dy)/(2*radius*radius))
		}
	}
}

// quantised adds noise and clips to 8 bits.
func (f *field) quantised(noise float64, rng *rand.Rand) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, f.n, f.n))
	for i, v := range f.v {
		if noise > 0 {
			v += noise * rng.NormFloat64()
		}
		img.Pix[i] = byte(min(max(math.Round(v), 0), 255))
	}
	return img
}
