// SPDX-License-Identifier: Apache-2.0

// Package fuzz holds black-box tests and fuzz targets over the public API of the
// library: what must hold of every input, whoever sends it. It has no code of
// its own.
//
// The golden vectors (package testdata) are tested here, changed bit by bit, and
// seed the targets:
//
//	.ci/fuzz 10m FuzzOrder
//	FUZZCACHE=/tmp/inputs .ci/fuzz 5000000x FuzzOrder FuzzTrust
//
// which is faster than go test -fuzz, as it leaves crypto uninstrumented; see
// there. Without words it runs all targets of the repository, in CI for 20 s each.
//
// The targets that are named after a kind change the payload byte by byte and
// field by field, and sign it anew, so that the rules behind the signature are
// reached. The others take text, bytes, pictures or scripts as they come.
package fuzz
