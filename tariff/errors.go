// SPDX-License-Identifier: Apache-2.0

package tariff

import "errors"

// What can be wrong. Every error of this package wraps exactly one of these
// and can be told apart with errors.Is; an [*Error] around it says where.
var (
	// ErrOverflow: a result does not fit its integer.
	ErrOverflow = errors.New("tariff: overflow")
	// ErrCurrency: not the code of an active ISO 4217 currency with decimals.
	ErrCurrency = errors.New("tariff: unknown currency")
	// ErrMixed: two amounts of different currencies met.
	ErrMixed = errors.New("tariff: different currencies")
	// ErrSyntax: a text is not a decimal number, fraction or name as this package writes them.
	ErrSyntax = errors.New("tariff: malformed text")
	// ErrScale: more decimals than this package holds, or than the other party can.
	ErrScale = errors.New("tariff: too many decimals")
	// ErrRules: a revision of the evaluation rules that this library does not know.
	ErrRules = errors.New("tariff: unknown rules revision")
	// ErrRounding: an unknown rounding unit or mode.
	ErrRounding = errors.New("tariff: bad rounding policy")
	// ErrRate: an unknown rate, or in a grid one named twice or used by no slot.
	ErrRate = errors.New("tariff: bad rate")
	// ErrElement: no element, too many, one without components, or one whose
	// components repeat or are of an unknown dimension or class.
	ErrElement = errors.New("tariff: bad element")
	// ErrWindow: a window outside the day, an empty one, or too many.
	ErrWindow = errors.New("tariff: bad time window")
	// ErrRestriction: an empty or negative range, or a restriction that the element's components cannot have.
	ErrRestriction = errors.New("tariff: bad restriction")
	// ErrStep: a negative or too large step, or one on a flat fee.
	ErrStep = errors.New("tariff: bad step")
	// ErrTax: a bad rate, name or stack, or too many taxes.
	ErrTax = errors.New("tariff: bad tax")
	// ErrLimit: a negative minimum or maximum price, or one that the order's scale cannot hold.
	ErrLimit = errors.New("tariff: bad price limit")
	// ErrIdle: a rule for idle time that cannot be applied.
	ErrIdle = errors.New("tariff: bad idle rule")
	// ErrGrid: a grid without rates, with more than eight, or with a slot that names none.
	ErrGrid = errors.New("tariff: bad grid")
	// ErrLimits: a negative limit.
	ErrLimits = errors.New("tariff: bad limits")
	// ErrOffsets: no offset, offsets out of order, or one beyond 18 hours.
	ErrOffsets = errors.New("tariff: bad offsets")
	// ErrReading: a reading with a negative register, an unknown phase or a time outside 1970 to 9999.
	ErrReading = errors.New("tariff: bad reading")
	// ErrBackwards: time or a register ran backwards between two readings. Of the
	// energy register only where nothing may be fed back.
	ErrBackwards = errors.New("tariff: reading runs backwards")
	// ErrAboveLimit: more was measured than the plan was compiled for.
	ErrAboveLimit = errors.New("tariff: above the limit")
	// ErrQuantities: quantities that the plan could not have produced.
	ErrQuantities = errors.New("tariff: impossible quantities")
	// ErrBill: a bill that contradicts itself.
	ErrBill = errors.New("tariff: inconsistent bill")
)

// Error says where something is wrong: Path leads to it from the value that
// the failing function was given, as in "Elements[2].Components[0].Price".
type Error struct {
	Path string
	Err  error // one of the sentinels of this package
}

// Error returns the sentinel's text and the path.
func (e *Error) Error() string { return e.Err.Error() + " at " + e.Path }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// within puts prefix in front of an error's path.
func within(prefix string, err error) error {
	if e, ok := err.(*Error); ok {
		return &Error{Path: prefix + "." + e.Path, Err: e.Err}
	}
	return &Error{Path: prefix, Err: err}
}
