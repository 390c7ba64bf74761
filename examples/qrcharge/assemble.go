// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

var errNoParts = errors.New("no part of a code in the images")

// assembled is the output of scan --parts --json.
type assembled struct {
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
	Parts struct {
		Have  int `json:"have"`
		Count int `json:"count"`
	} `json:"parts"`
}

// assemble shows the pictures of all files to an Assembly, as to a camera that
// passes by them, and ends with the first whole.
func (c *scanCmd) assemble(std *stdio) error {
	var a qrproto.Assembly
	var p qrproto.Progress
	for _, name := range c.Files {
		b, err := readInput(name, std.in, maxInput)
		if err != nil {
			report(std, unreadable(err))
			continue
		}
		if p = see(&a, p, name, b, std); p.Code.Kind() != 0 {
			break
		}
	}
	return c.conclude(std, p)
}

// see adds the pictures of one file to what was seen in others.
func see(a *qrproto.Assembly, p qrproto.Progress, name string, b []byte, std *stdio) qrproto.Progress {
	pictures, err := moving(b)
	if err != nil {
		report(std, unreadable(fmt.Errorf("%s: %w", name, err)))
		return p
	}
	for _, img := range pictures {
		text, err := qrscan.Scan(img)
		had := p
		if err == nil {
			p, err = a.Add(text)
		}
		switch {
		case err != nil:
			report(std, fmt.Errorf("%s: %w", name, err))
		case p.Have != had.Have || p.Count != had.Count:
			fmt.Fprintf(std.err, "qrcharge: %s: %d of %d\n", printable(name), p.Have, p.Count)
		}
		if p.Code.Kind() != 0 {
			break
		}
	}
	return p
}

// conclude prints the whole, or says what is missing.
func (c *scanCmd) conclude(std *stdio, p qrproto.Progress) error {
	out := assembled{Text: p.Code.Text()}
	out.Parts.Have, out.Parts.Count = p.Have, p.Count
	var err error
	switch {
	case p.Count == 0:
		err = errNoParts
	case out.Text == "":
		err = fmt.Errorf("%d of %d parts", p.Have, p.Count)
	}
	if err != nil {
		out.Error = err.Error()
		err = unreadable(err)
	}
	if c.JSON {
		return errors.Join(printJSON(std.out, out), err)
	}
	if err == nil {
		_, err = fmt.Fprintln(std.out, out.Text)
	}
	return err
}

// moving returns the pictures of a GIF as they are seen one after the other, or
// the one picture of another file.
func moving(b []byte) ([]image.Image, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	area := int64(config.Width) * int64(config.Height)
	if format == "gif" {
		area *= 4 * int64(gifFrames(b)) // bytes of each picture as it is seen
	}
	if area > maxPixels {
		return nil, errPixels
	}
	if format != "gif" {
		img, _, err := image.Decode(bytes.NewReader(b))
		return []image.Image{img}, err
	}
	movie, err := gif.DecodeAll(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return drawn(movie), nil
}

// drawn draws each frame over those before, as a GIF means them: many programs
// write only what has changed.
func drawn(movie *gif.GIF) (all []image.Image) {
	canvas := image.NewRGBA(image.Rect(0, 0, movie.Config.Width, movie.Config.Height))
	for i, frame := range movie.Image {
		shown := *canvas
		shown.Pix = bytes.Clone(canvas.Pix)
		draw.Draw(&shown, frame.Rect, frame, frame.Rect.Min, draw.Over)
		all = append(all, &shown)
		switch movie.Disposal[i] {
		case gif.DisposalPrevious:
		case gif.DisposalBackground:
			copy(canvas.Pix, shown.Pix)
			draw.Draw(canvas, frame.Rect, image.Transparent, image.Point{}, draw.Src)
		default:
			copy(canvas.Pix, shown.Pix)
		}
	}
	return all
}

// gifFrames counts the pictures of a GIF by the lengths of its blocks (GIF89a,
// sections 15 to 27), before one of them is unpacked. Of a damaged file it counts
// what the decoder can reach.
func gifFrames(b []byte) (n int) {
	at := 13 + table(b, 10)
	skip := func() { // a chain of blocks, each behind its length
		for at < len(b) && b[at] != 0 {
			at += 1 + int(b[at])
		}
		at++
	}
	for at < len(b) {
		switch b[at] {
		case 0x21: // extension: a label, then blocks
			at += 2
			skip()
		case 0x2c: // picture: its head, colours, code size, then blocks
			n++
			at += 10 + table(b, at+9) + 1
			skip()
		default:
			return n
		}
	}
	return n
}

// table is the length of the table of colours that the flags at a place tell of.
func table(b []byte, at int) int {
	if at >= len(b) || b[at]&0x80 == 0 {
		return 0
	}
	return 3 << (b[at]&7 + 1)
}
