// SPDX-License-Identifier: Apache-2.0

// Package digits writes bytes as decimal digits, the form in which a QR code
// in numeric mode carries them at 8.1 bits a byte.
//
// Seven bytes are read as one little-endian number and written as 17 digits
// with leading zeros; a rest of 1 to 6 bytes becomes 3, 5, 8, 10, 13 or 15
// digits. This is the encoding of the hybrid-transport QR codes of FIDO
// CTAP 2.2 (section 11.5.1). Each byte string has one digit string and the
// other way round: digits whose number does not fit its bytes are refused.
package digits

import (
	"errors"
	"slices"
)

// Errors of AppendDecode and DecodedLen.
var (
	// ErrLength: no byte string has so many digits.
	ErrLength = errors.New("digits: impossible number of digits")
	// ErrDigit: something other than 0 to 9.
	ErrDigit = errors.New("digits: not a decimal digit")
	// ErrRange: a group is larger than its bytes can hold.
	ErrRange = errors.New("digits: group too large for its bytes")
)

const (
	groupBytes  = 7
	groupDigits = 17
)

// restDigits[n] is the number of digits that n bytes take, for n below 7:
// ceil(8n · log10 2).
var restDigits = [groupBytes]int{0, 3, 5, 8, 10, 13, 15}

// restBytes is the inverse of restDigits, -1 where there is none.
var restBytes = [groupDigits]int{0, -1, -1, 1, -1, 2, -1, -1, 3, -1, 4, -1, -1, 5, -1, 6, -1}

// EncodedLen is the number of digits for n bytes.
func EncodedLen(n int) int {
	return n/groupBytes*groupDigits + restDigits[n%groupBytes]
}

// DecodedLen is the number of bytes behind n digits, or ErrLength.
func DecodedLen(n int) (int, error) {
	rest := restBytes[n%groupDigits]
	if rest < 0 {
		return 0, ErrLength
	}
	return n/groupDigits*groupBytes + rest, nil
}

// AppendEncode appends the digits of src to dst.
func AppendEncode(dst, src []byte) []byte {
	n := len(dst)
	dst = slices.Grow(dst, EncodedLen(len(src)))[:n+EncodedLen(len(src))]
	out := dst[n:]
	for len(src) >= groupBytes {
		v := uint64(src[0]) | uint64(src[1])<<8 | uint64(src[2])<<16 | uint64(src[3])<<24 |
			uint64(src[4])<<32 | uint64(src[5])<<40 | uint64(src[6])<<48
		putGroup((*[groupDigits]byte)(out), v)
		src, out = src[groupBytes:], out[groupDigits:]
	}
	putRest(out, src)
	return dst
}

// putGroup writes 17 digits. The two halves are independent of each other,
// so that the processor can work on both at once.
func putGroup(out *[groupDigits]byte, v uint64) {
	const half = 100_000_000
	high, low := v/half, uint32(v%half)
	out[0] = '0' + byte(high/half)
	putEight((*[8]byte)(out[1:9]), uint32(high%half))
	putEight((*[8]byte)(out[9:17]), low)
}

// pairs holds 00 to 99, so that one division yields two digits.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839" +
	"40414243444546474849505152535455565758596061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

func putEight(dst *[8]byte, v uint32) {
	high, low := v/10_000, v%10_000
	a, b, c, d := high/100*2, high%100*2, low/100*2, low%100*2
	dst[0], dst[1] = pairs[a], pairs[a+1]
	dst[2], dst[3] = pairs[b], pairs[b+1]
	dst[4], dst[5] = pairs[c], pairs[c+1]
	dst[6], dst[7] = pairs[d], pairs[d+1]
}

func putRest(out, src []byte) {
	var v uint64
	for i, b := range src {
		v |= uint64(b) << (8 * i)
	}
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = byte('0' + v%10)
		v /= 10
	}
}

// AppendDecode appends the bytes behind the digits of src to dst. On error dst
// comes back as it was.
func AppendDecode(dst []byte, src string) ([]byte, error) {
	if _, err := DecodedLen(len(src)); err != nil {
		return dst, err
	}
	out := dst
	for len(src) >= groupDigits {
		v, err := parseGroup(src)
		if err != nil {
			return dst, err
		}
		out = append(out, byte(v), byte(v>>8), byte(v>>16), byte(v>>24), byte(v>>32), byte(v>>40), byte(v>>48))
		src = src[groupDigits:]
	}
	out, err := decodeRest(out, src)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func parseGroup(s string) (uint64, error) {
	first := uint64(s[0] - '0')
	mid, ok1 := parseEight(s[1:9])
	low, ok2 := parseEight(s[9:17])
	if first > 9 || !ok1 || !ok2 {
		return 0, ErrDigit
	}
	v := (first*100_000_000+mid)*100_000_000 + low
	if v >= 1<<(8*groupBytes) {
		return 0, ErrRange
	}
	return v, nil
}

// parseEight reads eight digits at once: the bytes of a word are checked
// together and then added up pairwise, first into pairs, then into fours,
// then into the whole.
func parseEight(s string) (uint64, bool) {
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const tops, zeros, sixes = 0xf0f0f0f0f0f0f0f0, 0x3030303030303030, 0x0606060606060606
	// A byte is a digit if its upper half is 3 and stays 3 when 6 is added. A
	// carry between bytes needs one whose upper half is f, refused by the first.
	ok := w&tops == zeros && (w+sixes)&tops == zeros
	w = (w & 0x0f0f0f0f0f0f0f0f) * (10<<8 + 1) >> 8
	w = (w & 0x00ff00ff00ff00ff) * (100<<16 + 1) >> 16
	w = (w & 0x0000ffff0000ffff) * (10_000<<32 + 1) >> 32
	return w, ok
}

func decodeRest(dst []byte, s string) ([]byte, error) {
	n := restBytes[len(s)]
	var v uint64
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return nil, ErrDigit
		}
		v = v*10 + uint64(d)
	}
	if v >= 1<<(8*n) {
		return nil, ErrRange
	}
	for range n {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst, nil
}
