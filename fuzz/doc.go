// SPDX-License-Identifier: Apache-2.0

// Package fuzz holds black-box tests and fuzz targets over the public API of the
// library: what must hold of every input, whoever sends it. It has no code of
// its own.
//
// The golden vectors (package testdata) are tested here, changed bit by bit, and
// seed the targets:
//
//	go test ./fuzz -run '^$' -fuzz '^FuzzOrder$' -fuzztime 10m
//
// The targets that are named after a kind change the payload and sign it anew
// with the test's key, so that the rules behind the signature are reached. The
// others take text, bytes or pictures as they come.
package fuzz
