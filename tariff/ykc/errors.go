// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"errors"
	"fmt"

	"github.com/seed81979277/qrcharge/tariff"
)

// What can be wrong. Every error of this package is or wraps exactly one of
// these, or one of the sentinels of package tariff where a tariff or a bill is
// invalid in itself. An [*Error] around it says where, but for errors of a single
// text or number.
var (
	// ErrLength: a body that has not exactly the length of its frame type.
	ErrLength = errors.New("ykc: wrong length")
	// ErrBCD: a byte that is not two decimal digits.
	ErrBCD = errors.New("ykc: not binary-coded decimal")
	// ErrSlot: a half hour under a rate number above 3.
	ErrSlot = errors.New("ykc: unknown rate number")
	// ErrText: a text that is not the digits, or the ASCII characters, of its field.
	ErrText = errors.New("ykc: malformed text")
	// ErrTime: fields that are no moment of the calendar, a time marked invalid, or a year outside 2000 to 2099.
	ErrTime = errors.New("ykc: no such time")
	// ErrOverflow: a value above what its field can hold.
	ErrOverflow = errors.New("ykc: too large for the field")
	// ErrNegative: a value below zero; no field has a sign.
	ErrNegative = errors.New("ykc: the format has no negative values")
	// ErrScale: a price finer than 10^-5 yuan, or an energy or amount finer than 10^-4.
	ErrScale = errors.New("ykc: finer than the field")
	// ErrCurrency: a currency other than CNY.
	ErrCurrency = errors.New("ykc: the format knows no currency but CNY")
	// ErrRate: a rate without a place in the format, or two prices for one.
	ErrRate = errors.New("ykc: the format has the rates sharp, peak, flat and valley, each once")
	// ErrFees: a price that is not one electricity fee and one service fee per kWh.
	ErrFees = errors.New("ykc: the format has an electricity and a service fee per kWh")
	// ErrWindow: a price that changes within a half hour.
	ErrWindow = errors.New("ykc: prices change at half hours only")
	// ErrGap: a part of the day without a price.
	ErrGap = errors.New("ykc: every half hour has a price")
	// ErrTariff: a tariff with a feature that the format does not have, other than those above.
	ErrTariff = errors.New("ykc: no tariff of 48 half hours")
	// ErrLoss: a loss ratio, the unit of which the protocol leaves undefined.
	ErrLoss = errors.New("ykc: the loss ratio has no defined meaning")
	// ErrBill: a bill that the model does not explain.
	ErrBill = errors.New("ykc: the bill is not under this model")
	// ErrProfile: a switch of a profile with an unknown value.
	ErrProfile = errors.New("ykc: unknown profile switch")
)

// Error says where something is wrong: Path leads to it from the value that
// the failing function was given, as in "Rates[2].Service". A path of an error
// from a tariff counts the elements and components of its normal form.
type Error struct {
	Path string
	Err  error // one of the sentinels of this package, or of package tariff
}

// Error returns the sentinel's text and the path.
func (e *Error) Error() string { return e.Err.Error() + " at " + e.Path }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// fail returns an error at a path that is put together as fmt.Sprintf does.
func fail(err error, path string, args ...any) error {
	return &Error{Path: fmt.Sprintf(path, args...), Err: err}
}

// within puts prefix, which may be empty, in front of the path of an error of
// this package or of package tariff.
func within(prefix string, err error) error {
	if prefix != "" {
		prefix += "."
	}
	switch e := err.(type) {
	case *Error:
		return &Error{Path: prefix + e.Path, Err: e.Err}
	case *tariff.Error:
		return &Error{Path: prefix + e.Path, Err: e.Err}
	}
	return err
}
