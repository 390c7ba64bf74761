// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
)

// delegate is a key as it stands in a snapshot, within bounds of each sort.
func delegate(k key) list {
	return list{octets(k.ID), octets(compressed(k)), octets(deviceNumber()[:3]), words("CNY"), number(20_000), number(500), number(15)}
}

// compressed is a point of P-256 as in SEC 1, section 2.3.3; a key for Ed25519 is
// as it is.
func compressed(k key) []byte {
	if k.Alg != algESP256 {
		return k.Public
	}
	return append([]byte{2 + k.Public[64]&1}, k.Public[1:33]...)
}

// The places of a delegation.
const (
	ofID = iota
	ofPublic
	ofFleet
	ofCurrency
	ofAmount
	ofQuota
	ofRights
)

// put returns a delegation with another value at one place.
func (l list) put(at int, value item) list {
	l = slices.Clone(l)
	l[at] = value
	return l
}

// unbound is a delegation without a bound.
func unbound(k key) list {
	return delegate(k).put(ofFleet, octets{}).put(ofCurrency, words("")).put(ofAmount, number(0)).put(ofQuota, number(0))
}

// snapshot is a payload; its delegations must ascend.
func snapshot(epoch, least int64, delegations ...item) object {
	o := object{{1, number(epoch)}}
	if least > 0 {
		o = o.with(2, number(least))
	}
	if len(delegations) > 0 {
		o = o.with(3, list(delegations))
	}
	return o
}

// second is another issuer with a key of P-256.
func second() signer { return newSigner(0, []byte("iss2"), nil, "ORX").withP256(0x25) }

func fullTrust() object {
	return snapshot(42, 41, delegate(seller().key), unbound(second().key).put(ofRights, number(4))).with(0, object{{7, octets("seven")}})
}

// fullVoucher has every field.
func fullVoucher() object {
	return object{
		{0, object{{7, octets("seven")}}}, {1, octets(unhex("2122232425262728292a2b2c2d2e2f30"))}, {2, number(5000)}, {3, number(2)},
		{4, words("CNY")}, {5, number(1795348800)}, {6, number(1826884800)},
	}
}

func snapshots(add adder) {
	one := delegate(seller().key)
	add("usual", "one key with a bound of each sort", snapshot(41, 40, one))
	add("nobody", "nobody is trusted any more, and no order from before", snapshot(42, 42))
	add("esp256-key", "a key of P-256, whose y is "+parity(second().key), snapshot(41, 0, delegate(second().key)))
	other := second().withP256(0x27)
	add("esp256-key-other-y", "a key of P-256, whose y is "+parity(other.key), snapshot(41, 0, delegate(other.key)))
	add("no-bounds", "a key for all devices, in any currency, for any amount, as often as it likes", snapshot(1, 0, unbound(seller().key)))
	add("currency-alone", "a currency without a bound of the amount", snapshot(1, 0, unbound(seller().key).put(ofCurrency, words("JPY"))))
	add("fleet-alone", "one device alone", snapshot(1, 0, unbound(seller().key).put(ofFleet, octets(deviceNumber()))))
	add("prefixes", "ids that begin alike: the shorter comes first", snapshot(7, 0, called("a"), called("a\x00"), called("ab"), called("b")))
	add("same-key-twice", "one key under two ids: nothing forbids it", snapshot(7, 0, delegate(withID(seller().key, []byte("x"))), delegate(withID(seller().key, []byte("y")))))
	add("rights", "each right of its own, and with that to acknowledge", snapshot(8, 0, rights()...))
	add("sixteen", "sixteen keys, the most, in the largest code there is: 1024 bytes", snapshot(42, 0, sixteen()...))
	add("highest", "each field at the upper end of its range", snapshot(maxUint32, maxUint32, list{
		repeat(0xff, 8), octets(compressed(second().key)), repeat(0xff, 7), words("ZWG"), number(maxQuantity), number(maxUint32), number(15),
	}))
	add("lowest", "each field at the lower end of its range", snapshot(1, 1, unbound(withID(seller().key, []byte{0})).put(ofRights, number(1))))
}

// called is the delegation of a key under an id.
func called(id string) list { return delegate(withID(seller().key, []byte(id))) }

func parity(k key) string { return []string{"even", "odd"}[k.Public[64]&1] }

// rights are delegations with each set of rights that there is.
func rights() []item {
	var all []item
	for r := int64(1); r < 16; r++ {
		if r != 8 { // which signs nothing
			all = append(all, unbound(withID(seller().key, []byte{byte(r)})).put(ofRights, number(r)))
		}
	}
	return all
}

// sixteen are of such lengths that they fill a code.
func sixteen() []item {
	var all []item
	for i := range 16 {
		by := newSigner(byte(0x30+i), fmt.Appendf(nil, "is%02d", i), nil, "ORX")
		d := delegate(by.key).put(ofAmount, number(1_000_000)).put(ofQuota, number(100_000))
		all = append(all, d.put(ofFleet, octets(deviceNumber()[:2+i%2])))
	}
	return all
}
