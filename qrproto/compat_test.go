// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// What COMPAT.md says of a newer side that talks to this one.

func TestUnknownPlainExtensionsAreKept(t *testing.T) {
	newer := qrproto.Extensions{1: {0xff}, 16383: {}, 16384: []byte("ours"), 32767: make([]byte, 64)}
	for _, p := range payloads(t) {
		plain, err := qrproto.Sum(p)
		if err != nil {
			t.Fatal(err)
		}
		code := seal(t, withExtensions(p, newer))
		o, err := qrproto.Open(code.Text(), trusted())
		if err != nil {
			t.Errorf("kind %v: %v", p.Kind(), err)
			continue
		}
		if again := seal(t, o.Payload); !reflect.DeepEqual(again, code) {
			t.Errorf("kind %v comes back as %x, was %x", p.Kind(), again.Bytes(), code.Bytes())
		}
		if o.Sum == plain {
			t.Errorf("kind %v: an extension changes no hash", p.Kind())
		}
	}
}

func TestUnknownCriticalExtensionsAreRefused(t *testing.T) {
	for _, p := range payloads(t) {
		for _, id := range []int16{-1, -16383, -16384, -32768} {
			withExtensions(p, qrproto.Extensions{id: {}, 1: {1}})
			_, err := openForged(p.Kind(), payloadOf(t, p))
			wantError(t, err, qrproto.ErrCritical, fmt.Sprintf("Ext.%d", id))
		}
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	for block, p := range cddlKinds {
		known := cddlMap(t, block)
		i := slices.IndexFunc(fullest(t), func(q qrproto.Payload) bool { return q.Kind() == p.Kind() })
		payload := payloadOf(t, compact(t)[i])
		for key := range 24 {
			if slices.ContainsFunc(known, func(e cddlEntry) bool { return e.key == key }) {
				continue
			}
			for _, value := range []string{"\x01", "\x80", "\x81\x01", "\xa1\x01\x01"} {
				_, err := openForged(p.Kind(), with(t, payload, key, []byte(value)))
				wantError(t, err, qrproto.ErrUnknownField, "")
			}
		}
	}
}

func TestUnknownKindsAndVersions(t *testing.T) {
	digits := seal(t, receipt()).Text()[len("QR1/"):]
	for letter := 'A'; letter <= 'Z'; letter++ {
		for version := '0'; version <= '9'; version++ {
			want := qrproto.ErrVersion
			if version == '1' {
				want = map[rune]qrproto.ErrorCode{
					'R': 0, 'P': qrproto.ErrPart, // a receipt it is
					'I': qrproto.ErrKeyUsage, 'S': qrproto.ErrKeyUsage, 'T': qrproto.ErrKeyUsage,
					'O': qrproto.ErrSignature, 'X': qrproto.ErrSignature, 'V': qrproto.ErrSignature,
				}[letter]
				if want == 0 && letter != 'R' {
					want = qrproto.ErrKind
				}
			}
			_, err := qrproto.Open(fmt.Sprintf("Q%c%c/%s", letter, version, digits), trusted())
			if got := qrproto.CodeOf(err); got != want {
				t.Errorf("Q%c%c/: %v, want %v", letter, version, err, want)
			}
		}
	}
}

// TestErrorNumbersAreFrozen: a name keeps its number, and the next one is 131.
func TestErrorNumbersAreFrozen(t *testing.T) {
	frozen := []string{
		"ErrOther", "ErrTooLarge", "ErrText", "ErrVersion", "ErrKind", "ErrDigits", "ErrSignature", "ErrEnvelope",
		"ErrAlgorithm", "ErrUnknownKey", "ErrKeyUsage", "ErrBadKey", "ErrMalformed", "ErrNotCanonical", "ErrField",
		"ErrMissing", "ErrUnknownField", "ErrCritical", "ErrTariff", "ErrLink", "ErrSigner", "ErrKeyFile",
		"ErrPassphrase", "ErrKeyCost", "ErrPart", "ErrBadPart", "ErrForeignPart", "ErrPartConflict", "ErrParts",
		"ErrStaleTrust", "ErrTrustConflict",
	}
	names, numbers, _ := constants(t)
	for i, name := range frozen {
		if len(names) <= i || names[i] != name || numbers[i] != 100+i {
			t.Errorf("%d was %s", 100+i, name)
		}
	}
}
