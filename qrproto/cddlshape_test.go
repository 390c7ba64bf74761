// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/hex"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cddlSilent are negative vectors that CDDL takes, because their fault is one
// that it cannot see: SPEC.md says those in words. A new vector whose fault is
// not one of shape needs a line here.
var cddlSilent = regexp.MustCompile(`^(` + strings.Join([]string{
	// Section 8: heads longer than they need be, and the order of keys.
	`113-.*(unsorted|long|long-8|ext-twice)`,
	`107-(array|header-alg|header-kid|payload|protected|signature|tag|unprotected)-long`, `107-header-unsorted`,
	`121-cose-(long-head|(agreement-)?unsorted)`,
	// Section 9.
	`117-.*`,
	// Section 10.
	`114-identity-place-[0-9a-f]{4,6}`,
	`114-identity-(back-too-far|clock-without-wall|wall-without-clock|records-without-head)`,
	`114-identity-(open-half|tariffs-half|open-last-empty)`,
	// Section 11.
	`114-order-(facts|limits)-none`,
	`114-order-offsets-(equal-times|order|same|second-same|utc)`,
	// Sections 10 and 25: what goes with a nonce of zeros.
	`114-identity-nonce-zero`, `114-order-sticker-(deposit|direct-debit|gift|held|hold|no-amount|no-limits|postpaid)`,
	// Section 12.
	`114-settlement-(cells|flats|last|marks)-(order|twice)`,
	`114-settlement-marks-(delivered-order|offset-high|register-high)`,
	`114-settlement-(delivered-above-total|previous-of-first|previous-zero)`,
	// Section 23: the order of kids, what a public key is, what a currency is.
	`114-trust-least-above-epoch`, `114-trust-ids-(by-length|descending|equal|longer-first)`,
	`114-trust-public-(begins-[04]|order-[1248]|second-encoding)`, `114-trust-(amount-no-currency|currency-small|currency-unknown)`,
	// Section 24.
	`114-voucher-currency-(no-decimals|small|unknown)`, `114-voucher-(from-at-until|until-before-from)`,
	// Section 6: what a public key is, what a kind is, a kid twice, and whose an agreement key is.
	`111-cose-(off-curve|weak|zeros|sign|kinds-empty|kinds-small|kinds-twice)`, `111-cose-agreement-(high-bit|issuer|not-canonical|small-order)`, `121-cose-(id-twice|private)`,
}, "|") + `)$`)

// textBytes are the bytes behind the mark of a code, by big numbers.
func textBytes(t testing.TB, text string) []byte {
	t.Helper()
	var out []byte
	for group := range slices.Chunk([]byte(text[strings.LastIndex(text, "/")+1:]), 17) {
		n, ok := new(big.Int).SetString(string(group), 10)
		size := slices.Index([]int{0, 3, 5, 8, 10, 13, 15, 17}, len(group))
		if !ok || size < 1 || n.BitLen() > 8*size {
			t.Fatal("no digits of a code:", text)
		}
		b := n.FillBytes(make([]byte, size))
		slices.Reverse(b)
		out = append(out, b...)
	}
	return out
}

// takes tells whether the CDDL takes what a vector is about.
func (s schema) takes(t testing.TB, v cddlVector) bool {
	t.Helper()
	switch {
	case v.KeySet != "":
		return s.is(t, "key-set", v.KeySet)
	case v.Error == 107:
		return s.is(t, "code", hex.EncodeToString(textBytes(t, v.Text)))
	}
	return s.is(t, cddlOfKind[v.Kind], v.Payload)
}

// holdSound tells of a sound code that the CDDL does not take.
func (s schema) holdSound(t *testing.T, name string, v cddlVector) {
	t.Helper()
	var sound struct {
		Text string
		Keys string `json:"cose_key_set"`
	}
	if err := json.Unmarshal(v.Sound, &sound); err != nil {
		t.Fatal(name, err)
	}
	if sound.Keys != "" {
		if !s.is(t, "key-set", sound.Keys) {
			t.Errorf("the sound keys of %s are none by the CDDL", name)
		}
		return
	}
	whole := textBytes(t, sound.Text)
	_, payload, _ := envelopeOf(t, whole)
	kind := sound.Text[strings.LastIndex(sound.Text, "/")-2:][:1]
	if !s.is(t, "code", hex.EncodeToString(whole)) || !s.is(t, cddlOfKind[kind], hex.EncodeToString(payload)) {
		t.Errorf("the sound code of %s is none by the CDDL", name)
	}
}

func TestSpecCDDLRefusesWhatIsOutOfShape(t *testing.T) {
	s, refused := specSchema(t), map[int]int{}
	judge := func(name string, v cddlVector) {
		s.holdSound(t, name, v)
		took := s.takes(t, v)
		if !took {
			refused[v.Error]++
		}
		if took != cddlSilent.MatchString(name) {
			t.Errorf("%s: taken by the CDDL %v; cddlSilent says otherwise", name, took)
		}
	}
	eachVector(t, "negative", func(name string, v cddlVector) {
		if v.Error == 107 || v.Error >= 112 && v.Error <= 117 {
			judge(name, v)
		}
	})
	eachVector(t, "keys-negative", func(name string, v cddlVector) {
		if v.KeySet != "" {
			judge(name, v)
		}
	})
	for code, least := range map[int]int{107: 35, 112: 15, 114: 290, 115: 29, 116: 8, 121: 5} {
		if refused[code] < least {
			t.Errorf("%d vectors of error %d refused, want %d", refused[code], code, least)
		}
	}
}

// Of a tariff CDDL sees the lesser part: that it is the normal form is told in words.
func TestSpecCDDLRefusesTariffsOutOfShape(t *testing.T) {
	s, refused := specSchema(t), 0
	eachVector(t, "tariff-negative", func(name string, v cddlVector) {
		if !s.is(t, "tariff", v.Bytes) {
			refused++
		}
		if !s.is(t, "tariff", v.sound()) {
			t.Errorf("the sound tariff of %s is none by the CDDL", name)
		}
	})
	if refused < 80 {
		t.Errorf("%d refused", refused)
	}
}
