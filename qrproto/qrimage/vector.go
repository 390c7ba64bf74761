// SPDX-License-Identifier: Apache-2.0

package qrimage

import (
	"io"
	"strconv"
)

// SVG writes the symbol as an SVG 1.1 document: a white square under one black
// path. One user unit is one module and the view box includes the quiet zone;
// there is no width and no height, so the place that shows it decides on the
// size. The error is that of w.
func (m *Matrix) SVG(w io.Writer) error {
	side := strconv.Itoa(m.side())
	b := make([]byte, 0, 16<<10)
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" version="1.1" viewBox="0 0 `+side+` `+side+`" shape-rendering="crispEdges">`+"\n"...)
	b = append(b, `<rect width="`+side+`" height="`+side+`" fill="#fff"/>`+"\n"...)
	b = append(b, `<path fill="#000" d="`...)
	for y := 0; y < m.Size(); y++ {
		b = m.appendRow(b, y)
	}
	b = append(b, `"/>`+"\n</svg>\n"...)
	_, err := w.Write(b)
	return err
}

// appendRow appends one rectangle, as path commands, for each run of dark
// modules in row y. Runs instead of single modules leave no seams where a
// renderer smooths edges, at least not within a row.
func (m *Matrix) appendRow(b []byte, y int) []byte {
	for x := 0; x < m.Size(); x++ {
		start := x
		for m.Dark(x, y) {
			x++
		}
		if x == start {
			continue
		}
		b = append(b, 'M')
		b = strconv.AppendInt(b, int64(start+QuietZone), 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(y+QuietZone), 10)
		b = append(b, 'h')
		b = strconv.AppendInt(b, int64(x-start), 10)
		b = append(b, "v1h-"...)
		b = strconv.AppendInt(b, int64(x-start), 10)
		b = append(b, 'z')
	}
	return b
}
