// SPDX-License-Identifier: Apache-2.0

package qrimage_test

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

func ExampleEncode() {
	m, err := qrimage.Encode("HTTPS://CHARGE.EXAMPLE/QI1/12345678901234567")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", m.Version(), "with", m.Size(), "modules a side")
	// Output: version 3 with 29 modules a side
}

func ExampleMatrix_PNG() {
	m, err := qrimage.Encode("QI1/12345678901234567")
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := m.PNG(&file, 8); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", file.Bytes()[1:4])
	// Output: "PNG"
}

func ExampleMatrix_Image() {
	m, err := qrimage.Encode("QI1/12345678901234567")
	if err != nil {
		log.Fatal(err)
	}
	img, err := m.Image(8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(img.Bounds().Dx() == (m.Size()+2*qrimage.QuietZone)*8)
	// Output: true
}

func ExampleMatrix_SVG() {
	m, err := qrimage.Encode("QI1/12345678901234567")
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := m.SVG(&file); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.HasPrefix(file.Bytes(), []byte("<svg ")))
	// Output: true
}

func ExampleMatrix_Terminal() {
	m, err := qrimage.Encode("QI1/123")
	if err != nil {
		log.Fatal(err)
	}
	if err := m.Terminal(os.Stdout, qrimage.InkLight); err != nil {
		log.Fatal(err)
	}
	// Output:
	// █████████████████████████████
	// █████████████████████████████
	// ████ ▄▄▄▄▄ █ ▄▀█▄█ ▄▄▄▄▄ ████
	// ████ █   █ █▀ ██ █ █   █ ████
	// ████ █▄▄▄█ ██ █ ▀█ █▄▄▄█ ████
	// ████▄▄▄▄▄▄▄█ ▀▄▀ █▄▄▄▄▄▄▄████
	// ████ ▀ ▄█ ▄▄█▄▀  ▀ ██▄▀▄▄████
	// ████▀█▄▄██▄▄▄ ▀ ██▀▀▀▄▀  ████
	// ████▄▄██▄█▄█▀█▀▀▄█▀▄█ ██ ████
	// ████ ▄▄▄▄▄ █ ▀▄▄▄██ ▀█▀▀ ████
	// ████ █   █ █▀  ▀▄▄ ▄ ▄▀▀▄████
	// ████ █▄▄▄█ █▄ ▀█▄▀▄ ▀▄▀██████
	// ████▄▄▄▄▄▄▄█▄████▄██▄██▄█████
	// █████████████████████████████
	// █████████████████████████████
}

// A code of several parts is shown as an animation, one part a frame.
func ExampleGIF() {
	var frames []*qrimage.Matrix
	for _, part := range []string{"QP1/12345678901234567", "QP1/76543210987654321"} {
		m, err := qrimage.Encode(part)
		if err != nil {
			log.Fatal(err)
		}
		frames = append(frames, m)
	}
	var file bytes.Buffer
	if err := qrimage.GIF(&file, frames, 8, 600); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", file.Bytes()[:6])
	// Output: "GIF89a"
}
