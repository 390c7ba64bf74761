// SPDX-License-Identifier: Apache-2.0

package qrscan

import (
	"bytes"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

// maxFile bounds how much of a file is read. A photograph of MaxPixels has
// 10 MB or less, and 64 MiB hold one without any compression.
const maxFile = 64 << 20

// A format is a file format known by its first bytes. Formats are listed here
// and not taken from the registry of package image, which depends on what else
// a program imports.
type format struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// Screenshots are PNG, photographs JPEG, and animated codes GIF, of which the
// first frame is read. JPEG and GIF add 150 kB to a program and no dependency.
var formats = [...]format{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"GIF8", gif.DecodeConfig, gif.Decode},
}

// Decode reads one PNG, JPEG or GIF from r and returns the text of a QR code in
// it. The size that the file states is checked before anything behind its
// header is read. The errors are those of Scan and ErrFormat, which wraps the
// cause, be it in the file or in r.
func Decode(r io.Reader) (string, error) {
	limited := &io.LimitedReader{R: r, N: maxFile}
	var head [8]byte
	n, err := io.ReadFull(limited, head[:])
	if err != nil {
		return "", errors.Join(ErrFormat, err)
	}
	for i := range formats {
		if bytes.HasPrefix(head[:n], []byte(formats[i].magic)) {
			return formats[i].scan(head[:], limited)
		}
	}
	return "", ErrFormat
}

// scan decodes the file that begins with head and goes on with rest.
func (f *format) scan(head []byte, rest *io.LimitedReader) (string, error) {
	var seen bytes.Buffer
	seen.Write(head)
	cfg, err := f.config(io.MultiReader(bytes.NewReader(head), io.TeeReader(rest, &seen)))
	if err == nil {
		err = checkSize(cfg.Width, cfg.Height)
		if err != nil {
			return "", err
		}
		var img image.Image
		if img, err = f.decode(io.MultiReader(&seen, rest)); err == nil {
			return Scan(img)
		}
	}
	if rest.N <= 0 {
		return "", ErrTooLarge
	}
	return "", errors.Join(ErrFormat, err)
}
