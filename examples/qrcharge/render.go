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
	Out   string `short:"o" placeholder:"FILE" help:"Write a .png or .svg file. Without it, draw on the terminal."`
	Scale int    `default:"${scale}" help:"Pixels a module of a PNG, 3 to 32."`
	Link  string `placeholder:"BASE" help:"Make the code a link first: HTTPS://HOST/PATH/ in capitals."`
	Ink   string `enum:"auto,colour,dark,light" default:"auto" help:"On a terminal: colour sets black on white; dark and light set no colours, for dark characters on a light ground and the reverse. auto is colour on a terminal and dark in a pipe."`
}

// Help is printed by render --help.
func (*renderCmd) Help() string {
	return "Error correction level M, quiet zone 4, dark on light. Any text can be drawn; with --link it must be the text of a code."
}

// Run draws the text.
func (c *renderCmd) Run(std *stdio) error {
	draw, err := c.drawing(std)
	if err != nil {
		return misuse(err)
	}
	text, err := c.text(std.in)
	if err != nil {
		return err
	}
	m, err := qrimage.Encode(text)
	if err != nil {
		return unreadable(err)
	}
	var image bytes.Buffer
	if err := draw(m, &image); err != nil {
		return misuse(err)
	}
	if c.Out == "" {
		_, err = std.out.Write(image.Bytes())
		return err
	}
	return replaceFile(c.Out, image.Bytes())
}

// drawing chooses how to draw, before anything is read.
func (c *renderCmd) drawing(std *stdio) (func(*qrimage.Matrix, io.Writer) error, error) {
	if c.Scale < qrimage.MinPixels || c.Scale > qrimage.MaxPixels {
		return nil, fmt.Errorf("--scale %d: %w", c.Scale, qrimage.ErrPixels)
	}
	switch ending := strings.ToLower(filepath.Ext(c.Out)); {
	case c.Out == "":
		return func(m *qrimage.Matrix, w io.Writer) error { return m.Terminal(w, c.ink(std.terminal)) }, nil
	case ending == ".png":
		return func(m *qrimage.Matrix, w io.Writer) error { return m.PNG(w, c.Scale) }, nil
	case ending == ".svg":
		return (*qrimage.Matrix).SVG, nil
	}
	return nil, fmt.Errorf("%s: the name must end in .png or .svg", c.Out)
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

func (c *renderCmd) text(stdin io.Reader) (string, error) {
	text, err := readText(c.Text, stdin)
	if err != nil {
		return "", unreadable(err)
	}
	if c.Link == "" {
		return text, nil
	}
	code, err := qrproto.ParseCode(text)
	if err != nil {
		return "", unreadable(err)
	}
	link, err := code.Link(c.Link)
	if err != nil {
		return "", misuse(err)
	}
	return link, nil
}
