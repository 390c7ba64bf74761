// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// writePicture draws the four codes of this run and who shows them to whom, as
// loop.svg.
func (w *world) writePicture() error {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 330" font-family="sans-serif" fill="#1b2733">` + "\n")
	b.WriteString(`<rect width="1000" height="330" fill="#f4f6f8"/>` + "\n")
	for i, tile := range []struct{ name, title, way, holds string }{
		{"identity", "1 Identity", "charger → phone → server", "who I am, a fresh challenge"},
		{"order", "2 Start order", "server → phone → charger", "this customer's own tariff"},
		{"settlement", "3 Settlement", "charger → phone → server", "what was delivered, its price"},
		{"receipt", "4 Receipt", "server → phone → charger", "paid; this much is stored"},
	} {
		x := 35 + i*240 // tiles of 210, 30 apart and 35 from the edge
		if err := w.drawTile(&b, x, tile.name); err != nil {
			return err
		}
		fmt.Fprintf(&b, `<text x="%d" y="44" font-size="20" font-weight="bold">%s</text>`+"\n", x, tile.title)
		fmt.Fprintf(&b, `<text x="%d" y="292" font-size="15">%s</text>`+"\n", x, tile.way)
		fmt.Fprintf(&b, `<text x="%d" y="314" font-size="14" fill="#52616f">%s</text>`+"\n", x, tile.holds)
	}
	b.WriteString("</svg>\n")
	return w.write("loop.svg", b.Bytes())
}

// drawTile draws a code that this run has written.
func (w *world) drawTile(b *bytes.Buffer, x int, name string) error {
	text, err := os.ReadFile(filepath.Join(w.dir, name+".txt"))
	if err != nil {
		return err
	}
	matrix, err := qrimage.Encode(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	var code bytes.Buffer
	if err := matrix.SVG(&code); err != nil {
		return err
	}
	place := fmt.Sprintf(`<svg x="%d" y="60" width="210" height="210" `, x)
	b.WriteString(strings.Replace(code.String(), "<svg ", place, 1))
	return nil
}
