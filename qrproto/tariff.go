// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"errors"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

const (
	// MaxTariff bounds a tariff's canonical bytes. The largest tariff that the
	// model holds has less, so that each has its bytes and its hash.
	MaxTariff = 20 << 10
	// MaxEmbedded bounds a tariff inside an order. With the rest of an order it
	// is a code of version 22, more than a device reads at ease: a larger tariff
	// has to be known to the device, and is named by its hash.
	MaxEmbedded = 512
)

// tariffDomain separates a tariff's hash from those of payloads.
const tariffDomain = "qrcharge/1/tariff"

// EncodeTariff returns the canonical bytes of a tariff: two tariffs of one
// normal form ([tariff.Tariff.Normalize]) have the same ones. They are a CBOR
// array in one of two forms (SPEC.md, section 14),
//
//	[rules, scale, currency, slots, + (electricity, service), ? options]
//	[rules, scale, currency, [+ element], ? options]
//
// the first for each tariff that it can hold: a day of 48 half hours under up
// to 8 rates, with a fee for occupancy or without.
//
// It fails with ErrTariff and the path of the fault for a tariff that is not
// sound or has no normal form. For every other one there are bytes, at most
// MaxTariff of them; an order holds up to MaxEmbedded.
func EncodeTariff(t *tariff.Tariff) ([]byte, error) {
	if t == nil {
		return nil, &Error{Code: ErrTariff, Why: "no tariff"}
	}
	n := t
	if checkNormal(t) != nil {
		var err error
		if n, err = t.Normalize(); err != nil {
			return nil, tariffError(err)
		}
	}
	b := appendTariff(make([]byte, 0, 64), n)
	if len(b) > MaxTariff {
		return nil, &Error{Code: ErrTooLarge, Path: "Tariff"}
	}
	return b, nil
}

// appendTariff writes a normal form.
func appendTariff(dst []byte, n *tariff.Tariff) []byte {
	if g, ok := gridOf(n); ok {
		return appendGrid(dst, n, &g)
	}
	return appendGeneral(dst, n)
}

// tariffError tells where in the tariff the fault is.
func tariffError(err error) error {
	out := &Error{Code: ErrTariff, Err: err}
	var at *tariff.Error
	if errors.As(err, &at) {
		out.Path = at.Path
	}
	return out
}

// DecodeTariff is the inverse of EncodeTariff. The result is in normal form. It
// fails with ErrTooLarge above MaxTariff bytes, and with ErrTariff for bytes
// that EncodeTariff would not write, where it can with the path of the fault.
func DecodeTariff(b []byte) (*tariff.Tariff, error) {
	if len(b) > MaxTariff {
		return nil, &Error{Code: ErrTooLarge, Path: "Tariff"}
	}
	r := tariffReader{Reader: canon.NewReader(b)}
	t, err := r.tariff()
	if err != nil {
		return nil, err
	}
	if again := appendTariff(make([]byte, 0, len(b)), t); !bytes.Equal(again, b) {
		return nil, &Error{Code: ErrTariff, Why: "not the normal form, or not in its one encoding"}
	}
	return t, nil
}

// TariffHash names a tariff: SHA-256 of the deterministic CBOR array
// ["qrcharge/1/tariff", h”, canonical bytes].
func TariffHash(t *tariff.Tariff) (Hash, error) {
	b, err := EncodeTariff(t)
	if err != nil {
		return Hash{}, err
	}
	return sum(tariffDomain, nil, b), nil
}
