// SPDX-License-Identifier: Apache-2.0

package qrimage_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

func encode(t testing.TB, text string) *qrimage.Matrix {
	t.Helper()
	m, err := qrimage.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPNGHoldsWholeModulesAndQuietZone(t *testing.T) {
	m := encode(t, base+"QI1/"+digitsOf(150))
	for pixels, each := range map[int]int{0: qrimage.DefaultPixels, 3: 3, 5: 5, 32: 32} {
		var file bytes.Buffer
		if err := m.PNG(&file, pixels); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		side := (m.Size() + 8) * each
		if b := img.Bounds(); b.Dx() != side || b.Dy() != side {
			t.Fatalf("%d pixels a module: %v, want %d", pixels, b, side)
		}
		for y := range side {
			for x := range side {
				dark := color.GrayModel.Convert(img.At(x, y)) == color.Gray{}
				if want := m.Dark(x/each-4, y/each-4); dark != want {
					t.Fatalf("%d pixels a module: pixel (%d,%d) dark %v, want %v", pixels, x, y, dark, want)
				}
			}
		}
	}
}

func TestPNGIsSmallAndRepeatable(t *testing.T) {
	m := encode(t, base+"QI1/"+digitsOf(300))
	var a, b bytes.Buffer
	if err := errors.Join(m.PNG(&a, 4), encode(t, base+"QI1/"+digitsOf(300)).PNG(&b, 4)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two encodings of one text differ")
	}
	if depth := a.Bytes()[24]; depth != 1 { // IHDR: 8 signature, 8 chunk head, 8 size
		t.Errorf("bit depth %d, want 1", depth)
	}
	if a.Len() > 3000 {
		t.Errorf("PNG of version %d has %d bytes", m.Version(), a.Len())
	}
}

func TestPixelsOutOfRange(t *testing.T) {
	m := encode(t, "QI1/123")
	for _, pixels := range []int{-1, 1, 2, 33, 1 << 30, -1 << 31} {
		if img, err := m.Image(pixels); img != nil || !errors.Is(err, qrimage.ErrPixels) {
			t.Errorf("Image(%d): %v, want ErrPixels", pixels, err)
		}
		if err := m.PNG(io.Discard, pixels); !errors.Is(err, qrimage.ErrPixels) {
			t.Errorf("PNG(%d): %v, want ErrPixels", pixels, err)
		}
	}
}

// svgDocument is what a viewer needs to know of the drawing.
type svgDocument struct {
	ViewBox string `xml:"viewBox,attr"`
	Rect    struct {
		Width, Height int `xml:",attr"`
	} `xml:"rect"`
	Path struct {
		Data string `xml:"d,attr"`
	} `xml:"path"`
}

func TestSVGCoversTheDarkModules(t *testing.T) {
	m := encode(t, base+"QI1/"+digitsOf(120))
	var file bytes.Buffer
	if err := m.SVG(&file); err != nil {
		t.Fatal(err)
	}
	var doc svgDocument
	if err := xml.Unmarshal(file.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	side := m.Size() + 8
	if want := fmt.Sprintf("0 0 %d %d", side, side); doc.ViewBox != want {
		t.Errorf("view box %q, want %q", doc.ViewBox, want)
	}
	dark := svgModules(t, doc.Path.Data)
	for y := range side {
		for x := range side {
			if dark[[2]int{x, y}] != m.Dark(x-4, y-4) {
				t.Fatalf("unit square (%d,%d) differs", x, y)
			}
		}
	}
}

// svgModules follows a path of rectangles "Mx yhNv1h-Nz" and marks what each
// fills. No square may be filled twice: two would cancel out under another fill
// rule.
func svgModules(t *testing.T, path string) map[[2]int]bool {
	t.Helper()
	dark := map[[2]int]bool{}
	for _, rect := range strings.SplitAfter(path, "z") {
		if rect == "" {
			continue
		}
		var x, y, n, back int
		if _, err := fmt.Sscanf(rect, "M%d %dh%dv1h%dz", &x, &y, &n, &back); err != nil || n != -back || n < 1 {
			t.Fatalf("rectangle %q: %v", rect, err)
		}
		for i := range n {
			if dark[[2]int{x + i, y}] {
				t.Fatalf("square (%d,%d) filled twice", x+i, y)
			}
			dark[[2]int{x + i, y}] = true
		}
	}
	return dark
}

// A terminal is played here: each character inks the halves of its cell in the
// foreground colour over the background colour.
func TestTerminalShowsTheSymbol(t *testing.T) {
	const colours, reset = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
	m := encode(t, base+"QI1/"+digitsOf(90))
	for _, tc := range []struct {
		name    string
		ink     qrimage.Ink
		escapes bool
		inkDark bool
	}{
		{"colour", qrimage.InkColour, true, true},
		{"unknown ink", 99, true, true},
		{"dark on light", qrimage.InkDark, false, true},
		{"light on dark", qrimage.InkLight, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			if err := m.Terminal(&out, tc.ink); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(out.String(), "\x1b"); got != tc.escapes {
				t.Fatalf("escape sequences: %v", got)
			}
			for y, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
				if tc.escapes {
					if !strings.HasPrefix(line, colours) || !strings.HasSuffix(line, reset) {
						t.Fatalf("line %d does not set and reset its colours", y)
					}
					line = strings.TrimSuffix(strings.TrimPrefix(line, colours), reset)
				}
				checkCells(t, m, []rune(line), y, tc.inkDark)
			}
		})
	}
}

func checkCells(t *testing.T, m *qrimage.Matrix, cells []rune, line int, inkDark bool) {
	t.Helper()
	if len(cells) != m.Size()+8 {
		t.Fatalf("line %d has %d cells, want %d", line, len(cells), m.Size()+8)
	}
	for x, cell := range cells {
		upper := cell == '▀' || cell == '█'
		lower := cell == '▄' || cell == '█'
		if (upper == inkDark) != m.Dark(x-4, 2*line-4) || (lower == inkDark) != m.Dark(x-4, 2*line-3) {
			t.Fatalf("cell %d of line %d is %q", x, line, cell)
		}
	}
}

var errFull = errors.New("full")

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, errFull }

func TestWriterErrorsComeThrough(t *testing.T) {
	m := encode(t, "QI1/123")
	for name, err := range map[string]error{
		"PNG": m.PNG(fullWriter{}, 0), "SVG": m.SVG(fullWriter{}), "Terminal": m.Terminal(fullWriter{}, 0),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want the writer's error", name, err)
		}
	}
}
