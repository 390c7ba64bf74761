// SPDX-License-Identifier: Apache-2.0

package qrimage_test

import (
	"bytes"
	"errors"
	"image/color"
	"image/gif"
	"io"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

func movieOf(t testing.TB, frames []*qrimage.Matrix, pixels, delay int) *gif.GIF {
	t.Helper()
	var file bytes.Buffer
	if err := qrimage.GIF(&file, frames, pixels, delay); err != nil {
		t.Fatal(err)
	}
	movie, err := gif.DecodeAll(&file)
	if err != nil {
		t.Fatal(err)
	}
	return movie
}

// Every pixel of every frame is that of its symbol; the smaller symbol stands in
// the middle.
func TestGIFHoldsWholeModulesAndQuietZone(t *testing.T) {
	frames := []*qrimage.Matrix{encode(t, base+"QP1/"+digitsOf(170)), encode(t, base+"QP1/"+digitsOf(171)), encode(t, "QP1/"+digitsOf(100))}
	for pixels, each := range map[int]int{0: qrimage.DefaultPixels, 3: 3, 7: 7} {
		movie := movieOf(t, frames, pixels, 0)
		side := (frames[0].Size() + 8) * each
		if len(movie.Image) != 3 || movie.LoopCount != 0 || movie.Config.Width != side || movie.Config.Height != side {
			t.Fatalf("%d frames, %d rounds, %d × %d", len(movie.Image), movie.LoopCount, movie.Config.Width, movie.Config.Height)
		}
		for n, img := range movie.Image {
			if img.Bounds().Dx() != side || img.Bounds().Dy() != side {
				t.Fatalf("frame %d: %v", n, img.Bounds())
			}
			at := (side - (frames[n].Size()+8)*each) / 2
			for y := range side {
				for x := range side {
					dark := color.GrayModel.Convert(img.At(x, y)) == color.Gray{}
					inside := x >= at && y >= at // division rounds towards zero
					if want := inside && frames[n].Dark((x-at)/each-4, (y-at)/each-4); dark != want {
						t.Fatalf("frame %d: pixel (%d,%d) dark %v, want %v", n, x, y, dark, want)
					}
				}
			}
		}
	}
}

func TestGIFShowsEachFrameLongEnough(t *testing.T) {
	frames := []*qrimage.Matrix{encode(t, "QP1/123"), encode(t, "QP1/456")}
	for delay, want := range map[int]int{0: 50, 500: 50, 501: 51, 1000: 100, 60_000: 6000} {
		for _, got := range movieOf(t, frames, 3, delay).Delay {
			if got != want {
				t.Errorf("%d ms: %d hundredths, want %d", delay, got, want)
			}
		}
	}
}

func TestGIFCannotBeDrawn(t *testing.T) {
	m := encode(t, "QP1/123")
	for _, tc := range []struct {
		name          string
		frames        []*qrimage.Matrix
		pixels, delay int
		want          error
	}{
		{"no frames", nil, 4, 500, qrimage.ErrFrames},
		{"too many", make([]*qrimage.Matrix, 17), 4, 500, qrimage.ErrFrames},
		{"too fast", []*qrimage.Matrix{m}, 4, 499, qrimage.ErrDelay},
		{"backwards", []*qrimage.Matrix{m}, 4, -1, qrimage.ErrDelay},
		{"too slow", []*qrimage.Matrix{m}, 4, 60_001, qrimage.ErrDelay},
		{"pixels", []*qrimage.Matrix{m}, 2, 500, qrimage.ErrPixels},
	} {
		if err := qrimage.GIF(io.Discard, tc.frames, tc.pixels, tc.delay); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if err := qrimage.GIF(broken{}, []*qrimage.Matrix{m}, 4, 500); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
