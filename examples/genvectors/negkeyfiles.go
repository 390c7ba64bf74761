// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// badKeyFiles lack what a key must say, or say it in another form.
func badKeyFiles() []badKeySet {
	all := slices.Concat(badJWKMembers(), badCOSELabels())
	verify := jwkSet([]key{issuer().key})
	with := func(operations string) string {
		return strings.Replace(verify, `"kid"`, `"key_ops":[`+operations+`],"kid"`, 1)
	}
	return append(all,
		badKeySet{code: qrproto.ErrBadKey, name: "jwk-ops-empty", comment: "for no operation; the sound one is for two",
			jwk: with(""), soundJWK: with(`"sign","verify"`)},
		badKeySet{code: qrproto.ErrBadKey, name: "jwk-ops-other", comment: "for two operations, and verify is none of them",
			jwk: with(`"sign","encrypt"`), soundJWK: with(`"verify"`)})
}

func badJWKMembers() []badKeySet {
	var all []badKeySet
	add := func(code qrproto.ErrorCode, name, comment string, k key, old, new string) {
		sound := jwkSet([]key{k})
		all = append(all, badKeySet{code: code, name: "jwk-" + name, comment: comment, soundJWK: sound, jwk: strings.Replace(sound, old, new, 1)})
	}
	one, point, with := issuer().key, issuerP256().key, device().key
	add(qrproto.ErrBadKey, "no-kid", "no kid", one, `"kid":"69737331",`, ``)
	add(qrproto.ErrBadKey, "kid-empty", "a kid of no bytes", one, `"69737331"`, `""`)
	add(qrproto.ErrBadKey, "kinds-absent", "no kinds", one, `,"qrcharge_kinds":"OR"`, ``)
	add(qrproto.ErrBadKey, "kinds-small", "kinds in small letters", one, `"OR"`, `"or"`)
	add(qrproto.ErrBadKey, "kinds-digit", "a digit for a kind", one, `"OR"`, `"O1"`)
	add(qrproto.ErrBadKey, "device-no-number", "may sign what a device signs, and has no number", one, `"OR"`, `"ORI"`)
	add(qrproto.ErrBadKey, "device-other-number", "the number is not the one in the kid", with, `"qrcharge_number":"32`, `"qrcharge_number":"33`)
	add(qrproto.ErrBadKey, "number-8-bytes", "a number of eight bytes, at a key that needs none", one, `"OR"`, `"OR","qrcharge_number":"0102030405060708"`)
	add(qrproto.ErrBadKey, "no-kty", "no type", one, `"kty":"OKP",`, ``)
	add(qrproto.ErrBadKey, "no-crv", "no curve", one, `"crv":"Ed25519",`, ``)
	add(qrproto.ErrBadKey, "no-x", "no x", one, `"x"`, `"z"`)
	add(qrproto.ErrBadKey, "p256-no-y", "no y", point, `"y"`, `"z"`)
	add(qrproto.ErrKeyFile, "kid-odd", "half a byte of a kid", one, `"69737331"`, `"6973733"`)
	add(qrproto.ErrKeyFile, "kid-number", "a kid that is a number", one, `"69737331"`, `69737331`)
	add(qrproto.ErrKeyFile, "kinds-list", "kinds in a list", one, `"OR"`, `["O","R"]`)
	add(qrproto.ErrKeyFile, "ops-text", "an operation that is in no list", one, `"kid"`, `"key_ops":"verify","kid"`)
	add(qrproto.ErrKeyFile, "number-capitals", "a number in capitals", one, `"OR"`, `"OR","qrcharge_number":"0A"`)
	add(qrproto.ErrKeyFile, "no-json", "the last brace is missing", one, `]}`, `]`)
	add(qrproto.ErrKeyFile, "no-keys", "no list of keys", one, `"keys"`, `"key"`)
	add(qrproto.ErrKeyFile, "keys-object", "a key that stands in no list", one, `{"keys":[`, `{"keys":{},"more":[`)
	add(qrproto.ErrKeyFile, "key-number", "a key that is a number", one, `[{`, `[1,{`)
	return all
}

func badCOSELabels() []badKeySet {
	var all []badKeySet
	add := func(code qrproto.ErrorCode, name, comment string, k key, change func(object) item) {
		o := coseKey(k)
		all = append(all, badKeySet{code: code, name: "cose-" + name, comment: comment, soundCOSE: list{o}.bytes(), cose: list{change(o)}.bytes()})
	}
	without := func(label int64) func(object) item { return func(o object) item { return o.without(label) } }
	one, point := issuer().key, issuerP256().key
	add(qrproto.ErrBadKey, "no-kty", "no type", one, without(1))
	add(qrproto.ErrBadKey, "no-kid", "no kid", one, without(2))
	add(qrproto.ErrBadKey, "no-ops", "no key_ops", one, without(4))
	add(qrproto.ErrBadKey, "no-crv", "no curve", one, without(-1))
	add(qrproto.ErrBadKey, "no-x", "no x", one, without(-2))
	add(qrproto.ErrBadKey, "no-y", "no y", point, without(-3))
	add(qrproto.ErrBadKey, "kinds-absent", "no kinds", one, without(-70001))
	add(qrproto.ErrBadKey, "kinds-empty", "trusted for nothing", one, set(-70001, words("")))
	add(qrproto.ErrBadKey, "kinds-small", "kinds in small letters", one, set(-70001, words("or")))
	add(qrproto.ErrBadKey, "kid-9-bytes", "a kid of nine bytes", one, set(2, repeat(1, 9)))
	add(qrproto.ErrBadKey, "ops-two", "two operations; a COSE_Key here is for one", one, set(4, numbers(1, 2)))
	add(qrproto.ErrBadKey, "ops-none", "no operation", one, set(4, list{}))
	add(qrproto.ErrBadKey, "number-8-bytes", "a number of eight bytes, at a key that needs none", one, func(o object) item {
		return append(slices.Clone(o), entry{-70002, repeat(7, 8)})
	})
	add(qrproto.ErrKeyFile, "ops-number", "an operation that is in no list", one, set(4, number(2)))
	add(qrproto.ErrKeyFile, "kid-text", "a kid that is text", one, set(2, words("iss1")))
	add(qrproto.ErrKeyFile, "kty-text", "a type by its name", one, set(1, words("OKP")))
	add(qrproto.ErrKeyFile, "no-map", "a key that is a number", one, func(object) item { return number(1) })
	return all
}
