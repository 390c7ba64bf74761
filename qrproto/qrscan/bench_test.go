// SPDX-License-Identifier: Apache-2.0

package qrscan_test

import (
	"bytes"
	"image"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

func benchmarkScan(b *testing.B, img image.Image, want string) {
	b.ReportAllocs()
	for b.Loop() {
		if got, err := qrscan.Scan(img); got != want {
			b.Fatalf("%q, %v", got, err)
		}
	}
}

func BenchmarkScanClean(b *testing.B) {
	text, m := textFor(b, base+"QI1/", 10, newRand(1))
	benchmarkScan(b, drawn(b, m, 4), text)
}

func BenchmarkGozxingAloneClean(b *testing.B) {
	text, m := textFor(b, base+"QI1/", 10, newRand(1))
	img := drawn(b, m, 4)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := gozxingAlone(img); got != text {
			b.Fatalf("%q, %v", got, err)
		}
	}
}

func BenchmarkDecodeCleanPNG(b *testing.B) {
	text, m := textFor(b, base+"QI1/", 10, newRand(1))
	file := pngFile(b, m)
	for b.Loop() {
		if got, err := qrscan.Decode(bytes.NewReader(file)); got != text {
			b.Fatalf("%q, %v", got, err)
		}
	}
}

func BenchmarkScanPhone(b *testing.B) {
	rng := newRand(2)
	text, m := textFor(b, base+"QI1/", 10, rng)
	for _, c := range conditions {
		if c.name == "phone, near" {
			benchmarkScan(b, c.picture(m, rng), text)
		}
	}
}

func BenchmarkScanNothing(b *testing.B) {
	for name, img := range nothing() {
		b.Run(name, func(b *testing.B) { benchmarkScan(b, img, "") })
	}
}
