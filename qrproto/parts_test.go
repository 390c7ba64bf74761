// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/internal/digits"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// partText writes a part as SPEC.md, section 21, describes it; index counts
// from 1.
func partText(kind byte, index, count, total int, id, piece []byte) string {
	b := slices.Concat([]byte{kind, byte(index<<4 | count), byte(total >> 8), byte(total)}, id, piece)
	return "QP1/" + string(digits.AppendEncode(nil, b))
}

// cutIn cuts a code in parts, written down from SPEC.md for these tests.
func cutIn(c qrproto.Code, count int) []string {
	hash := sha256.Sum256([]byte(c.Text()))
	var texts []string
	step := (len(c.Bytes()) + count - 1) / count
	for piece := range slices.Chunk(c.Bytes(), step) {
		texts = append(texts, partText(byte(c.Kind()), len(texts)+1, count, len(c.Bytes()), hash[:8], piece))
	}
	return texts
}

// tampered is a part with its last byte changed.
func tampered(t testing.TB, text string) string {
	t.Helper()
	b, err := digits.AppendDecode(nil, strings.TrimPrefix(text, "QP1/"))
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	return "QP1/" + string(digits.AppendEncode(nil, b))
}

// largestCode is an identity of exactly MaxBytes.
func largestCode(t testing.TB) qrproto.Code {
	t.Helper()
	i := identity()
	for spare := 255; ; spare-- {
		i.Records = [][]byte{bytes.Repeat([]byte{1}, 255), bytes.Repeat([]byte{2}, 255), bytes.Repeat([]byte{3}, 255), bytes.Repeat([]byte{4}, spare)}
		if code, err := qrproto.Seal(i, signerFor(i)); err == nil {
			if len(code.Bytes()) != qrproto.MaxBytes {
				t.Fatalf("%d bytes", len(code.Bytes()))
			}
			return code
		}
	}
}

// add gives texts to an assembly and returns what the last one came to.
func add(t testing.TB, a *qrproto.Assembly, texts ...string) (p qrproto.Progress, err error) {
	t.Helper()
	for _, text := range texts {
		p, err = a.Add(text)
	}
	return p, err
}

func TestPartsAreThoseOfTheSpecification(t *testing.T) {
	for _, code := range []qrproto.Code{seal(t, startOrder(t)), seal(t, largeReceipt()), largestCode(t)} {
		seen := map[int]bool{}
		for version := 1; version <= 40; version++ {
			got, err := code.Parts(version, "")
			if err != nil {
				if got != nil || !errors.Is(err, qrproto.ErrParts) {
					t.Fatalf("version %d: %q, %v", version, got, err)
				}
				continue
			}
			seen[len(got)] = true
			want := []string{code.Text()}
			if len(got) > 1 {
				want = cutIn(code, len(got))
			}
			if !slices.Equal(got, want) {
				t.Errorf("version %d: %q, want %q", version, got, want)
			}
		}
		if len(seen) != 4 {
			t.Errorf("numbers of parts: %v", seen)
		}
	}
}

// Each text fits the version, and with a part less it would not: what fits is
// what the encoder says, not a second reckoning.
func TestPartsFitTheirVersion(t *testing.T) {
	code := largestCode(t)
	versions := []int{11, 12, 13, 14, 15, 17, 18, 19}
	if testing.Short() {
		versions = []int{13, 18}
	}
	for _, base := range []string{"", linkBase} {
		for _, version := range versions {
			texts, err := code.Parts(version, base)
			if err != nil {
				if v := encodedVersion(t, base+cutIn(code, 4)[0]); v <= version {
					t.Errorf("version %d: four parts fit", version)
				}
				continue
			}
			for _, text := range texts {
				if v := encodedVersion(t, text); v > version {
					t.Errorf("version %d: a part of version %d", version, v)
				}
			}
			if n := len(texts); n > 2 && encodedVersion(t, base+cutIn(code, n-1)[0]) <= version {
				t.Errorf("version %d: fewer than %d would fit", version, n)
			}
		}
	}
}

func encodedVersion(t testing.TB, text string) int {
	t.Helper()
	m, err := qrimage.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return m.Version()
}

// TestCapacityOfEachVersion moves the room of every version by bases of every
// length, so that codes and parts come to fill it to the last digit.
func TestCapacityOfEachVersion(t *testing.T) {
	code := seal(t, startOrder(t))
	filled := map[int]bool{}
	for length := 10; length <= 256; length++ {
		base := "HTTPS://" + strings.Repeat("A", length-9) + "/"
		least := qrVersion(base + cutIn(code, 4)[0])
		for version := 5; version <= 20; version++ {
			texts, err := code.Parts(version, base)
			if (err == nil) != (least > 0 && version >= least) {
				t.Fatalf("version %d, base of %d: %v, four parts take version %d", version, length, err, least)
			}
			for _, text := range texts {
				v := qrVersion(text)
				if v == 0 || v > version {
					t.Errorf("version %d, base of %d: a part of version %d", version, length, v)
				}
				if v == version && qrVersion(text+"0") > version {
					filled[version] = true
				}
			}
		}
	}
	if len(filled) < 8 {
		t.Errorf("only versions %v were filled", filled)
	}
}

func TestPartsCannotBeMade(t *testing.T) {
	code := seal(t, startOrder(t))
	for _, tc := range []struct {
		name    string
		code    qrproto.Code
		version int
		base    string
		want    error
	}{
		{"five parts", code, 2, "", qrproto.ErrParts},
		{"version 0", code, 0, "", qrproto.ErrParts},
		{"version 41", code, 41, "", qrproto.ErrParts},
		{"version below 0", code, -1 << 31, "", qrproto.ErrParts},
		{"a base that leaves no room", code, 5, "HTTPS://" + strings.Repeat("A", 240) + "/", qrproto.ErrParts},
		{"no base", code, 9, "http://pay.example.com/", qrproto.ErrLink},
		{"no code", qrproto.Code{}, 9, "", qrproto.ErrText},
	} {
		texts, err := tc.code.Parts(tc.version, tc.base)
		if texts != nil || !errors.Is(err, tc.want) || tc.want == qrproto.ErrParts && kindOf(err) != code.Kind() {
			t.Errorf("%s: %q, %v", tc.name, texts, err)
		}
	}
}

func TestAPartIsNoCode(t *testing.T) {
	text := cutIn(seal(t, startOrder(t)), 2)[0]
	_, opened := qrproto.Open(text, trusted())
	_, parsed := qrproto.ParseCode(linkBase + text)
	_, _, peeked := qrproto.Peek(text)
	for _, err := range []error{opened, parsed, peeked} {
		if qrproto.CodeOf(err) != qrproto.ErrPart {
			t.Error(err)
		}
	}
}
