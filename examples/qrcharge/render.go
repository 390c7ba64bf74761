// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

type renderCmd struct {
	Text  string `arg:"" name:"TEXT|FILE|-" help:"Text to draw, a file that holds it, or - for standard input."`
	Out   string `short:"o" placeholder:"FILE" help:"Write a .png, .svg or .gif file. Without it, draw on the terminal."`
	Scale int    `default:"${scale}" help:"Pixels a module of a PNG or GIF, 3 to 32."`
	Link  string `placeholder:"BASE" help:"Make the code a link first: HTTPS://HOST/PATH/ in capitals."`
	Parts int    `placeholder:"VERSION" help:"Show a code that does not fit this QR version, 1 to 40, in up to 4 parts that do: moving in a GIF, else as files NAME-1, NAME-2 …"`
	Delay int    `default:"600" help:"Milliseconds that a GIF shows each part, 500 to 60000."`
	Ink   string `enum:"auto,colour,dark,light" default:"auto" help:"On a terminal: colour sets black on white; dark and light set no colours, for dark characters on a light ground and the reverse. auto is colour on a terminal and dark in a pipe."`
}

// Help is printed by render --help.
func (*renderCmd) Help() string {
	return "Error correction level M, quiet zone 4, dark on light. Any text can be drawn; with --link or --parts it must be the text of a code."
}

// Run draws the text.
func (c *renderCmd) Run(std *stdio) error {
	draw, err := c.drawing(std)
	if err != nil {
		return misuse(err)
	}
	texts, err := c.texts(std.in)
	if err != nil {
		return err
	}
	var frames []*qrimage.Matrix
	for _, text := range texts {
		m, err := qrimage.Encode(text)
		if err != nil {
			return unreadable(err)
		}
		frames = append(frames, m)
	}
	if c.Out == "" || c.moves() {
		return c.write(std, c.Out, frames, draw)
	}
	for i := range frames {
		if err := c.write(std, c.fileName(i, len(frames)), frames[i:i+1], draw); err != nil {
			return err
		}
	}
	return nil
}

// write draws symbols into one file, or on the terminal where it has no name.
func (c *renderCmd) write(std *stdio, name string, frames []*qrimage.Matrix, draw picture) error {
	var image bytes.Buffer
	if err := draw(frames, &image); err != nil {
		return misuse(err)
	}
	if name == "" {
		_, err := std.out.Write(image.Bytes())
		return err
	}
	return replaceFile(name, image.Bytes())
}

// fileName is that of one of several parts: order.png becomes order-1.png.
func (c *renderCmd) fileName(i, of int) string {
	if of == 1 {
		return c.Out
	}
	ending := filepath.Ext(c.Out)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(c.Out, ending), i+1, ending)
}

func (c *renderCmd) moves() bool { return strings.ToLower(filepath.Ext(c.Out)) == ".gif" }

// A picture draws symbols.
type picture func([]*qrimage.Matrix, io.Writer) error

// each draws symbols one after the other.
func each(draw func(*qrimage.Matrix, io.Writer) error) picture {
	return func(frames []*qrimage.Matrix, w io.Writer) error {
		for _, m := range frames {
			if err := draw(m, w); err != nil {
				return err
			}
		}
		return nil
	}
}

// drawing chooses how to draw, before anything is read.
func (c *renderCmd) drawing(std *stdio) (picture, error) {
	switch {
	case c.Scale < qrimage.MinPixels || c.Scale > qrimage.MaxPixels:
		return nil, fmt.Errorf("--scale %d: %w", c.Scale, qrimage.ErrPixels)
	case c.Delay < qrimage.MinDelay || c.Delay > qrimage.MaxDelay:
		return nil, fmt.Errorf("--delay %d: %w", c.Delay, qrimage.ErrDelay)
	}
	switch ending := strings.ToLower(filepath.Ext(c.Out)); {
	case c.Out == "":
		return each(func(m *qrimage.Matrix, w io.Writer) error { return m.Terminal(w, c.ink(std.terminal)) }), nil
	case ending == ".png":
		return each(func(m *qrimage.Matrix, w io.Writer) error { return m.PNG(w, c.Scale) }), nil
	case ending == ".svg":
		return each((*qrimage.Matrix).SVG), nil
	case ending == ".gif":
		return func(frames []*qrimage.Matrix, w io.Writer) error { return qrimage.GIF(w, frames, c.Scale, c.Delay) }, nil
	}
	return nil, fmt.Errorf("%s: the name must end in .png, .svg or .gif", c.Out)
}

func (c *renderCmd) ink(terminal bool) qrimage.Ink {
	switch {
	case c.Ink == "light":
		return qrimage.InkLight
	case c.Ink == "dark", c.Ink == "auto" && !terminal:
		return qrimage.InkDark
	}
	return qrimage.InkColour
}

// texts are what to draw: one, or the parts.
func (c *renderCmd) texts(stdin io.Reader) ([]string, error) {
	text, err := readText(c.Text, stdin)
	if err != nil {
		return nil, unreadable(err)
	}
	if c.Link == "" && c.Parts == 0 {
		return []string{text}, nil
	}
	code, err := qrproto.ParseCode(text)
	if err != nil {
		return nil, unreadable(err)
	}
	if c.Parts != 0 {
		texts, err := code.Parts(c.Parts, c.Link)
		if err != nil {
			return nil, misuse(err)
		}
		return texts, nil
	}
	link, err := code.Link(c.Link)
	if err != nil {
		return nil, misuse(err)
	}
	return []string{link}, nil
}
