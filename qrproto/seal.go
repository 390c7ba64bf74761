// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto/internal/cose"
)

// Seal encodes and signs a payload. It fails with ErrField and the like if the
// payload breaks a rule of its kind, with ErrTooLarge if it does not fit
// MaxBytes, and with ErrSigner if the signer fails or returns what does not
// verify: a fault during signing can give away a private key.
func Seal(p Payload, s Signer) (Code, error) {
	payload, err := encode(p)
	if err != nil {
		return Code{}, err
	}
	kind := p.Kind()
	if s.Key == nil {
		return Code{}, &Error{Code: ErrSigner, Kind: kind, Why: "no key"}
	}
	if n := p.number(); n != nil && (len(s.ID) != len(n)+1 || !bytes.HasPrefix([]byte(s.ID), n)) {
		return Code{}, &Error{Code: ErrField, Kind: kind, Path: "Number", Why: "not that of key " + s.ID.String()}
	}
	signature, alg, err := sign(s, kind, payload)
	if err != nil {
		return Code{}, &Error{Code: ErrSigner, Kind: kind, Err: err}
	}
	whole := cose.Append(nil, alg, []byte(s.ID), payload, signature)
	if len(whole) > MaxBytes {
		return Code{}, &Error{Code: ErrTooLarge, Kind: kind, Why: fmt.Sprintf("%d bytes", len(whole))}
	}
	return Code{kind, whole}, nil
}

func sign(s Signer, kind Kind, payload []byte) ([]byte, int8, error) {
	if n := len(s.ID); n < 1 || n > cose.MaxKeyID {
		return nil, 0, fmt.Errorf("key id of %d bytes", n)
	}
	alg, err := algorithmOf(s.Key.Public())
	if err != nil {
		return nil, 0, err
	}
	message := cose.AppendToBeSigned(nil, alg.id(), []byte(s.ID), kind.domain(), payload)
	signature, err := alg.sign(s.Key, message)
	if err != nil {
		return nil, 0, err
	}
	if len(signature) != cose.SignatureSize || !alg.verify(message, signature) {
		return nil, 0, ErrSignature
	}
	return signature, alg.id(), nil
}
