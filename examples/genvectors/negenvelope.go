// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// badEnvelopes carry a signature that is right for the header and the payload
// that stand in them; only their shape is at fault.
func badEnvelopes() []negative {
	sound := newDraft("R", full("R"))
	var all []negative
	wrap := func(name, comment string, f func(protected, payload, signature []byte) []byte) {
		all = append(all, altered(qrproto.ErrEnvelope, name, comment, sound, func(d *draft) { d.wrap = f }))
	}
	parts := func(prefix string, items func(protected, payload, signature octets) list) func(a, b, c []byte) []byte {
		return func(protected, payload, signature []byte) []byte {
			return append(unhex(prefix), items(protected, payload, signature).bytes()...)
		}
	}
	right := func(a, b, c octets) list { return list{a, object{}, b, c} }

	wrap("no-tag", "the tag is missing", parts("", right))
	wrap("tag-98", "tag 98, COSE_Sign", parts("d862", right))
	wrap("tag-17", "tag 17, COSE_Mac0", parts("d1", right))
	wrap("tag-twice", "the tag stands twice", parts("d2d2", right))
	wrap("tag-long", "the tag is not in its shortest form", parts("d812", right))
	wrap("three-items", "the signature is missing", parts("d2", func(a, b, c octets) list { return list{a, object{}, b} }))
	wrap("five-items", "a fifth item", parts("d2", func(a, b, c octets) list { return list{a, object{}, b, c, octets{}} }))
	wrap("unprotected-kid", "an unprotected header that is not empty", parts("d2", func(a, b, c octets) list {
		return list{a, object{{4, octets("iss1")}}, b, c}
	}))
	wrap("unprotected-bytes", "a byte string for the unprotected header", parts("d2", func(a, b, c octets) list { return list{a, octets{0xa0}, b, c} }))
	wrap("detached", "the payload is null: detached", parts("d2", func(a, b, c octets) list { return list{a, object{}, raw("f6"), c} }))
	wrap("payload-text", "the payload is a text string", parts("d2", func(a, b, c octets) list { return list{a, object{}, words(b), c} }))
	wrap("payload-map", "the payload is not wrapped in a byte string", parts("d2", func(a, b, c octets) list { return list{a, object{}, full("R"), c} }))
	wrap("protected-map", "the protected header is not wrapped in a byte string", parts("d2", func(a, b, c octets) list {
		return list{object{{1, number(algEd25519)}, {4, octets("iss1")}}, object{}, b, c}
	}))
	wrap("signature-63-bytes", "the signature is one byte short", parts("d2", func(a, b, c octets) list { return list{a, object{}, b, c[:63]} }))
	wrap("signature-65-bytes", "the signature is one byte long", parts("d2", func(a, b, c octets) list { return list{a, object{}, b, append(c, 0)} }))
	wrap("signature-empty", "the signature is empty", parts("d2", func(a, b, c octets) list { return list{a, object{}, b, octets{}} }))
	all = append(all, badLengths(sound)...)
	all = append(all, badHeaders(sound)...)
	empty := sound
	empty.payload = raw("")
	return append(all, negative{qrproto.ErrEnvelope, "payload-empty", "the payload is of no bytes", empty, sound})
}

// badLengths are second encodings of an envelope, and broken ones.
func badLengths(sound draft) []negative {
	var all []negative
	wrap := func(name, comment string, f func(whole []byte, a, b, c octets) []byte) {
		all = append(all, altered(qrproto.ErrEnvelope, name, comment, sound, func(d *draft) {
			d.wrap = func(a, b, c []byte) []byte { return f(sign1(a, b, c), a, b, c) }
		}))
	}
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	wrap("trailing-byte", "a byte behind the envelope", func(whole []byte, a, b, c octets) []byte { return append(whole, 0) })
	wrap("last-byte-missing", "the last byte of the signature is missing", func(whole []byte, a, b, c octets) []byte { return whole[:len(whole)-1] })
	wrap("first-byte-only", "nothing but the tag", func(whole []byte, a, b, c octets) []byte { return whole[:1] })
	wrap("array-indefinite", "an array of indefinite length", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d29f"), whole[2:], unhex("ff"))
	})
	wrap("array-long", "the head of the array is not in its shortest form", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d29804"), whole[2:])
	})
	wrap("protected-long", "the length of the protected header is not in its shortest form", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d284"), []byte{0x58, byte(len(a))}, a, unhex("a0"), b.bytes(), c.bytes())
	})
	wrap("payload-long", "the length of the payload is not in its shortest form", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d284"), a.bytes(), unhex("a0"), []byte{0x59, 0, byte(len(b))}, b, c.bytes())
	})
	wrap("payload-indefinite", "the payload is a byte string in chunks", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d284"), a.bytes(), unhex("a05f"), b.bytes(), unhex("ff"), c.bytes())
	})
	wrap("signature-long", "the length of the signature is not in its shortest form", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d284"), a.bytes(), unhex("a0"), b.bytes(), unhex("590040"), c)
	})
	wrap("unprotected-long", "the empty header is not in its shortest form", func(whole []byte, a, b, c octets) []byte {
		return join(unhex("d284"), a.bytes(), unhex("b800"), b.bytes(), c.bytes())
	})
	return all
}

// badHeaders are signed over the header that stands in them.
func badHeaders(sound draft) []negative {
	var all []negative
	kid := octets("iss1")
	header := func(name, comment string, protected []byte) {
		all = append(all, altered(qrproto.ErrEnvelope, "header-"+name, comment, sound, func(d *draft) { d.protected = protected }))
	}
	alg := number(algEd25519)
	header("empty", "the protected header is of no bytes", []byte{})
	header("empty-map", "the protected header is an empty map", object{}.bytes())
	header("no-alg", "no algorithm", object{{4, kid}}.bytes())
	header("no-kid", "no key id", object{{1, alg}}.bytes())
	header("unsorted", "key id before algorithm", object{{4, kid}, {1, alg}}.bytes())
	header("alg-twice", "the algorithm stands twice", object{{1, alg}, {1, alg}, {4, kid}}.bytes())
	header("crit", "a third parameter, crit", object{{1, alg}, {2, numbers(1)}, {4, kid}}.bytes())
	header("content-type", "a third parameter, content type", object{{1, alg}, {3, number(60)}, {4, kid}}.bytes())
	header("alg-text", "the algorithm by its name", object{{1, words("Ed25519")}, {4, kid}}.bytes())
	header("alg-positive", "the algorithm is 19", object{{1, number(19)}, {4, kid}}.bytes())
	header("alg-long", "the algorithm is not in its shortest form", unhex("a2 01 38 12 04 44 69737331"))
	header("alg-25", "algorithm -25, which takes two bytes; the lowest is -24", unhex("a2 01 38 18 04 44 69737331"))
	header("alg-cut", "the second byte of an algorithm is missing", unhex("a2 01 38 04 44 69737331"))
	header("kid-empty", "a key id of no bytes", object{{1, alg}, {4, octets{}}}.bytes())
	header("kid-text", "the key id is a text string", object{{1, alg}, {4, words("iss1")}}.bytes())
	header("kid-long", "the length of the key id is not in its shortest form", unhex("a2 01 32 04 5804 69737331"))
	header("indefinite", "a map of indefinite length", unhex("bf 01 32 04 44 69737331 ff"))
	header("trailing", "a byte behind the map", append(object{{1, alg}, {4, kid}}.bytes(), 0))
	header("array", "an array for the map", list{number(1), alg, number(4), kid}.bytes())

	nine, eight := newSigner(7, []byte("issuer-08"), nil, "OR"), newSigner(7, []byte("issuer-8"), nil, "OR")
	return append(all, negative{qrproto.ErrEnvelope, "header-kid-9-bytes", "a key id of nine bytes; the most is eight",
		newDraft("R", full("R")).signedBy(nine), newDraft("R", full("R")).signedBy(eight)})
}

// badSignatures have the right shape, a known key and a sound payload.
func badSignatures() []negative {
	order := newDraft("O", full("O"))
	var all []negative
	add := func(name, comment string, change func(*draft)) {
		all = append(all, altered(qrproto.ErrSignature, name, comment, order, change))
	}
	resigned := func(f func(seed, message []byte) []byte) func(*draft) {
		return func(d *draft) { d.sign = func(m []byte) []byte { return f(order.by.Seed, m) } }
	}
	add("other-key", "signed with another key than the one named", resigned(func(seed, m []byte) []byte {
		return ed25519.Sign(ed25519.NewKeyFromSeed(repeat(9, 32)), m)
	}))
	add("zero", "64 bytes of zero", resigned(func(seed, m []byte) []byte { return make([]byte, 64) }))
	add("bit-in-r", "the lowest bit of the signature is flipped", resigned(func(seed, m []byte) []byte { return flip(sign(seed, m), 0) }))
	add("bit-in-s", "the lowest bit of s is flipped", resigned(func(seed, m []byte) []byte { return flip(sign(seed, m), 32) }))
	add("s-plus-order", "s is larger by the order of the group: a second signature of the same message", resigned(func(seed, m []byte) []byte {
		return addOrder(sign(seed, m))
	}))
	add("cofactored-only", "verifies only with the cofactored equation: r is off by the point of order 2", resigned(signTorsion))
	add("payload-only", "signed over the payload alone", resigned(func(seed, m []byte) []byte { return sign(seed, order.payload.bytes()) }))
	add("context", "the Sig_structure begins with CounterSignature", func(d *draft) { d.structure = "CounterSignature" })
	add("no-aad", "no external data", func(d *draft) { d.aad = "" })
	add("aad-version", "the external data of wire version 2", func(d *draft) { d.aad = "qrcharge/2/O" })
	add("aad-kind", "the external data of a receipt, whose key is the same", func(d *draft) { d.aad = "qrcharge/1/R" })
	add("changed-amount", "the largest amount was raised after signing", func(d *draft) {
		signature := sign(order.by.Seed, order.message())
		d.payload = full("O").with(13, numbers(80_000_000, 0, 43200, 20000))
		d.sign = func([]byte) []byte { return signature }
	})
	return append(all, relabelled()...)
}

func flip(b []byte, at int) []byte {
	b[at] ^= 1
	return b
}

func sign(seed, message []byte) []byte {
	return ed25519.Sign(ed25519.NewKeyFromSeed(seed), message)
}

// relabelled are sound codes of one kind under the mark of another.
func relabelled() []negative {
	var all []negative
	for _, pair := range []struct{ from, to string }{
		{"I", "S"}, {"S", "I"}, {"O", "R"}, {"R", "O"}, {"X", "O"}, {"X", "V"}, {"V", "X"}, {"V", "R"},
	} {
		sound := newDraft(pair.from, full(pair.from))
		all = append(all, altered(qrproto.ErrSignature, word(pair.from)+"-as-"+word(pair.to),
			"a sound "+word(pair.from)+" under the mark of another kind that its key may sign", sound,
			func(d *draft) { d.write = func(digits string) string { return "Q" + pair.to + "1/" + digits } }))
	}
	return all
}
