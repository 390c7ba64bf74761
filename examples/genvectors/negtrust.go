// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/seed81979277/qrcharge/qrproto"

// badTrusts are snapshots; the fault of most is in one delegation.
func badTrusts() []negative {
	one := delegate(seller().key)
	many := func(n int) list {
		var l list
		for i := range n {
			l = append(l, unbound(withID(seller().key, []byte{byte(i)})))
		}
		return l
	}
	all := edges("T", full("T"), []edge{
		{1, "epoch-0", "epoch zero; the first is 1", number(0), number(41)},
		{1, "epoch-high", "epoch 2^32", number(1 << 32), number(maxUint32)},
		{1, "epoch-negative", "an epoch below zero", number(-1), number(41)},
		{1, "least-above-epoch", "orders must name a later epoch than the snapshot's own", number(40), number(41)},
		{2, "least-high", "a least epoch of 2^32", number(1 << 32), number(41)},
		{3, "delegations-17", "seventeen keys; the most is sixteen", many(17), many(16)},
		{3, "delegations-map", "the keys in a map", object{{1, one}}, list{one}},
		{3, "delegations-flat", "one key, not in a list", one, list{one}},
		{3, "delegation-bytes", "a key that is wrapped in a byte string", list{octets(one.bytes())}, list{one}},
		{3, "delegation-nested", "a list of lists of keys", list{list{one}}, list{one}},
		{3, "delegation-null", "null for a key", list{raw("f6")}, list{one}},
		{3, "delegation-empty", "a key of no items", list{list{}}, list{one}},
		{3, "delegation-six-items", "a key without rights", list{one[:6]}, list{one}},
		{3, "delegation-eight-items", "a key with an eighth item", list{append(one[:7:7], number(0))}, list{one}},
		{3, "ids-equal", "two keys of one id", list{one, one}, list{one}},
		{3, "ids-descending", "the second id is lower than the first", list{called("b"), called("a")}, list{called("a"), called("b")}},
		{3, "ids-longer-first", "an id behind a longer one that begins with it", list{called("aa"), called("a")}, list{called("a"), called("aa")}},
		{3, "ids-by-length", "a shorter id is not lower for being short", list{called("b"), called("aa")}, list{called("aa"), called("b")}},
	})
	all = append(all, badDelegatedKeys()...)
	all = append(all, badBounds()...)
	all = append(all, badTrustEncodings()...)
	return append(all, badTrustKeys()...)
}

// delegationFault is a snapshot of one key with a fault at one place.
func delegationFault(base list, at int, name, comment string, out, in item) negative {
	return fault(qrproto.ErrField, "T", name, comment, snapshot(42, 0, base.put(at, out)), snapshot(42, 0, base.put(at, in)))
}

// badDelegatedKeys have an id or a public key that is none.
func badDelegatedKeys() []negative {
	point := compressed(second().key)
	began := func(first byte) octets { return append(octets{first}, point[1:]...) }
	one := delegate(seller().key)
	var all []negative
	add := func(at int, name, comment string, out, in item) {
		all = append(all, delegationFault(one, at, name, comment, out, in))
	}
	ed := octets(seller().Public)
	add(ofID, "id-empty", "a key id of no bytes", octets{}, octets{0})
	add(ofID, "id-9", "a key id of nine bytes", repeat(1, 9), repeat(1, 8))
	add(ofID, "id-text", "a key id as text", words("iss1"), octets("iss1"))
	add(ofPublic, "public-empty", "a public key of no bytes", octets{}, ed)
	add(ofPublic, "public-31", "a public key of 31 bytes", ed[:31], ed)
	add(ofPublic, "public-34", "a public key of 34 bytes", append(began(2), 0), began(2))
	add(ofPublic, "public-uncompressed", "a point of P-256 in its uncompressed form", octets(second().Public), began(2))
	add(ofPublic, "public-begins-4", "33 bytes of which the first is 4", began(4), began(2))
	add(ofPublic, "public-begins-0", "33 bytes of which the first is 0", began(0), began(3))
	add(ofPublic, "public-text", "a public key as text", words("12345678901234567890123456789012"), ed)
	for _, w := range []struct{ name, comment, y string }{
		{"order-1", "the neutral point", "0100000000000000000000000000000000000000000000000000000000000000"},
		{"order-2", "the point of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"order-4", "a point of order 4, with a sign", "0000000000000000000000000000000000000000000000000000000000000080"},
		{"order-8", "a point of order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
		{"second-encoding", "y is 2^255-17, a second encoding of 2", "efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	} {
		add(ofPublic, "public-"+w.name, "a key for Ed25519: "+w.comment, octets(unhex(w.y)), ed)
	}
	return all
}

// badBounds have one bound or right outside of what it may be.
func badBounds() []negative {
	one, free := delegate(seller().key), unbound(seller().key)
	var all []negative
	add := func(at int, name, comment string, out, in item) {
		all = append(all, delegationFault(one, at, name, comment, out, in))
	}
	add(ofFleet, "fleet-8", "a fleet of eight bytes", repeat(1, 8), repeat(1, 7))
	add(ofFleet, "fleet-text", "a fleet as text", words("2"), octets("2"))
	add(ofCurrency, "currency-unknown", "a currency that ISO 4217 does not have", words("XQX"), words("EUR"))
	add(ofCurrency, "currency-small", "a currency in small letters", words("cny"), words("CNY"))
	add(ofCurrency, "currency-2", "a currency of two letters", words("CN"), words("CNY"))
	add(ofCurrency, "currency-bytes", "a currency as bytes", octets("CNY"), words("CNY"))
	all = append(all, delegationFault(free, ofAmount, "amount-no-currency", "a bound of the amount in no currency, at nobody's decimals", number(1), number(0)))
	add(ofAmount, "amount-negative", "a bound of the amount below zero", number(-1), number(0))
	add(ofAmount, "amount-high", "a bound of the amount above 2^60", number(maxQuantity+1), number(maxQuantity))
	add(ofAmount, "amount-float", "a bound of the amount as 1.0", raw("f93c00"), number(1))
	add(ofQuota, "quota-negative", "a quota below zero", number(-1), number(0))
	add(ofQuota, "quota-high", "a quota of 2^32", number(1<<32), number(maxUint32))
	add(ofRights, "rights-0", "no right at all", number(0), number(1))
	add(ofRights, "rights-8", "the right to acknowledge, and nothing to sign", number(8), number(9))
	add(ofRights, "rights-16", "a right that does not exist", number(16), number(15))
	add(ofRights, "rights-256", "rights that no byte holds", number(257), number(1))
	add(ofRights, "rights-negative", "rights below zero", number(-1), number(1))
	add(ofRights, "rights-bool", "rights as true", raw("f5"), number(1))
	return all
}

// badTrustEncodings say the right thing in another encoding.
func badTrustEncodings() []negative {
	one := delegate(seller().key)
	sound := snapshot(42, 0, one)
	body := one.bytes()[1:]
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment string, faulty item) {
		all = append(all, fault(code, "T", name, comment, sound.with(3, faulty), sound))
	}
	add(qrproto.ErrNotCanonical, "list-long", "the head of the list is not in its shortest form", hexed(unhex("9801"), one.bytes()))
	add(qrproto.ErrNotCanonical, "delegation-long", "the head of a key is not in its shortest form", hexed(unhex("819807"), body))
	add(qrproto.ErrNotCanonical, "id-long", "the length of a key id is not in its shortest form", list{one.put(ofID, raw("5804 69737331"))})
	add(qrproto.ErrNotCanonical, "currency-long", "the length of a currency is not in its shortest form", list{one.put(ofCurrency, raw("7803 434e59"))})
	add(qrproto.ErrNotCanonical, "amount-long", "an amount of two bytes in four", list{one.put(ofAmount, raw("1a 00004e20"))})
	add(qrproto.ErrNotCanonical, "rights-long", "rights of less than a byte in one", list{one.put(ofRights, raw("180f"))})
	add(qrproto.ErrMalformed, "list-indefinite", "a list of indefinite length", hexed(unhex("9f"), one.bytes(), unhex("ff")))
	add(qrproto.ErrMalformed, "delegation-indefinite", "a key of indefinite length", hexed(unhex("819f"), body, unhex("ff")))
	add(qrproto.ErrMalformed, "list-greedy", "a list that says it has two keys", hexed(unhex("82"), one.bytes()))
	add(qrproto.ErrMalformed, "delegation-greedy", "a key of seven items that are six", hexed(unhex("8187"), body[:len(body)-1]))
	add(qrproto.ErrMalformed, "amount-bignum", "an amount as a bignum, tag 2", list{one.put(ofAmount, raw("c2 42 4e20"))})
	add(qrproto.ErrMalformed, "currency-not-utf8", "a currency that is not UTF-8", list{one.put(ofCurrency, words("C\xff\xff"))})
	return all
}

// badTrustKeys are sound snapshots by whom no device takes one.
func badTrustKeys() []negative {
	sound := newDraft("T", full("T"))
	only := func(k key) func(*draft) { return func(d *draft) { d.keys = []key{k} } }
	order := newDraft("O", full("O"))
	byRoot := order.signedBy(root())
	both := sound
	both.keys = []key{withKinds(root().key, "OT")}
	return []negative{
		{qrproto.ErrKeyUsage, "trust-by-issuer", "an issuer signs a snapshot", sound.signedBy(issuer()), sound},
		{qrproto.ErrKeyUsage, "trust-by-device", "a device signs a snapshot", sound.signedBy(device()), sound},
		{qrproto.ErrKeyUsage, "order-by-root", "a root signs an order", byRoot, order},
		altered(qrproto.ErrKeyUsage, "trust-by-seller", "the key may sign all that an issuer's key may, and no snapshot", sound, only(withKinds(root().key, "ORXV"))),
		altered(qrproto.ErrUnknownKey, "trust-by-stranger", "a root that is not this device's", sound, only(withID(root().key, []byte("roo2")))),
		altered(qrproto.ErrSignature, "trust-as-order", "a sound snapshot under the mark of an order, by a key that may sign both", both, func(d *draft) {
			d.write = func(digits string) string { return "QO1/" + digits }
		}),
	}
}
