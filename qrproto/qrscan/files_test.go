// SPDX-License-Identifier: Apache-2.0

package qrscan_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
)

func pngFile(t testing.TB, m *qrimage.Matrix) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.PNG(&b, 0); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodeReadsThreeFormats(t *testing.T) {
	text, m := textFor(t, base+"QI1/", 9, newRand(1))
	var jpg, anim bytes.Buffer
	if err := jpeg.Encode(&jpg, drawn(t, m, 4), &jpeg.Options{Quality: 40}); err != nil {
		t.Fatal(err)
	}
	blank := image.NewPaletted(drawn(t, m, 4).Rect, drawn(t, m, 4).Palette)
	if err := gif.EncodeAll(&anim, &gif.GIF{Image: []*image.Paletted{drawn(t, m, 4), blank}, Delay: []int{50, 50}}); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"PNG": pngFile(t, m), "JPEG": jpg.Bytes(), "GIF": anim.Bytes()} {
		for kind, r := range map[string]io.Reader{"whole": bytes.NewReader(file), "byte by byte": iotest.OneByteReader(bytes.NewReader(file))} {
			if got, err := qrscan.Decode(r); err != nil || got != text {
				t.Errorf("%s, %s: %q, %v", name, kind, got, err)
			}
		}
	}
}

// pngHeader is a PNG that states a size and ends.
func pngHeader(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(chunk[4:], w)
	binary.BigEndian.PutUint32(chunk[8:], h)
	chunk[12] = 8 // bits a sample, of grey
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

var errBroken = errors.New("broken")

func TestDecodeErrors(t *testing.T) {
	_, m := textFor(t, base+"QI1/", 5, newRand(2))
	file := pngFile(t, m)
	damaged := bytes.Clone(file)
	damaged[len(damaged)/2] ^= 1
	var blank bytes.Buffer
	if err := jpeg.Encode(&blank, image.NewGray(image.Rect(0, 0, 50, 50)), nil); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		r    io.Reader
		want error
	}{
		{"empty", bytes.NewReader(nil), qrscan.ErrFormat},
		{"text", bytes.NewReader([]byte("QI1/0123456789")), qrscan.ErrFormat},
		{"cut in the signature", bytes.NewReader(file[:5]), qrscan.ErrFormat},
		{"cut in the header", bytes.NewReader(file[:20]), qrscan.ErrFormat},
		{"cut in the pixels", bytes.NewReader(file[:len(file)/2]), qrscan.ErrFormat},
		{"damaged pixels", bytes.NewReader(damaged), qrscan.ErrFormat},
		{"failing reader", io.MultiReader(bytes.NewReader(file[:100]), iotest.ErrReader(errBroken)), errBroken},
		{"failing reader is a format error too", iotest.ErrReader(errBroken), qrscan.ErrFormat},
		{"size beyond the limit", bytes.NewReader(pngHeader(5000, 5000)), qrscan.ErrTooLarge},
		{"size at the limit but no pixels", bytes.NewReader(pngHeader(4096, 4096)), qrscan.ErrFormat},
		{"no code", &blank, qrscan.ErrNotFound},
	} {
		if text, err := qrscan.Decode(tc.r); !errors.Is(err, tc.want) || text != "" {
			t.Errorf("%s: %q, %v, want %v", tc.name, text, err, tc.want)
		}
	}
}

// endless goes on for ever and counts what was taken from it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestDecodeReadsNoMoreThanItMust(t *testing.T) {
	for name, head := range map[string][]byte{"no image": []byte("nothing of use"), "too large": pngHeader(5000, 5000)} {
		tail := &endless{}
		if _, err := qrscan.Decode(io.MultiReader(bytes.NewReader(head), tail)); err == nil {
			t.Errorf("%s: no error", name)
		}
		if tail.read > 4096 {
			t.Errorf("%s: %d bytes read behind the header", name, tail.read)
		}
	}
}

// needTool returns the path of a program, or skips the test.
func needTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("QRCHARGE_REQUIRE_TOOLS") == "1" {
			t.Fatalf("%s is required: %v", name, err)
		}
		t.Skipf("%s is not installed (Debian package zbar-tools)", name)
	}
	return path
}

func TestZbarReadsTheSame(t *testing.T) {
	zbarimg := needTool(t, "zbarimg")
	dir := t.TempDir()
	for version := firstVersion; version <= lastVersion; version++ {
		for name, prefix := range map[string]string{"bare": "QI1/", "link": base + "QI1/"} {
			text, m := textFor(t, prefix, version, newRand(uint64(version)))
			path := filepath.Join(dir, name+".png")
			if err := os.WriteFile(path, pngFile(t, m), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(zbarimg, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
			if err != nil || string(bytes.TrimSuffix(out, []byte("\n"))) != text {
				t.Errorf("version %d, %s: zbarimg reads %q (%v), want %q", version, name, out, err, text)
			}
			if got, err := qrscan.Decode(bytes.NewReader(pngFile(t, m))); err != nil || got != text {
				t.Errorf("version %d, %s: %q, %v", version, name, got, err)
			}
		}
	}
}

// bitReader takes bits from codewords, most significant first.
type bitReader struct {
	b   []byte
	pos int
}

func (r *bitReader) bits(n int) int {
	v := 0
	for range n {
		v = v<<1 | int(r.b[r.pos/8]>>(7-r.pos%8)&1)
		r.pos++
	}
	return v
}

// The codewords themselves show where the mode changes: everything up to the
// last slash is alphanumeric, all digits behind it numeric.
func TestDigitsAreANumericSegment(t *testing.T) {
	const alphanumeric, numeric = 0b0010, 0b0001
	for version := firstVersion; version <= lastVersion; version++ {
		countA, countN := 9, 10
		if version >= 10 {
			countA, countN = 11, 12
		}
		for _, prefix := range []string{"QI1/", base + "QI1/"} {
			text, m := textFor(t, prefix, version, newRand(uint64(version)))
			rows := make([][]bool, m.Size())
			for y := range rows {
				rows[y] = make([]bool, m.Size())
				for x := range rows[y] {
					rows[y][x] = m.Dark(x, y)
				}
			}
			result, err := decoder.NewDecoder().DecodeBoolMapWithoutHint(rows)
			if err != nil {
				t.Fatal(err)
			}
			r := &bitReader{b: result.GetRawBytes()}
			if mode, n := r.bits(4), r.bits(countA); mode != alphanumeric || n != len(prefix) {
				t.Errorf("version %d: first segment has mode %04b and %d characters, want %d", version, mode, n, len(prefix))
			}
			r.pos += len(prefix)/2*11 + len(prefix)%2*6
			if mode, n := r.bits(4), r.bits(countN); mode != numeric || n != len(text)-len(prefix) {
				t.Errorf("version %d: second segment has mode %04b and %d digits, want %d", version, mode, n, len(text)-len(prefix))
			}
		}
	}
}
