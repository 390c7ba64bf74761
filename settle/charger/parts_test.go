// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// inParts cuts a code for a QR version.
func inParts(t *testing.T, text string, version int) []string {
	t.Helper()
	code, err := qrproto.ParseCode(text)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := code.Parts(version, "")
	if err != nil || len(parts) < 2 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	return parts
}

func TestCodesInPartsAreTakenOnceWhole(t *testing.T) {
	r := newRig(t, nil)
	parts := inParts(t, large(t, 1), 14)
	last := len(parts) - 1
	for i, part := range parts[:last] {
		for range 3 { // as often as a camera sees it
			r.refused(fmt.Sprint("part ", i+1), qrproto.ErrPart, r.scan(part))
		}
		if have, count := r.c.Parts(); have != i+1 || count != len(parts) {
			t.Errorf("%d of %d parts after %d of %d", have, count, i+1, len(parts))
		}
	}
	if n, err := r.c.Accept(parts[last]); n != 0 || err != nil || r.c.Epoch() != 1 {
		t.Fatalf("the last part: %d, %v", n, err)
	}
	before := r.state()
	if _, err := r.c.Accept(parts[0]); err != nil || r.state() != before {
		t.Errorf("the camera goes on: %v", err)
	}
	r.issuer = second
	order := inParts(t, r.seal(r.order(r.identity(1), nil)), 8)
	for i := len(order) - 1; i >= 0; i-- {
		n, err := r.c.Accept(order[i])
		if i > 0 {
			wants(t, "a part of the order", err, qrproto.ErrPart)
		} else if n != 1 || err != nil {
			t.Errorf("the last part of the order: %d, %v", n, err)
		}
	}
}

func TestPartsThatDoNotFitChangeNothing(t *testing.T) {
	r := newRig(t, nil)
	one, other := inParts(t, large(t, 1), 14), inParts(t, large(t, 2), 14)
	damaged := one[1][:len(one[1])-1] + string('0'+(one[1][len(one[1])-1]-'0'+1)%10)
	r.refused("the first", qrproto.ErrPart, r.scan(one[0]))
	r.refused("one of another code", qrproto.ErrForeignPart, r.scan(other[1]))
	r.refused("half of one", qrproto.ErrBadPart, r.scan(one[1][:4+17*10]))
	for _, part := range one[2:] {
		_, _ = r.c.Accept(part)
	}
	r.refused("a damaged one, which makes no whole", qrproto.ErrPartConflict, r.scan(damaged))
	for range 2 { // and in two rounds it is there all the same
		for _, part := range one {
			_, _ = r.c.Accept(part)
		}
	}
	if r.c.Epoch() != 1 {
		t.Error("not taken")
	}
}

// What is put together is verified like any other code.
func TestPartsOfAForgeryProveNothing(t *testing.T) {
	r := newRig(t, nil)
	thief := qrproto.Signer{ID: "root", Key: key("thief")}
	parts := inParts(t, signed(t, snapshot(1, delegation(second, nil), delegation(thief, func(d *qrproto.Delegation) { d.ID = []byte("thief") })), thief), 5)
	for i, part := range parts {
		want := qrproto.ErrPart
		if i == len(parts)-1 {
			want = qrproto.ErrSignature
		}
		r.refused("a part", want, r.scan(part))
	}
}
