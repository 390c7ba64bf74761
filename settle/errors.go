// SPDX-License-Identifier: Apache-2.0

package settle

import (
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
)

// The codes of this package.
const (
	// ErrGap: a settlement is not the next one, those in between are missing.
	ErrGap qrproto.ErrorCode = 201
	// ErrFork: two settlements claim the same place in a chain.
	ErrFork qrproto.ErrorCode = 202
	// ErrTotals: the running total does not follow from the one before.
	ErrTotals qrproto.ErrorCode = 203
	// ErrDispute: a number in a settlement is not what its order and its own
	// quantities give. The error is a *Dispute.
	ErrDispute qrproto.ErrorCode = 204
	// ErrOtherOrder: the settlement closes another order than the one given.
	ErrOtherOrder qrproto.ErrorCode = 205
	// ErrOtherTariff: the tariff at hand is not the one that the order names.
	ErrOtherTariff qrproto.ErrorCode = 206
	// ErrPast: a settlement of a place in the chain that was passed long ago.
	ErrPast qrproto.ErrorCode = 207
	// ErrPlan: the order's tariff cannot be evaluated under the order's limits.
	ErrPlan qrproto.ErrorCode = 208
)

// Dispute is a settlement that contradicts its order or itself. The record is
// authentic all the same, and must be kept.
type Dispute struct {
	Path     string // the field of the settlement
	Claimed  int64
	Computed int64 // for a bound: what it must not pass. Both are 0 for Cells
}

func (d *Dispute) Error() string {
	if d.Path == "Cells" { // many numbers, none of which is the wrong one
		return fmt.Sprintf("settle: E-%d Cells, Last and Flats have no price under the order", int(ErrDispute))
	}
	return fmt.Sprintf("settle: E-%d %s is %d, must be %d", int(ErrDispute), d.Path, d.Claimed, d.Computed)
}

// Unwrap returns ErrDispute.
func (d *Dispute) Unwrap() error { return ErrDispute }

// chainError gives a code its context.
func chainError(code qrproto.ErrorCode, s *qrproto.Settlement, h Head) error {
	return fmt.Errorf("settle: settlement %d at head %d: %w", s.Seq, h.Seq, code)
}
