// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

// hop carries a code from one screen to one camera: as a PNG in a file, which
// is read back, photographed and scanned. What comes out is what was read.
func (w *world) hop(name, text string) (string, error) {
	code, err := qrproto.ParseCode(text)
	if err != nil {
		return "", err
	}
	if err := w.write(name+".txt", []byte(text+"\n")); err != nil {
		return "", err
	}
	image, version, err := draw(text)
	if err != nil {
		return "", err
	}
	if err := w.write(name+".png", image); err != nil {
		return "", err
	}
	w.say("%s.png: QR version %d, %d bytes, %d characters", name, version, len(code.Bytes()), len(text))
	file, err := os.ReadFile(filepath.Join(w.dir, name+".png"))
	if err != nil {
		return "", err
	}
	return w.photograph(file)
}

// quietHop is a hop without file and without a word.
func (w *world) quietHop(text string) (string, error) {
	image, _, err := draw(text)
	if err != nil {
		return "", err
	}
	return w.photograph(image)
}

func draw(text string) (file []byte, version int, err error) {
	matrix, err := qrimage.Encode(text)
	if err != nil {
		return nil, 0, err
	}
	var buf bytes.Buffer
	err = matrix.PNG(&buf, 6)
	return buf.Bytes(), matrix.Version(), err
}

// photograph scans a PNG with a shaky hand.
func (w *world) photograph(file []byte) (string, error) {
	screen, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	for range 5 { // a camera takes many frames a second
		if text, err := qrscan.Scan(w.camera.shoot(screen)); err == nil {
			return text, nil
		}
	}
	return "", fmt.Errorf("five photographs: %w", qrscan.ErrNotFound)
}

func (w *world) write(name string, b []byte) error {
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// writeKeys writes the public keys of everybody as a JWK Set. It is for looking at
// codes, not for a device: bounds are in snapshots alone, and go into no file.
func (w *world) writeKeys() error {
	keys := slices.Concat(w.rootKeys(), w.issuers, w.operator.devices)
	for i := range keys {
		keys[i].Caps = nil
	}
	b, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		return err
	}
	return w.write("keys.json", append(b, '\n'))
}

// title begins a step, say tells what happens in it.
func (w *world) title(format string, args ...any) {
	fmt.Fprintf(w.out, "\n"+format+"\n", args...)
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(w.out, "   "+format+"\n", args...)
}
