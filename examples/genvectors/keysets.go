// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// A keySet is trusted keys in the two forms of a file.
type keySet struct {
	name, comment string
	keys          []key
}

type keySetJSON struct {
	Comment string    `json:"comment"`
	Keys    []key     `json:"keys"`
	JWKSet  string    `json:"jwk_set"`
	COSE    octetsHex `json:"cose_key_set"`
}

func (k keySet) vector() any { return keySetJSON{k.comment, k.keys, jwkSet(k.keys), coseSet(k.keys)} }

func (k keySet) check() error {
	var list qrproto.KeyList
	if err := json.Unmarshal([]byte(jwkSet(k.keys)), &list); err != nil {
		return err
	}
	fromCOSE, err := keyfile.DecodeKeySet(coseSet(k.keys))
	if err != nil {
		return err
	}
	if want := trust(k.keys); !reflect.DeepEqual(list, want) || !reflect.DeepEqual(fromCOSE, want) {
		return fmt.Errorf("read %+v and %+v", list, fromCOSE)
	}
	if again, err := keyfile.EncodeKeySet(list); err != nil || !bytes.Equal(again, coseSet(k.keys)) {
		return fmt.Errorf("keyfile writes %x (%v)", again, err)
	}
	return nil
}

// jwk is a key as a JWK (RFC 7517).
func jwk(k key) members {
	text := base64.RawURLEncoding.EncodeToString
	m := members{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", text(k.Public)}}
	if k.Alg == algESP256 {
		m = members{{"kty", "EC"}, {"crv", "P-256"}, {"x", text(k.Public[1:33])}, {"y", text(k.Public[33:])}}
	}
	m = append(m, member{"kid", hex.EncodeToString(k.ID)}, member{"qrcharge_kinds", k.Kinds})
	if len(k.Number) > 0 {
		m = append(m, member{"qrcharge_number", hex.EncodeToString(k.Number)})
	}
	if len(k.Agreement) > 0 {
		m = append(m, member{"qrcharge_agreement", text(k.Agreement)})
	}
	return m
}

func jwkSet(keys []key) string {
	all := []members{}
	for _, k := range keys {
		all = append(all, jwk(k))
	}
	return jwkText(all)
}

func jwkText(all []members) string {
	b, err := compact(members{{"keys", all}})
	if err != nil {
		panic(err) // nothing in it can fail
	}
	return string(b)
}

// coseKey is a key as a COSE_Key (RFC 9052, section 7).
func coseKey(k key) object {
	kty, crv, x := int64(1), int64(6), []byte(k.Public)
	if k.Alg == algESP256 {
		kty, crv, x = 2, 1, k.Public[1:33]
	}
	o := object{{1, number(kty)}, {2, octets(k.ID)}, {3, number(k.Alg)}, {4, numbers(2)}, {-1, number(crv)}, {-2, octets(x)}}
	if k.Alg == algESP256 {
		o = append(o, entry{-3, octets(k.Public[33:])})
	}
	o = append(o, entry{-70001, words(k.Kinds)})
	if len(k.Number) > 0 {
		o = append(o, entry{-70002, octets(k.Number)})
	}
	if len(k.Agreement) > 0 {
		o = append(o, entry{-70003, octets(k.Agreement)})
	}
	return o
}

func coseSet(keys []key) []byte {
	var l list
	for _, k := range keys {
		l = append(l, coseKey(k))
	}
	return l.bytes()
}

func keySets() []keySet {
	second := newDevice(1, deviceNumber(), 2).withP256(0x23)
	return []keySet{
		{"ed25519", "a device and an issuer with keys for Ed25519", []key{device().key, issuer().key}},
		{"esp256", "a device and an issuer with keys of P-256", []key{deviceP256().key, issuerP256().key}},
		{"generations", "two generations of a device's key, of both algorithms", []key{device().key, second.key}},
		{"shortest", "a number of one byte, a key id of one byte, one kind", []key{newDevice(3, []byte{7}, 0).key, newSigner(5, []byte{0}, nil, "O").key}},
		{"agreement", "devices that encrypt what they carry, beside one that does not", []key{
			device().agreeing(0x11).key, second.agreeing(0x12).key, newDevice(3, []byte{7}, 0).key}},
		{"later-kind", "a letter that is no kind yet, kept beside one that is", []key{newSigner(2, []byte("iss1"), nil, "OZ").key}},
		{"number-of-an-issuer", "a number at a key that needs none, which says nothing", []key{newSigner(2, []byte("iss1"), []byte{7}, "OR").key}},
		{"root-and-more", "a root that may sign something else: a file may have it, and a device refuses it", []key{newSigner(6, []byte("root1"), nil, "OT").key}},
		{"device-and-more", "a device that may sign what issuers sign, as none should", []key{withKinds(device().key, "IORS")}},
		{"all-kinds", "a root, and an issuer of everything that issuers sign", []key{
			newSigner(6, []byte("root1"), nil, "T").key, newSigner(2, []byte("iss1"), nil, "ORXV").key}},
	}
}

// agreeing gives a device a key of X25519.
func (s signer) agreeing(seed byte) signer {
	s.Agreement = x25519Public(slices.Repeat([]byte{seed}, 32))
	return s
}

// A badKeySet is one of the two forms with a fault, and the same without it.
type badKeySet struct {
	code          qrproto.ErrorCode
	name, comment string
	jwk, soundJWK string
	cose          []byte // if jwk is empty
	soundCOSE     []byte
}

type badKeySetJSON struct {
	Comment   string       `json:"comment"`
	Error     int          `json:"error"`
	ErrorName string       `json:"error_name"`
	JWKSet    string       `json:"jwk_set,omitempty"`
	COSE      octetsHex    `json:"cose_key_set,omitempty"`
	Sound     soundKeyJSON `json:"sound"`
}

type soundKeyJSON struct {
	JWKSet string    `json:"jwk_set,omitempty"`
	COSE   octetsHex `json:"cose_key_set,omitempty"`
}

func (b badKeySet) vector() any {
	return badKeySetJSON{b.comment, int(b.code), errorName(b.code), b.jwk, b.cose, soundKeyJSON{b.soundJWK, b.soundCOSE}}
}

func (b badKeySet) check() error {
	read := func(jwk string, cose []byte) error {
		if jwk == "" {
			_, err := keyfile.DecodeKeySet(cose)
			return err
		}
		return new(qrproto.KeyList).UnmarshalJSON([]byte(jwk))
	}
	if err := read(b.soundJWK, b.soundCOSE); err != nil {
		return errors.Join(errors.New("the sound one"), err)
	}
	return mustRefuse(read(b.jwk, b.cose), b.code)
}

func badKeySets() []badKeySet {
	var all []badKeySet
	keys := map[string]key{"ed25519": issuer().key, "p256": issuerP256().key, "device": device().agreeing(0x11).key}
	asJWK := func(code qrproto.ErrorCode, name, comment, curve, old, new string) {
		sound := jwkSet([]key{keys[curve]})
		all = append(all, badKeySet{code: code, name: "jwk-" + name, comment: comment, soundJWK: sound, jwk: strings.Replace(sound, old, new, 1)})
	}
	asCOSE := func(code qrproto.ErrorCode, name, comment, curve string, change func(object) item) {
		o := coseKey(keys[curve])
		all = append(all, badKeySet{code: code, name: "cose-" + name, comment: comment, soundCOSE: list{o}.bytes(), cose: list{change(o)}.bytes()})
	}
	badJWKs(asJWK)
	badMembers(asJWK)
	badAgreementJWKs(asJWK)
	badCOSEKeys(asCOSE)
	badAgreementCOSEKeys(asCOSE)
	twice := []key{issuer().key, withID(device().withKindsOf("R"), issuer().ID)}
	all = append(all, badKeyFiles()...)
	return append(all,
		badKeySet{code: qrproto.ErrKeyFile, name: "jwk-id-twice", comment: "two keys of one id", jwk: jwkSet(twice), soundJWK: jwkSet(twice[:1])},
		badKeySet{code: qrproto.ErrKeyFile, name: "cose-id-twice", comment: "two keys of one id", cose: coseSet(twice), soundCOSE: coseSet(twice[:1])},
		badKeySet{code: qrproto.ErrKeyFile, name: "cose-no-key", comment: "a set without a key", cose: []byte{0x80}, soundCOSE: coseSet(twice[:1])},
		badKeySet{code: qrproto.ErrKeyFile, name: "cose-trailing", comment: "a byte behind the set", cose: append(coseSet(twice[:1]), 0), soundCOSE: coseSet(twice[:1])})
}

// withKindsOf is the key as an issuer's.
func (s signer) withKindsOf(kinds string) key {
	k := withKinds(s.key, kinds)
	k.Number = nil
	return k
}

func badJWKs(add func(code qrproto.ErrorCode, name, comment, curve, old, new string)) {
	x := func(k signer, from, to int) string { return base64.RawURLEncoding.EncodeToString(k.Public[from:to]) }
	ed, p256 := x(issuer(), 0, 32), x(issuerP256(), 1, 33)
	add(qrproto.ErrKeyFile, "private", "a private key among public ones", "ed25519", `"kid"`, `"d":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","kid"`)
	add(qrproto.ErrKeyFile, "padded", "x with padding", "ed25519", ed, ed+"=")
	add(qrproto.ErrKeyFile, "line-feed", "x over two lines", "ed25519", ed, ed[:20]+`\n`+ed[20:])
	add(qrproto.ErrKeyFile, "kid-capitals", "a kid in capitals", "ed25519", `"69737331"`, `"6973733A"`)
	add(qrproto.ErrKeyFile, "kinds-in-capitals", "qrcharge_kinds once more, in capitals", "ed25519", `"OR"`, `"OR","QRCHARGE_KINDS":"T"`)
	add(qrproto.ErrKeyFile, "kelvin-kid", "kid once more, with the sign for kelvins", "ed25519", `"kid"`, `"\u212aid":"726f6f74","kid"`)
	add(qrproto.ErrKeyFile, "keys-in-capitals", "keys once more, in capitals", "ed25519", `]}`, `],"KEYS":[]}`)
	add(qrproto.ErrBadKey, "kid-9-bytes", "a kid of nine bytes", "ed25519", `"69737331"`, `"697373313233343536"`)
	add(qrproto.ErrBadKey, "31-bytes", "x of 31 bytes", "ed25519", ed, x(issuer(), 0, 31))
	add(qrproto.ErrBadKey, "weak", "the neutral point", "ed25519", ed, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	add(qrproto.ErrBadKey, "no-point", "y is 2, which no point has", "ed25519", ed, "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	add(qrproto.ErrBadKey, "x25519", "a curve for key agreement", "ed25519", `"Ed25519"`, `"X25519"`)
	add(qrproto.ErrBadKey, "use-enc", "a key for encryption", "ed25519", `"kid"`, `"use":"enc","kid"`)
	add(qrproto.ErrBadKey, "ops-sign", "a public key to sign with", "ed25519", `"kid"`, `"key_ops":["sign"],"kid"`)
	add(qrproto.ErrBadKey, "alg-es256", "the other algorithm", "ed25519", `"kid"`, `"alg":"ES256","kid"`)
	add(qrproto.ErrBadKey, "no-kinds", "trusted for nothing", "ed25519", `"OR"`, `""`)
	add(qrproto.ErrBadKey, "p256-alg-ed25519", "the other algorithm", "p256", `"kid"`, `"alg":"Ed25519","kid"`)
	add(qrproto.ErrBadKey, "p256-off-curve", "y is x", "p256", x(issuerP256(), 33, 65), p256)
	add(qrproto.ErrBadKey, "p256-31-bytes", "x of 31 bytes", "p256", p256, x(issuerP256(), 1, 32))
	add(qrproto.ErrBadKey, "p384", "another curve", "p256", "P-256", "P-384")
}

// set returns a change of one member.
func set(label int64, value item) func(object) item {
	return func(o object) item {
		o = slices.Clone(o)
		for i := range o {
			if o[i].key == label {
				o[i].value = value
			}
		}
		return o
	}
}

func badCOSEKeys(add func(code qrproto.ErrorCode, name, comment, curve string, change func(object) item)) {
	without := func(label int64) func(object) item { return func(o object) item { return o.without(label) } }
	add(qrproto.ErrKeyFile, "private", "a private key among public ones", "ed25519", func(o object) item {
		return slices.Insert(slices.Clone(o), 6, entry{-4, repeat(2, 32)})
	})
	add(qrproto.ErrKeyFile, "long-head", "the type is not in its shortest form", "ed25519", set(1, raw("1801")))
	add(qrproto.ErrKeyFile, "unsorted", "the curve before the type", "ed25519", func(o object) item {
		return append(object{o[4]}, slices.Delete(slices.Clone(o), 4, 5)...)
	})
	add(qrproto.ErrKeyFile, "other-label", "a label that is not used", "ed25519", func(o object) item {
		return slices.Insert(slices.Clone(o), 4, entry{5, octets{1}})
	})
	add(qrproto.ErrKeyFile, "kinds-bytes", "the kinds as bytes", "ed25519", set(-70001, octets("OR")))
	add(qrproto.ErrBadKey, "kinds-twice", "one kind twice", "ed25519", set(-70001, words("ORO")))
	add(qrproto.ErrBadKey, "number-empty", "a number of no byte at an issuer's key", "ed25519", func(o object) item {
		return append(slices.Clone(o), entry{-70002, octets{}})
	})
	add(qrproto.ErrBadKey, "eddsa", "algorithm -8, EdDSA", "ed25519", set(3, number(-8)))
	add(qrproto.ErrBadKey, "no-alg", "no algorithm", "ed25519", without(3))
	add(qrproto.ErrBadKey, "sign", "a public key to sign with", "ed25519", set(4, numbers(1)))
	add(qrproto.ErrBadKey, "31-bytes", "x of 31 bytes", "ed25519", set(-2, repeat(2, 31)))
	add(qrproto.ErrBadKey, "weak", "the neutral point", "ed25519", set(-2, octets(append([]byte{1}, make([]byte, 31)...))))
	add(qrproto.ErrBadKey, "es256", "algorithm -7, ES256", "p256", set(3, number(-7)))
	add(qrproto.ErrKeyFile, "compressed", "a sign in place of y", "p256", set(-3, raw("f5")))
	add(qrproto.ErrBadKey, "off-curve", "y is x", "p256", func(o object) item { return set(-3, o.get(-2))(o) })
	add(qrproto.ErrBadKey, "zeros", "the coordinates (0, 0)", "p256", func(o object) item { return set(-3, repeat(0, 32))(set(-2, repeat(0, 32))(o).(object)) })
	add(qrproto.ErrBadKey, "p384", "curve 2, P-384", "p256", set(-1, number(2)))
}
