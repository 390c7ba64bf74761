// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/seed81979277/qrcharge/qrproto"

// badMembers are members that are there and say nothing, or are of another type:
// what parsers take for absent, and others do not.
func badMembers(add func(code qrproto.ErrorCode, name, comment, curve, old, new string)) {
	more := func(code qrproto.ErrorCode, name, comment, member string) {
		add(code, name, comment, "ed25519", `"kid"`, member+`,"kid"`)
	}
	more(qrproto.ErrBadKey, "use-other", "a key for something else", `"use":"other"`)
	more(qrproto.ErrBadKey, "use-empty", "a use without a letter", `"use":""`)
	more(qrproto.ErrBadKey, "alg-empty", "an algorithm without a letter", `"alg":""`)
	more(qrproto.ErrBadKey, "number-empty", "a number of no byte", `"qrcharge_number":""`)
	more(qrproto.ErrKeyFile, "use-null", "a use that is null", `"use":null`)
	more(qrproto.ErrKeyFile, "alg-null", "an algorithm that is null", `"alg":null`)
	more(qrproto.ErrKeyFile, "d-null", "a private half that is null", `"d":null`)
	more(qrproto.ErrKeyFile, "ops-null", "operations that are null", `"key_ops":null`)
	more(qrproto.ErrKeyFile, "ops-number", "a number beside verify", `"key_ops":["verify",1]`)
	more(qrproto.ErrKeyFile, "number-null", "a number that is null", `"qrcharge_number":null`)
	more(qrproto.ErrKeyFile, "agreement-null", "an agreement key that is null", `"qrcharge_agreement":null`)
	more(qrproto.ErrKeyFile, "y-number", "a number as y, which this type has not", `"y":1`)
	add(qrproto.ErrBadKey, "kinds-twice", "one kind twice", "ed25519", `"OR"`, `"ORO"`)
	add(qrproto.ErrKeyFile, "kid-null", "a kid that is null", "ed25519", `"69737331"`, "null")
	add(qrproto.ErrKeyFile, "kinds-null", "kinds that are null", "ed25519", `"OR"`, "null")
	add(qrproto.ErrKeyFile, "key-null", "null beside the key", "ed25519", `[`, `[null,`)
}
