// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Store keeps orders, devices and records. settletest.TestStore says in code
// what one must do.
//
// What a Store returns is the caller's to change, and what it is given stays
// the caller's: it copies. Reads see all that was applied before they began.
// Each method may be called by several goroutines at once.
//
// In a relational database it is four tables: orders by id, with indices on
// account, on hold key and on the first 16 bytes of sum; devices by number;
// records by (charger, seq, branch); claims by their text.
type Store interface {
	// Order returns the order of an id, or ErrNotFound.
	Order(ctx context.Context, id qrproto.OrderID) (*Order, error)
	// Find returns the orders to which every given field of the query applies,
	// ascending by Created, then ID.
	Find(ctx context.Context, q Query) ([]*Order, error)
	// Device returns what is known of a device. One that was never seen has
	// Version 0 and nothing but its number.
	Device(ctx context.Context, charger []byte) (*Device, error)
	// Records returns the records of a device from one seq up to another, both
	// included, ascending by seq, then branch.
	Records(ctx context.Context, charger []byte, from, to uint32) ([]Record, error)
	// Apply applies a change as one transaction: all of it or, with an error,
	// none. It fails with ErrConflict or a *ClaimError.
	Apply(ctx context.Context, c *Change) error
}

// Query selects orders. A zero field selects all.
type Query struct {
	Account string
	HoldKey string
	Sum     qrproto.Ref // the first 16 bytes of Order.Sum
	States  []State     // any of them
	Limit   int         // at most so many
}

// Change is what one step of the server does to the store. Versions compare and
// set: an order or device of version n is written if the store has it at
// version n-1, and one of version 1 if the store does not have it, else
// ErrConflict.
type Change struct {
	Orders []*Order
	Device *Device // nil: none
	// Records are added. Where (charger, seq, branch) or (charger, seq, sum)
	// exists, it is ErrConflict.
	Records []Record
	// Free gives up claims, each of which must be held, else ErrConflict. Take
	// claims others after that, none of which may be held: else *ClaimError.
	Free, Take []string
}

// ClaimError says which claim was held already.
type ClaimError struct{ Claim string }

func (e *ClaimError) Error() string {
	return fmt.Sprintf("server: E-%d %q is claimed", int(ErrClaimed), e.Claim)
}

// Unwrap returns ErrClaimed.
func (e *ClaimError) Unwrap() error { return ErrClaimed }

// Record is a settlement as it was received.
type Record struct {
	Charger []byte // the device's number
	Seq     uint32
	// Branch is 0 for the first record received of this place in the chain. Any
	// other is a fork.
	Branch  uint32
	Index   uint64 // how many records of this device were stored before this one
	Sum     qrproto.Hash
	Payload []byte // as qrproto.EncodeRecord writes it
	// Source is the text of the signed code that brought it: a settlement, or
	// the identity that carried it, perhaps encrypted. It is the evidence.
	Source   string
	Received int64           // Unix s
	Order    qrproto.OrderID // zero where none is known
	// Verdict is what Settle answered: 0, or the code of the error.
	Verdict qrproto.ErrorCode
}
