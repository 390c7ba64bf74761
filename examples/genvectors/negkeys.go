// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// badKeys are sound codes with keys that are not the right ones, and codes by
// keys that nobody should trust.
func badKeys() []negative {
	order, identity := newDraft("O", full("O")), newDraft("I", full("I"))
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment string, sound draft, keys ...key) {
		all = append(all, altered(code, name, comment, sound, func(d *draft) { d.keys = keys }))
	}
	add(qrproto.ErrUnknownKey, "no-keys", "no key is trusted", order)
	add(qrproto.ErrUnknownKey, "other-id", "the right key stands under another id", order, device().key, withID(issuer().key, []byte("iss2")))
	add(qrproto.ErrUnknownKey, "longer-id", "an id that only begins alike", order, withID(issuer().key, []byte("iss10")))
	add(qrproto.ErrUnknownKey, "shorter-id", "an id that is the beginning of the one named", order, withID(issuer().key, []byte("iss")))
	add(qrproto.ErrUnknownKey, "other-generation", "only the device's next key is trusted", identity, newDevice(1, deviceNumber(), 2).key)
	add(qrproto.ErrKeyUsage, "order-by-receipt-key", "the key may sign receipts only", order, withKinds(issuer().key, "R"))
	add(qrproto.ErrKeyUsage, "identity-by-settlement-key", "the key may sign settlements only", identity, withKinds(device().key, "S"))
	add(qrproto.ErrKeyUsage, "no-kinds", "the key may sign nothing", order, withKinds(issuer().key, ""))
	add(qrproto.ErrKeyUsage, "other-case", "a small letter names no kind", order, withKinds(issuer().key, "or"))
	byDevice := newDraft("O", full("O")).signedBy(device())
	all = append(all, negative{qrproto.ErrKeyUsage, "order-by-device", "a device signs an order", byDevice, order})
	byIssuer := newDraft("S", full("S")).signedBy(issuer())
	all = append(all, negative{qrproto.ErrKeyUsage, "settlement-by-issuer", "an issuer signs a settlement", byIssuer, newDraft("S", full("S"))})
	all = append(all, badAlgorithms()...)
	all = append(all, badNumbers()...)
	return append(all, weakKeys()...)
}

func withID(k key, id []byte) key {
	k.ID = id
	return k
}

func withKinds(k key, kinds string) key {
	k.Kinds = kinds
	return k
}

// badAlgorithms are signed over the header that names the wrong algorithm.
func badAlgorithms() []negative {
	var all []negative
	for _, a := range []struct {
		alg           int64
		name, comment string
	}{
		{-8, "eddsa", "algorithm -8, EdDSA: the key is for -19, Ed25519"},
		{-7, "es256", "algorithm -7, ES256"},
		{-9, "esp256", "algorithm -9, ESP256: the key is an Ed25519 key"},
		{-1, "minus-1", "an algorithm that does not exist"},
		{-24, "minus-24", "the lowest algorithm that the header can name in one byte"},
	} {
		all = append(all, altered(qrproto.ErrAlgorithm, a.name, a.comment, newDraft("O", full("O")), func(d *draft) { d.alg = a.alg }))
	}
	return all
}

// badNumbers are devices' keys whose id is not their number and one byte.
func badNumbers() []negative {
	sound := newDraft("I", full("I"))
	var all []negative
	add := func(name, comment string, id, number []byte) {
		by := newSigner(1, id, number, "IS")
		faulty := sound
		faulty.keys = []key{by.key}
		faulty.by = by
		all = append(all, negative{qrproto.ErrBadKey, name, comment, faulty, sound})
	}
	n := deviceNumber()
	add("no-number", "a device's key without a number", sound.by.ID, nil)
	add("other-number", "the number is not the one in the key id", sound.by.ID, unhex("32010600213534"))
	add("no-generation", "the key id is the number alone", n, n)
	add("two-more-bytes", "the key id is a number and two bytes", sound.by.ID, n[:6])
	add("number-8-bytes", "a number of eight bytes; the most is seven", append(n[:7:7], 1), append(n[:7:7], 1))
	return all
}

// weakKeys are points for which anybody can make signatures that verify, and
// second encodings of points. Each of these codes carries one that crypto/ed25519
// accepts; only the key is at fault.
func weakKeys() []negative {
	var all []negative
	for _, w := range []struct{ name, comment, point string }{
		{"order-1", "the neutral point", "0100000000000000000000000000000000000000000000000000000000000000"},
		{"order-1-sign", "the neutral point, with the sign of an x that is zero", "0100000000000000000000000000000000000000000000000000000000000080"},
		{"order-2", "the point of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"order-2-sign", "the point of order 2, with the sign of an x that is zero", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
		{"order-4", "a point of order 4", "0000000000000000000000000000000000000000000000000000000000000000"},
		{"order-4-sign", "the other point of order 4", "0000000000000000000000000000000000000000000000000000000000000080"},
		{"order-8-a", "a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
		{"order-8-b", "a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"},
		{"order-8-c", "a point of order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
		{"order-8-d", "a point of order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"},
		{"second-encoding-0", "y is 2^255-19, a second encoding of 0", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"second-encoding-1", "y is 2^255-18, a second encoding of 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	} {
		all = append(all, negative{qrproto.ErrBadKey, "key-" + w.name, w.comment, byWeakKey(unhex(w.point)), newDraft("O", full("O"))})
	}
	return all
}

// byWeakKey is an order whose "signature" is R = the neutral point and s = 0:
// it verifies where the challenge is a multiple of the order of the key, so the
// order's id is counted up until it is.
func byWeakKey(public []byte) draft {
	by := issuer()
	by.Public, by.Seed = public, nil
	signature := append([]byte{1}, make([]byte, 63)...)
	for n := byte(0); ; n++ {
		d := newDraft("O", full("O").with(1, repeat(n, 8)))
		d.by, d.keys = by, []key{by.key}
		d.sign = func([]byte) []byte { return slices.Clone(signature) }
		if n == 255 || ed25519.Verify(public, d.message(), signature) {
			return d
		}
	}
}
