// SPDX-License-Identifier: Apache-2.0

package qrimage

import (
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"io"
)

// How an animation may run. Frames that change faster than MinDelay are what
// people with animated codes complain about; MaxFrames bounds what is held in
// memory while one is written.
const (
	MinDelay  = 500    // milliseconds a frame
	MaxDelay  = 60_000 // milliseconds a frame
	MaxFrames = 16
)

var (
	// ErrDelay says that the time of a frame is neither 0 nor within MinDelay and
	// MaxDelay.
	ErrDelay = errors.New("qrimage: time of a frame out of range")
	// ErrFrames says that there are no frames, or more than MaxFrames.
	ErrFrames = errors.New("qrimage: number of frames out of range")
)

// GIF writes symbols one after the other as an animated GIF that repeats for
// ever, for a code of several parts. Each is drawn as Image draws it, pixels a
// module, and shown for delay milliseconds, rounded up to the hundredth of a
// second of the format; 0 stands for DefaultPixels and MinDelay. All frames are
// as large as the largest, with a smaller symbol in the middle of its frame. One
// frame is a picture that stands still.
//
// The errors are ErrFrames, ErrDelay, ErrPixels and those of w.
func GIF(w io.Writer, frames []*Matrix, pixels, delay int) error {
	if delay == 0 {
		delay = MinDelay
	}
	switch {
	case len(frames) < 1 || len(frames) > MaxFrames:
		return ErrFrames
	case delay < MinDelay || delay > MaxDelay:
		return ErrDelay
	}
	movie := gif.GIF{}
	for _, m := range frames {
		img, err := m.Image(pixels)
		if err != nil {
			return err
		}
		movie.Image = append(movie.Image, img)
		movie.Delay = append(movie.Delay, (delay+9)/10)
	}
	centre(movie.Image)
	return gif.EncodeAll(w, &movie)
}

// centre gives all images the size of the largest, in white.
func centre(images []*image.Paletted) {
	side := 0
	for _, img := range images {
		side = max(side, img.Rect.Dx())
	}
	for i, img := range images {
		if img.Rect.Dx() == side {
			continue
		}
		// Offsets are whole pixels, so that modules stay sharp.
		frame := image.NewPaletted(image.Rect(0, 0, side, side), img.Palette)
		at := (side - img.Rect.Dx()) / 2
		draw.Draw(frame, img.Rect.Add(image.Pt(at, at)), img, image.Point{}, draw.Src)
		images[i] = frame
	}
}
