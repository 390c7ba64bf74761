// SPDX-License-Identifier: Apache-2.0

package qrscan_test

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

func drawn(t testing.TB, m *qrimage.Matrix, pixels int) *image.Paletted {
	t.Helper()
	img, err := m.Image(pixels)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func wantText(t *testing.T, img image.Image, want string) {
	t.Helper()
	if got, err := qrscan.Scan(img); err != nil || got != want {
		t.Errorf("read %q (%v), want %q", got, err, want)
	}
}

func TestCleanSymbolsOfAllSizes(t *testing.T) {
	for version := firstVersion; version <= lastVersion; version++ {
		for _, prefix := range []string{"QI1/", base + "QI1/"} {
			text, m := textFor(t, prefix, version, newRand(uint64(version)))
			for _, pixels := range []int{3, 4, 7} {
				wantText(t, drawn(t, m, pixels), text)
			}
		}
	}
	for _, length := range []int{1, 30, 60, 900, 1500, 2400} { // versions 1 to 26
		text := strings.Repeat("7", length)
		m, err := qrimage.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, drawn(t, m, 4), text)
	}
}

// opaque hides the type of an image, so that only its methods are left.
type opaque struct{ image.Image }

func TestEveryImageType(t *testing.T) {
	text, m := textFor(t, base+"QI1/", 8, newRand(1))
	src := drawn(t, m, 4)
	b := src.Bounds()
	far := image.Rect(-7, 1000, -7+b.Dx(), 1000+b.Dy()) // bounds need not begin at 0
	ycbcr := image.NewYCbCr(far, image.YCbCrSubsampleRatio420)
	for y := range b.Dy() {
		for x := range b.Dx() {
			ycbcr.Y[ycbcr.YOffset(far.Min.X+x, far.Min.Y+y)] = color.GrayModel.Convert(src.At(x, y)).(color.Gray).Y
		}
	}
	for i := range ycbcr.Cb {
		ycbcr.Cb[i], ycbcr.Cr[i] = 128, 128
	}
	larger := image.NewRGBA(far.Inset(-50))
	draw.Draw(larger, larger.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(larger, far, src, b.Min, draw.Src)
	images := map[string]image.Image{
		"Paletted": src, "YCbCr": ycbcr, "opaque": opaque{src}, "sub-image": larger.SubImage(far.Inset(3)),
	}
	for name, img := range map[string]draw.Image{
		"Gray": image.NewGray(far), "Gray16": image.NewGray16(far), "RGBA": image.NewRGBA(far), "RGBA64": image.NewRGBA64(far),
		"NRGBA": image.NewNRGBA(far), "NRGBA64": image.NewNRGBA64(far), "CMYK": image.NewCMYK(far),
	} {
		draw.Draw(img, far, src, b.Min, draw.Src)
		images[name] = img
	}
	for name, img := range images {
		t.Run(name, func(t *testing.T) { wantText(t, img, text) })
	}
}

// Light modules may be transparent, with any colour hidden behind.
func TestTransparentCountsAsWhite(t *testing.T) {
	text, m := textFor(t, base+"QI1/", 6, newRand(2))
	src := drawn(t, m, 4)
	clear := color.NRGBA{R: 0, G: 0, B: 0, A: 0}
	ink := color.NRGBA{R: 20, G: 0, B: 60, A: 255}
	nrgba, rgba := image.NewNRGBA(src.Rect), image.NewRGBA(src.Rect)
	for i, v := range src.Pix {
		c := clear
		if v == 1 {
			c = ink
		}
		nrgba.Set(i%src.Stride, i/src.Stride, c)
		rgba.Set(i%src.Stride, i/src.Stride, c)
	}
	paletted := &image.Paletted{Pix: src.Pix, Stride: src.Stride, Rect: src.Rect, Palette: color.Palette{clear, ink}}
	for name, img := range map[string]image.Image{"NRGBA": nrgba, "RGBA": rgba, "Paletted": paletted} {
		t.Run(name, func(t *testing.T) { wantText(t, img, text) })
	}
}

// remapped is an image seen through a map of its pixels.
type remapped struct {
	image.Image
	at func(x, y int) (int, int)
}

func (r remapped) At(x, y int) color.Color { return r.Image.At(r.at(x, y)) }

func TestQuarterTurnsAndMirrors(t *testing.T) {
	text, m := textFor(t, base+"QI1/", 10, newRand(3))
	src := drawn(t, m, 3)
	n := src.Rect.Dx() - 1
	for name, at := range map[string]func(x, y int) (int, int){
		"quarter": func(x, y int) (int, int) { return y, n - x },
		"half":    func(x, y int) (int, int) { return n - x, n - y },
		"three":   func(x, y int) (int, int) { return n - y, x },
		"mirror":  func(x, y int) (int, int) { return n - x, y },
	} {
		t.Run(name, func(t *testing.T) { wantText(t, remapped{src, at}, text) })
	}
}

// A code far away in a large photograph is below the resolution that the ladder
// works at; one that fills it is far above.
func TestLargePhotographs(t *testing.T) {
	photo := image.NewGray(image.Rect(0, 0, 4000, 3000))
	for i := range photo.Pix {
		photo.Pix[i] = byte(90 + i%4000/40)
	}
	text, m := textFor(t, base+"QI1/", 9, newRand(4))
	for _, pixels := range []int{3, 40} {
		img := *photo
		img.Pix = append([]byte(nil), photo.Pix...)
		symbol := remapped{drawn(t, m, 4), func(x, y int) (int, int) { return x * 4 / pixels, y * 4 / pixels }}
		side := (m.Size() + 8) * pixels
		at := image.Rect(400, 100, 400+side, 100+side)
		for y := range side {
			for x := range side {
				img.Set(at.Min.X+x, at.Min.Y+y, symbol.At(x, y))
			}
		}
		wantText(t, &img, text)
	}
}

// A terminal is drawn here with cells of 8 × 16 pixels, black on white as the
// escape sequences ask for, in the middle of a black screen.
func TestTerminalText(t *testing.T) {
	text, m := textFor(t, base+"QI1/", 7, newRand(5))
	var out strings.Builder
	if err := m.Terminal(&out, qrimage.InkColour); err != nil {
		t.Fatal(err)
	}
	screen := image.NewGray(image.Rect(0, 0, 600, 600))
	for line, cells := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
		cells = strings.TrimSuffix(strings.TrimPrefix(cells, "\x1b[38;5;16;48;5;231m"), "\x1b[0m")
		for column, cell := range []rune(cells) {
			for y := range 16 {
				inked := cell == '█' || cell == '▀' && y < 8 || cell == '▄' && y >= 8
				for x := range 8 {
					if !inked {
						screen.SetGray(50+column*8+x, 50+line*16+y, color.Gray{Y: 255})
					}
				}
			}
		}
	}
	wantText(t, screen, text)
}

// huge has bounds only: looking at a pixel of it fails the test.
type huge struct {
	t      *testing.T
	bounds image.Rectangle
}

func (h huge) ColorModel() color.Model { return color.GrayModel }
func (h huge) Bounds() image.Rectangle { return h.bounds }
func (h huge) At(x, y int) color.Color {
	h.t.Fatal("a pixel of a refused image was read")
	return nil
}

func TestRefusedImages(t *testing.T) {
	const most = int(^uint(0) >> 1)
	for _, tc := range []struct {
		name string
		img  image.Image
		want error
	}{
		{"nil", nil, qrscan.ErrEmpty},
		{"no pixels", image.NewGray(image.Rectangle{}), qrscan.ErrEmpty},
		{"no width", huge{t, image.Rect(5, 0, 5, 10)}, qrscan.ErrEmpty},
		{"inside out", huge{t, image.Rectangle{Min: image.Pt(9, 9)}}, qrscan.ErrEmpty},
		{"one row too many", huge{t, image.Rect(0, 0, 4096, 4097)}, qrscan.ErrTooLarge},
		{"area overflows", huge{t, image.Rect(0, 0, most, most)}, qrscan.ErrTooLarge},
		{"width overflows", huge{t, image.Rect(-most, 0, most, 100)}, qrscan.ErrEmpty},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if text, err := qrscan.Scan(tc.img); !errors.Is(err, tc.want) || text != "" {
				t.Errorf("%q, %v, want %v", text, err, tc.want)
			}
		})
	}
}

// nothing is a set of images without a code. The last ones are made to be
// expensive: stripes that look like a finder pattern in every row, and a carpet
// of finder patterns.
func nothing() map[string]image.Image {
	images := map[string]image.Image{
		"blank": image.NewGray(image.Rect(0, 0, 640, 480)),
	}
	noise := image.NewGray(image.Rect(0, 0, 640, 480))
	rng := newRand(6)
	for i := range noise.Pix {
		noise.Pix[i] = byte(rng.Uint32())
	}
	images["noise"] = noise
	images["white"] = image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.White})
	rings := [9]int{4, 3, 2, 1, 0, 1, 2, 3, 4}
	stripes, carpet := image.NewGray(image.Rect(0, 0, 1000, 1000)), image.NewGray(image.Rect(0, 0, 1000, 1000))
	for i := range carpet.Pix {
		x, y := i%1000/(2+i%1000/500)%9, i/1000/2%9
		ring := rings[x]
		if ring == 2 || ring == 4 {
			stripes.Pix[i] = 255
		}
		if ring = max(ring, rings[y]); ring == 2 || ring == 4 {
			carpet.Pix[i] = 255
		}
	}
	images["stripes"], images["carpet"] = stripes, carpet
	return images
}

func TestNothingToFind(t *testing.T) {
	for name, img := range nothing() {
		t.Run(name, func(t *testing.T) {
			if text, err := qrscan.Scan(img); !errors.Is(err, qrscan.ErrNotFound) || text != "" {
				t.Errorf("%q, %v, want ErrNotFound", text, err)
			}
		})
	}
}

// Images of odd shapes, made of noise, stripes, and pieces of a symbol: no
// text may come of them but the symbol's own, and no panic.
func TestOddImages(t *testing.T) {
	rounds := 400
	if brief() {
		rounds = 100
	}
	rng := newRand(8)
	text, m := textFor(t, "QI1/", 5, rng)
	symbol := drawn(t, m, 3)
	for range rounds {
		img := image.NewGray(image.Rect(0, 0, 1+rng.IntN(200), 1+rng.IntN(200)))
		if rng.IntN(3) == 0 {
			img = image.NewGray(image.Rect(0, 0, 1+rng.IntN(3), 1+rng.IntN(3000)))
		}
		levels := 1 + rng.IntN(255)
		period := 1 + rng.IntN(9)
		for i := range img.Pix {
			img.Pix[i] = byte(i/period%2*255) ^ byte(rng.IntN(levels))
		}
		piece := img.Rect.Inset(rng.IntN(20)).Add(image.Pt(rng.IntN(60)-30, rng.IntN(60)-30))
		if rng.IntN(4) > 0 {
			draw.Draw(img, piece, symbol, image.Pt(rng.IntN(60), rng.IntN(60)), draw.Src)
		}
		if got, err := qrscan.Scan(img); err == nil && got != text {
			t.Fatalf("read %q", got)
		} else if err != nil && !errors.Is(err, qrscan.ErrNotFound) {
			t.Fatal(err)
		}
	}
}

// Anyone can show a code with well-formed error correction around segments that
// are not. Scan does not recover from panics; this is why it need not.
func TestSegmentParserDoesNotPanic(t *testing.T) {
	rounds := 200_000
	if brief() {
		rounds = 20_000
	}
	rng := newRand(9)
	for range rounds {
		b := make([]byte, rng.IntN(24))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		v, err := decoder.Version_GetVersionForNumber(1 + rng.IntN(40))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := decoder.DecodedBitStreamParser_Decode(b, v, decoder.ErrorCorrectionLevel_M, nil); err == nil && len(r.GetText()) > 8*len(b) {
			t.Fatalf("%x yields %d bytes", b, len(r.GetText()))
		}
	}
}
