// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/internal/digits"
)

// orders calls f with each order of n things.
func orders(n int, f func([]int)) {
	var extend func([]int)
	extend = func(head []int) {
		if len(head) == n {
			f(head)
			return
		}
		for i := range n {
			if !slices.Contains(head, i) {
				extend(append(slices.Clone(head), i))
			}
		}
	}
	extend(nil)
}

func TestAssemblyTakesPartsInEachOrder(t *testing.T) {
	code := seal(t, startOrder(t))
	for count := 2; count <= 4; count++ {
		parts := cutIn(code, count)
		orders(count, func(order []int) {
			var a qrproto.Assembly
			for n, i := range order {
				text := parts[i]
				if n%2 == 1 {
					text = linkBase + text + "\r\n"
				}
				for range 2 { // a camera reads a frame more than once
					p, err := a.Add(text)
					if err != nil || p.Have != n+1 || p.Count != count || (p.Code.Kind() != 0) != (n+1 == count) {
						t.Fatalf("%v, part %d: %+v, %v", order, i, p, err)
					}
					if n+1 == count && p.Code.Text() != code.Text() {
						t.Errorf("%v: %s", order, p.Code.Text())
					}
				}
			}
		})
	}
}

// The largest piece of all is a half of the largest code.
func TestTheLargestCodeComesInTwoParts(t *testing.T) {
	code := largestCode(t)
	var a qrproto.Assembly
	if p, err := add(t, &a, cutIn(code, 2)...); err != nil || p.Code.Text() != code.Text() {
		t.Errorf("%+v, %v", p, err)
	}
}

// A whole that was told before is not what a text that is refused was.
func TestNoWholeBesideAnError(t *testing.T) {
	var a qrproto.Assembly
	parts := cutIn(seal(t, startOrder(t)), 2)
	for _, part := range parts {
		if _, err := a.Add(part); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"the menu", "QO1/1", "QP1/1"} {
		if p, err := a.Add(text); err == nil || p.Have != 2 || p.Code.Kind() != 0 {
			t.Errorf("%s: %+v, %v", text, p, err)
		}
	}
	if p, err := a.Add(parts[0]); err != nil || p.Code.Kind() == 0 {
		t.Errorf("its part once more: %+v, %v", p, err)
	}
}

func TestWholeCodesPassThrough(t *testing.T) {
	code, other := seal(t, startOrder(t)), seal(t, largeReceipt())
	parts := cutIn(code, 2)
	var a qrproto.Assembly
	if p, err := a.Add(linkBase + other.Text()); err != nil || p.Have != 1 || p.Count != 1 || p.Code.Text() != other.Text() {
		t.Errorf("%+v, %v", p, err)
	}
	p, err := add(t, &a, parts[0], other.Text(), parts[1])
	if err != nil || p.Code.Text() != code.Text() {
		t.Errorf("around a whole code: %+v, %v", p, err)
	}
}

// What an assembly refuses leaves what it has.
func TestAssemblyRefuses(t *testing.T) {
	code := seal(t, startOrder(t))
	b, total := code.Bytes(), len(code.Bytes())
	hash := sha256.Sum256([]byte(code.Text()))
	id := hash[:8]
	good := cutIn(code, 2)
	half := (total + 1) / 2
	for _, tc := range []struct {
		name, text string
		want       error
		kind       qrproto.Kind
	}{
		{"nothing", "", qrproto.ErrText, 0},
		{"an address", "https://example.com/", qrproto.ErrText, 0},
		{"wire 2", "QP2/" + good[1][4:], qrproto.ErrVersion, 'P'},
		{"no digits", "QP1/", qrproto.ErrDigits, 'P'},
		{"a digit less", good[1][:len(good[1])-1], qrproto.ErrDigits, 'P'},
		{"a letter", good[1][:30] + "O" + good[1][31:], qrproto.ErrDigits, 'P'},
		{"head alone", partText('O', 2, 2, total, id, nil), qrproto.ErrBadPart, 'P'},
		{"half a head", partText('O', 2, 2, total, nil, nil), qrproto.ErrBadPart, 'P'},
		{"a kind that is none", partText('A', 2, 2, total, id, b[half:]), qrproto.ErrKind, 'A'},
		{"parts of parts", partText('P', 2, 2, total, id, b[half:]), qrproto.ErrKind, 'P'},
		{"number 0", partText('O', 0, 2, total, id, b[half:]), qrproto.ErrBadPart, 'P'},
		{"number 0, as long as the first", partText('O', 0, 2, total, id, b[:half]), qrproto.ErrBadPart, 'P'},
		{"number 3 of 2", partText('O', 3, 2, total, id, b[half:]), qrproto.ErrBadPart, 'P'},
		{"1 of 0", partText('O', 1, 0, total, id, b[half:]), qrproto.ErrBadPart, 'P'},
		{"1 of 1", partText('O', 1, 1, total, id, b), qrproto.ErrBadPart, 'P'},
		{"1 of 5", partText('O', 1, 5, total, id, b[:(total+4)/5]), qrproto.ErrBadPart, 'P'},
		{"a byte short", partText('O', 2, 2, total, id, b[half+1:]), qrproto.ErrBadPart, 'P'},
		{"a byte long", partText('O', 1, 2, total, id, b[:half+1]), qrproto.ErrBadPart, 'P'},
		{"a whole of nothing", partText('O', 1, 2, 0, id, b[:1]), qrproto.ErrBadPart, 'P'},
		{"nothing for the last", partText('O', 1, 4, 5, id, b[:2]), qrproto.ErrBadPart, 'P'},
		{"nothing at all for the last", partText('O', 1, 4, 3, id, b[:1]), qrproto.ErrBadPart, 'P'},
		{"just enough for three of four", partText('O', 1, 4, 6, id, b[:2]), qrproto.ErrBadPart, 'P'},
		{"a piece above all pieces", partText('O', 2, 2, total, id, make([]byte, 513)), qrproto.ErrTooLarge, 'P'},
		{"a whole too large", partText('O', 1, 2, 1025, id, make([]byte, 512)), qrproto.ErrTooLarge, 'O'},
		{"a whole of 64 KiB", partText('O', 1, 4, 65535, id, make([]byte, 500)), qrproto.ErrTooLarge, 'O'},
		{"another code's part", cutIn(seal(t, largeReceipt()), 2)[1], qrproto.ErrForeignPart, 'R'},
		{"the same code, cut otherwise", cutIn(code, 3)[1], qrproto.ErrForeignPart, 'O'},
	} {
		var a qrproto.Assembly
		p, err := add(t, &a, good[0], tc.text)
		if qrproto.CodeOf(err) != tc.want || kindOf(err) != tc.kind || p.Have != 1 || p.Count != 2 || p.Code.Kind() != 0 {
			t.Errorf("%s: %+v, %v, want %v", tc.name, p, err, tc.want)
		}
		if p, err := a.Add(good[1]); err != nil || p.Code.Text() != code.Text() {
			t.Errorf("%s: what was there is lost: %+v, %v", tc.name, p, err)
		}
	}
}

// none says that nothing is held.
func none(p qrproto.Progress) bool { return reflect.DeepEqual(p, qrproto.Progress{}) }

func TestContradictingPartsDiscardTheSet(t *testing.T) {
	code := seal(t, startOrder(t))
	parts := cutIn(code, 3)
	for _, tc := range []struct {
		name  string
		texts []string
	}{
		{"the forged one second", []string{parts[0], parts[1], tampered(t, parts[1])}},
		{"the forged one first", []string{parts[0], tampered(t, parts[1]), parts[1]}},
		{"unseen until the last", []string{parts[0], tampered(t, parts[1]), parts[2]}},
		{"after the whole", []string{parts[0], parts[1], parts[2], tampered(t, parts[2])}},
	} {
		var a qrproto.Assembly
		p, err := add(t, &a, tc.texts...)
		if qrproto.CodeOf(err) != qrproto.ErrPartConflict || kindOf(err) != qrproto.KindStartOrder || !none(p) {
			t.Errorf("%s: %+v, %v", tc.name, p, err)
		}
		if p, err := add(t, &a, parts...); err != nil || p.Code.Text() != code.Text() {
			t.Errorf("%s: does not recover: %+v, %v", tc.name, p, err)
		}
	}
}

// Parts that agree with their name and make up no envelope.
func TestAssemblyHoldsTheEnvelope(t *testing.T) {
	whole := bytes.Repeat([]byte{7}, 100)
	hash := sha256.Sum256(append([]byte("QO1/"), digits.AppendEncode(nil, whole)...))
	var a qrproto.Assembly
	p, err := add(t, &a, partText('O', 1, 2, 100, hash[:8], whole[:50]), partText('O', 2, 2, 100, hash[:8], whole[50:]))
	if qrproto.CodeOf(err) != qrproto.ErrEnvelope || !none(p) {
		t.Errorf("%+v, %v", p, err)
	}
}

// A single part of another set changes nothing, however often it is read. Two
// are another screen.
func TestAnotherScreenTakesOver(t *testing.T) {
	first, second := seal(t, startOrder(t)), seal(t, largeReceipt())
	a, b := cutIn(first, 3), cutIn(second, 3)
	third := cutIn(seal(t, identity()), 3)
	for _, tc := range []struct {
		name        string
		texts       []string
		have, count int
		want        error
		whole       string
	}{
		{"one part", []string{a[0], a[1], b[0]}, 2, 3, qrproto.ErrForeignPart, ""},
		{"one part twice", []string{a[0], a[1], b[0], b[0]}, 2, 3, qrproto.ErrForeignPart, ""},
		{"two with one of ours between", []string{a[0], b[0], a[0], b[1]}, 1, 3, qrproto.ErrForeignPart, ""},
		{"two with one of a third between", []string{a[0], b[0], third[0], b[1]}, 1, 3, qrproto.ErrForeignPart, ""},
		{"two", []string{a[0], a[1], b[2], b[0]}, 2, 3, nil, ""},
		{"three", []string{a[0], a[1], b[2], b[0], b[1]}, 3, 3, nil, second.Text()},
		{"one after the whole", []string{a[0], a[1], a[2], b[1]}, 1, 3, nil, ""},
		{"back again", []string{a[0], b[0], b[1], a[1], a[0], a[2]}, 3, 3, nil, first.Text()},
	} {
		var assembly qrproto.Assembly
		p, err := add(t, &assembly, tc.texts...)
		if !errors.Is(err, tc.want) || p.Have != tc.have || p.Count != tc.count || p.Code.Text() != tc.whole {
			t.Errorf("%s: %+v, %v", tc.name, p, err)
		}
	}
}

func TestReset(t *testing.T) {
	parts := cutIn(seal(t, startOrder(t)), 2)
	var a qrproto.Assembly
	if _, err := a.Add(parts[0]); err != nil {
		t.Fatal(err)
	}
	a.Reset()
	if p, err := a.Add(parts[1]); err != nil || p.Have != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// An assembly keeps nothing outside itself: two codes and their heads.
func TestAssemblyIsBounded(t *testing.T) {
	if size := unsafe.Sizeof(qrproto.Assembly{}); size > 2*qrproto.MaxBytes+128 {
		t.Errorf("%d bytes", size)
	}
	parts := cutIn(largestCode(t), 4)
	var a qrproto.Assembly
	most := testing.AllocsPerRun(10, func() {
		if _, err := a.Add(parts[1]); err != nil {
			t.Error(err)
		}
	})
	if most > 1 { // the bytes of the part
		t.Errorf("%v allocations", most)
	}
}
