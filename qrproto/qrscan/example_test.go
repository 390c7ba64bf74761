// SPDX-License-Identifier: Apache-2.0

package qrscan_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

func ExampleScan() {
	m, err := qrimage.Encode("HTTPS://CHARGE.EXAMPLE/QI1/12345678901234567")
	if err != nil {
		log.Fatal(err)
	}
	img, err := m.Image(4) // or what a camera took
	if err != nil {
		log.Fatal(err)
	}
	text, err := qrscan.Scan(img)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	// Output: HTTPS://CHARGE.EXAMPLE/QI1/12345678901234567
}

func ExampleDecode() {
	m, err := qrimage.Encode("QI1/12345678901234567")
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := m.PNG(&file, 4); err != nil {
		log.Fatal(err)
	}
	text, err := qrscan.Decode(&file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	// Output: QI1/12345678901234567
}
