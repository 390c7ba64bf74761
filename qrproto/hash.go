// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/seed81979277/qrcharge/qrproto/internal/cose"
)

// Hash names a payload: SHA-256 of the deterministic CBOR array
//
//	["qrcharge/1/<kind>", number, payload]
//
// where number is the device's for what a device signs and empty otherwise.
// Key id, algorithm and signature are left out: a record keeps its hash when
// keys change, and nothing hangs on a signature, which for ECDSA can be altered
// by anybody.
type Hash [sha256.Size]byte

// The shorter forms of a hash, for codes in which each byte counts.
type (
	// Ref is the first 16 bytes of a Hash: wherever an adversary could choose both
	// of two payloads that collide.
	Ref [16]byte
	// Short is the first 8 bytes of a Hash: where one of two payloads that could
	// collide is given.
	Short [8]byte
	// Hint is the first 4 bytes of a Hash: where a wrong guess costs only a second
	// look.
	Hint [4]byte
)

// Ref returns the first 16 bytes.
func (h Hash) Ref() Ref { return Ref(h[:16]) }

// Short returns the first 8 bytes.
func (h Hash) Short() Short { return Short(h[:8]) }

// Hint returns the first 4 bytes.
func (h Hash) Hint() Hint { return Hint(h[:4]) }

// Short returns the first 8 bytes.
func (r Ref) Short() Short { return Short(r[:8]) }

// Hint returns the first 4 bytes.
func (r Ref) Hint() Hint { return Hint(r[:4]) }

// String is the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// String is the bytes in hex.
func (r Ref) String() string { return hex.EncodeToString(r[:]) }

// String is the bytes in hex.
func (s Short) String() string { return hex.EncodeToString(s[:]) }

// String is the bytes in hex.
func (h Hint) String() string { return hex.EncodeToString(h[:]) }

// Sum returns the hash of a payload. It fails as Seal does if the payload breaks a
// rule of its kind; the number of an Identity or Settlement must be set.
func Sum(p Payload) (Hash, error) {
	b, err := encode(p)
	if err != nil {
		return Hash{}, err
	}
	return sum(p.Kind().domain(), p.number(), b), nil
}

func sum(domain string, number, payload []byte) Hash {
	var stack [MaxBytes]byte // enough for all but large tariffs, and not allocated
	buf := stack[:0]
	buf = cose.AppendArray(buf, 3)
	buf = cose.AppendText(buf, domain)
	buf = cose.AppendBytes(buf, number)
	buf = cose.AppendBytes(buf, payload)
	return sha256.Sum256(buf)
}
