// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

// Bounds of what is read: a photo of any phone fits, a decompression bomb does
// not; nor does a tariff that nobody could have written, where a record of a day
// with a period a second still fits.
const (
	maxInput  = 64 << 20 // bytes of an image or of a set of keys
	maxRecord = 16 << 20
	maxTariff = 4 << 20

	maxPassphrase = 1 << 10
	maxPixels     = 100_000_000
	maxText       = 2560 + qrproto.MaxLink // of any code, with what may stand before it
)

var (
	errInputSize = errors.New("larger than what is read at most")
	errPixels    = errors.New("image of more than 100 megapixels")
	errLong      = errors.New("no image that can be read, and too long for the text of a code")
	errBinary    = errors.New("neither an image that can be read nor text")
)

// readText returns the text that an argument stands for: standard input for
// "-", a file where there is one, else the argument itself. Images are scanned.
func readText(arg string, stdin io.Reader) (string, error) {
	if arg != "-" && !isFile(arg) {
		return arg, nil
	}
	b, err := readInput(arg, stdin, maxInput)
	if err != nil {
		return "", err
	}
	if !isImage(b) {
		if !utf8.Valid(b) {
			return "", fmt.Errorf("%s: %w", arg, errBinary)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	text, err := scanBytes(b)
	if err != nil {
		return "", fmt.Errorf("%s: %w", arg, err)
	}
	return text, nil
}

// isFile takes an argument for a file if there is one of that name, or if it
// ends as one: a mistyped name is better told as such than as a bad code.
func isFile(arg string) bool {
	if _, err := os.Stat(arg); err == nil {
		return true
	}
	endings := []string{".png", ".jpg", ".jpeg", ".gif", ".txt"}
	return slices.Contains(endings, strings.ToLower(filepath.Ext(arg)))
}

// readInput reads a file, or standard input for "-", of at most so many bytes.
func readInput(name string, stdin io.Reader, most int64) ([]byte, error) {
	if name != "-" {
		return readFile(name, most)
	}
	return readAll(name, stdin, most)
}

func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(name, f, most)
}

func sizeText(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

func readAll(name string, r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case int64(len(b)) > most:
		return nil, fmt.Errorf("%s: %w: %s", name, errInputSize, sizeText(most))
	}
	return b, nil
}

func isImage(b []byte) bool {
	_, _, err := image.DecodeConfig(bytes.NewReader(b))
	return err == nil
}

// scanBytes reads the QR code in an image.
func scanBytes(b []byte) (string, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	if int64(config.Width)*int64(config.Height) > maxPixels {
		return "", errPixels
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	return qrscan.Scan(img)
}
