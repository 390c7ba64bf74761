// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// notCanonical is the base point of X25519 with the prime added: a second
// encoding, which RFC 7748 takes and a key file must not have.
func notCanonical() []byte {
	u := slices.Repeat([]byte{0xff}, 32)
	u[0], u[31] = 0xf6, 0x7f // 2^255 - 19 + 9
	return u
}

// highBit is a sound key with the bit set that nobody looks at.
func highBit() []byte {
	u := x25519Public(slices.Repeat([]byte{0x11}, 32))
	u[31] |= 0x80
	return u
}

func badAgreementJWKs(add func(code qrproto.ErrorCode, name, comment, curve, old, new string)) {
	text := base64.RawURLEncoding.EncodeToString
	sound := text(device().agreeing(0x11).Agreement)
	add(qrproto.ErrBadKey, "agreement-issuer", "an agreement key that is no device's", "ed25519", `"kid"`, `"qrcharge_agreement":"`+sound+`","kid"`)
	add(qrproto.ErrBadKey, "agreement-small-order", "an agreement key with which every secret is zero", "device", sound, text(unhex(zeroPoints()[2])))
	add(qrproto.ErrBadKey, "agreement-not-canonical", "an agreement key that is not below the prime", "device", sound, text(notCanonical()))
	add(qrproto.ErrBadKey, "agreement-high-bit", "an agreement key with its highest bit set", "device", sound, text(highBit()))
	add(qrproto.ErrBadKey, "agreement-31-bytes", "an agreement key of 31 bytes", "device", sound, text(highBit()[:31]))
	add(qrproto.ErrBadKey, "agreement-empty", "an agreement key of no byte", "device", sound, "")
	add(qrproto.ErrKeyFile, "agreement-padded", "an agreement key with padding", "device", sound, sound+"=")
	add(qrproto.ErrKeyFile, "agreement-line-feed", "an agreement key over two lines", "device", sound, sound[:20]+`\n`+sound[20:])
}

func badAgreementCOSEKeys(add func(code qrproto.ErrorCode, name, comment, curve string, change func(object) item)) {
	const label = -70003
	add(qrproto.ErrBadKey, "agreement-issuer", "an agreement key that is no device's", "ed25519", func(o object) item {
		return append(slices.Clone(o), entry{label, octets(device().agreeing(0x11).Agreement)})
	})
	add(qrproto.ErrBadKey, "agreement-small-order", "an agreement key with which every secret is zero", "device", set(label, octets(unhex(zeroPoints()[2]))))
	add(qrproto.ErrBadKey, "agreement-not-canonical", "an agreement key that is not below the prime", "device", set(label, octets(notCanonical())))
	add(qrproto.ErrBadKey, "agreement-high-bit", "an agreement key with its highest bit set", "device", set(label, octets(highBit())))
	add(qrproto.ErrBadKey, "agreement-33-bytes", "an agreement key of 33 bytes", "device", set(label, octets(append(highBit(), 0))))
	add(qrproto.ErrBadKey, "agreement-empty", "an agreement key of no byte", "device", set(label, octets{}))
	add(qrproto.ErrKeyFile, "agreement-text", "an agreement key as text", "device", set(label, words("agreement")))
	add(qrproto.ErrKeyFile, "agreement-unsorted", "an agreement key before the number", "device", func(o object) item {
		o = slices.Clone(o)
		last := len(o) - 1
		o[last-1], o[last] = o[last], o[last-1]
		return o
	})
}
