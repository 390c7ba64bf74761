// SPDX-License-Identifier: Apache-2.0

// Package qrproto is the wire of qrcharge: the signed codes that pass as QR
// images between an offline device, a phone and a server.
//
// # What a code is
//
// A code is one payload of one kind: an [Identity] that a device shows, a
// [StartOrder] that a server answers with, a [Settlement] that closes the sale,
// a [Receipt] that closes the loop; beside the loop a [StopOrder] that ends a sale
// from afar, a [Voucher] that pays for one, and a snapshot of [Trust], which says
// whose orders a device takes. Its CBOR is signed as a COSE_Sign1 and written as
// decimal digits behind a mark such as "QO1/", the form that costs a QR code least
// and that survives every scanner and every address bar. SPEC.md beside this file
// is the normative text.
//
// # How to hold it
//
// There are two verbs. [Seal] encodes, signs, and verifies what it has signed.
// [Open] returns a payload only if everything about it holds; [As] gives it the
// type that the caller expects. What could not be verified is reachable only
// inside the error, an [*Error] whose [ErrorCode] is the number that a driver
// reads out on the phone.
//
//	code, err := qrproto.Seal(order, issuer)
//	show(code.Text())
//	…
//	order, err := qrproto.As[*qrproto.StartOrder](qrproto.Open(text, keys))
//
// Keys are found through [Keys], by id. The algorithm, Ed25519 or ESP256, comes
// from the key, never from the code. Those of a device are a [TrustStore]: its roots
// for good, and whom the newest snapshot of a root delegates to, each key within its
// [Caps]. Package keyfile, below this one, keeps private keys in files.
//
// A code that is too large for one QR code is shown in up to four parts:
// [Code.Parts] cuts it, an [Assembly] puts together what a camera reads, in any
// order, and passes whole codes through. Parts prove nothing; Open judges the
// whole.
//
//	for text := range camera {
//		seen, err := assembly.Add(text)
//		show(seen.Have, seen.Count, err)
//		if seen.Code.Kind() != 0 {
//			return qrproto.Open(seen.Code.Text(), keys)
//		}
//	}
//
// # What it never does
//
// It reads no clock, keeps nothing on disk, logs nothing, opens no connection. Whether
// a code is fresh, an order known, a settlement in its place in the chain: that
// is for the packages below settle. It never guesses: what is not in its one
// encoding is refused, so that a payload has one hash for ever.
package qrproto
