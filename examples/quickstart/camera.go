// SPDX-License-Identifier: Apache-2.0

package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// camera photographs a screen as a hand-held phone does: turned a little, seen
// from the side, out of focus, under uneven light, with a noisy sensor. Each
// shot differs, and the same run takes the same shots.
type camera struct{ random *rand.Rand }

func newCamera() *camera { return &camera{rand.New(rand.NewPCG(1, 2))} }

// shoot returns a photograph of img.
func (c *camera) shoot(img image.Image) image.Image {
	screen := brightness(img)
	size := screen.size * 5 / 4
	see := c.perspective(float64(screen.size), float64(size))
	out := image.NewGray(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			u, v := see(float64(x), float64(y))
			light := 0.75 + 0.25*float64(x)/float64(size)
			level := light*screen.blurred(u, v) + c.random.NormFloat64()*6
			out.SetGray(x, y, color.Gray{Y: uint8(min(max(level, 0), 255))})
		}
	}
	return out
}

// perspective maps a point of the photograph to one of the screen.
func (c *camera) perspective(from, to float64) func(x, y float64) (u, v float64) {
	angle := (c.random.Float64() - 0.5) * 16 * math.Pi / 180
	tiltX, tiltY := (c.random.Float64()-0.5)*0.24, (c.random.Float64()-0.5)*0.24
	sin, cos := math.Sincos(angle)
	return func(x, y float64) (float64, float64) {
		dx, dy := (x-to/2)/to, (y-to/2)/to
		depth := 1 + tiltX*dx + tiltY*dy
		u := (cos*dx - sin*dy) / depth
		v := (sin*dx + cos*dy) / depth
		return u*to + from/2, v*to + from/2
	}
}

// grid is a square image as brightness, 0 to 255.
type grid struct {
	size  int
	level []float64
}

func brightness(img image.Image) grid {
	b := img.Bounds()
	g := grid{b.Dx(), make([]float64, b.Dx()*b.Dx())}
	for y := range g.size {
		for x := range g.size {
			g.level[y*g.size+x] = float64(color.GrayModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.Gray).Y)
		}
	}
	return g
}

// at is the brightness of a pixel; beside the screen there is a grey wall.
func (g *grid) at(x, y int) float64 {
	if x < 0 || y < 0 || x >= g.size || y >= g.size {
		return 150
	}
	return g.level[y*g.size+x]
}

// blurred is the brightness around a point, a little out of focus.
func (g *grid) blurred(u, v float64) float64 {
	const radius = 0.7
	var sum float64
	for _, d := range [][2]float64{{0, 0}, {radius, 0}, {-radius, 0}, {0, radius}, {0, -radius}} {
		sum += g.between(u+d[0], v+d[1])
	}
	return sum / 5
}

// between interpolates among the four pixels around a point.
func (g *grid) between(u, v float64) float64 {
	x, y := int(math.Floor(u)), int(math.Floor(v))
	fx, fy := u-float64(x), v-float64(y)
	top := g.at(x, y)*(1-fx) + g.at(x+1, y)*fx
	bottom := g.at(x, y+1)*(1-fx) + g.at(x+1, y+1)*fx
	return top*(1-fy) + bottom*fy
}
