// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
)

// algorithm is what the protocol asks of a signature scheme. A scheme is one
// file that implements it, and one case in algorithmOf.
type algorithm interface {
	id() int8 // COSE algorithm identifier
	verify(message, signature []byte) bool
	sign(key crypto.Signer, message []byte) ([]byte, error)
}

// algorithmOf takes the algorithm from the key, never from a header: what a
// message says of itself cannot choose how it is checked.
func algorithmOf(public crypto.PublicKey) (algorithm, error) {
	switch key := public.(type) {
	case ed25519.PublicKey:
		return newEd25519(key)
	case *ecdsa.PublicKey:
		return newESP256(key)
	}
	return nil, &Error{Code: ErrBadKey, Why: "neither an ed25519.PublicKey nor an *ecdsa.PublicKey"}
}
