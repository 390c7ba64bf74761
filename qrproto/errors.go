// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"errors"
	"fmt"
	"strings"
)

// ErrorCode is a sentinel that is its number: ErrSignature is E-106 to a driver
// and to whoever answers the phone. A number is never given to something else.
// 1xx are this package's, 2xx settle's, 3xx the charger's, 4xx the server's.
// Texts for people are left to applications.
type ErrorCode int

// The codes of this package.
const (
	ErrOther        ErrorCode = 100 // an error without a code of its own
	ErrTooLarge     ErrorCode = 101 // above a limit of size, before anything was parsed
	ErrText         ErrorCode = 102 // not the text of a code: no mark before the last slash
	ErrVersion      ErrorCode = 103 // a version of the wire unknown here
	ErrKind         ErrorCode = 104 // a kind unknown here, or not the one asked for
	ErrDigits       ErrorCode = 105 // the digits of the text are damaged
	ErrSignature    ErrorCode = 106 // the signature does not verify
	ErrEnvelope     ErrorCode = 107 // not a COSE_Sign1 of the one shape used
	ErrAlgorithm    ErrorCode = 108 // header and key disagree, or no such algorithm
	ErrUnknownKey   ErrorCode = 109 // no trusted key of that id
	ErrKeyUsage     ErrorCode = 110 // the key is not trusted for this kind
	ErrBadKey       ErrorCode = 111 // a key that must not be used: weak, not canonical, wrong type
	ErrMalformed    ErrorCode = 112 // the payload is not CBOR of the kind used
	ErrNotCanonical ErrorCode = 113 // right in meaning, not in its one encoding
	ErrField        ErrorCode = 114 // a field of the wrong type, size or range
	ErrMissing      ErrorCode = 115 // a required field is absent
	ErrUnknownField ErrorCode = 116 // a key that the map of the kind does not have
	ErrCritical     ErrorCode = 117 // a critical extension unknown here
	ErrTariff       ErrorCode = 118 // tariff bytes that are not one tariff in normal form
	ErrLink         ErrorCode = 119 // a base that a link cannot be made with
	ErrSigner       ErrorCode = 120 // the signer failed, or its signature does not verify
	ErrKeyFile      ErrorCode = 121 // a key file that cannot be read
	ErrPassphrase   ErrorCode = 122 // the passphrase does not open the key file, or the file was altered
	ErrKeyCost      ErrorCode = 123 // a key file that asks for too much or too little work
	ErrPart         ErrorCode = 124 // one part of a code, where a whole code is asked for
	ErrBadPart      ErrorCode = 125 // a part whose head or length is not that of any part
	ErrForeignPart  ErrorCode = 126 // a part of another code than the one under way
	ErrPartConflict ErrorCode = 127 // parts that contradict each other or what they name
	ErrParts        ErrorCode = 128 // a code that does not fit so small parts

	ErrStaleTrust    ErrorCode = 129 // a trust snapshot that is not newer than the one in force
	ErrTrustConflict ErrorCode = 130 // another trust snapshot of the epoch in force
)

var codeText = map[ErrorCode]string{
	ErrOther:        "unclassified error",
	ErrTooLarge:     "too large",
	ErrText:         "not the text of a code",
	ErrVersion:      "unknown version",
	ErrKind:         "another kind, or an unknown one",
	ErrDigits:       "damaged digits",
	ErrSignature:    "signature does not verify",
	ErrEnvelope:     "envelope is not the one used",
	ErrAlgorithm:    "algorithm does not fit the key",
	ErrUnknownKey:   "unknown key",
	ErrKeyUsage:     "key not trusted for this kind",
	ErrBadKey:       "unusable key",
	ErrMalformed:    "malformed payload",
	ErrNotCanonical: "payload not in its one encoding",
	ErrField:        "field out of range",
	ErrMissing:      "required field missing",
	ErrUnknownField: "unknown field",
	ErrCritical:     "unknown critical extension",
	ErrTariff:       "unusable tariff",
	ErrLink:         "unusable link",
	ErrSigner:       "signing failed",
	ErrKeyFile:      "unreadable key file",
	ErrPassphrase:   "wrong passphrase",
	ErrKeyCost:      "key file out of bounds in cost",
	ErrPart:         "one part of a code",
	ErrBadPart:      "damaged part",
	ErrForeignPart:  "part of another code",
	ErrPartConflict: "contradicting parts",
	ErrParts:        "too large for parts of this size",

	ErrStaleTrust:    "trust is not newer",
	ErrTrustConflict: "contradicting trust",
}

// Error names the code, as in "E-106 signature does not verify".
func (c ErrorCode) Error() string {
	if text := codeText[c]; text != "" {
		return fmt.Sprintf("E-%d %s", int(c), text)
	}
	return fmt.Sprintf("E-%d", int(c))
}

// CodeOf returns the code of an error: 0 for nil, ErrOther for one that has
// none.
func CodeOf(err error) ErrorCode {
	var code ErrorCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return code
	}
	return ErrOther
}

// Error is what every function of this package fails with. errors.Is finds its
// Code, and its Err where there is one.
type Error struct {
	Code ErrorCode
	Kind Kind   // 0 where it is not known yet
	Path string // the field at fault, as in Go: "Challenge.Nonce"
	Why  string // for developers; may be empty
	// Unverified is what the code says, where it could be read although it
	// could not be verified. It proves nothing: show it to a developer, never
	// act on it.
	Unverified Payload
	// UnverifiedKey is the key id that the code names, if it could be read.
	UnverifiedKey KeyID
	Err           error // the cause, or nil
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code.Error())
	if e.Kind != 0 {
		fmt.Fprintf(&b, ", kind %v", e.Kind)
	}
	for _, part := range []string{e.Path, e.Why} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives errors.Is the code and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Err}
}
