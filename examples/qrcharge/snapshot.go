// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"github.com/seed81979277/qrcharge/qrproto"
)

// underSnapshot are the keys that a device trusts that has taken a snapshot: its
// roots, the issuers of the snapshot, and no other. Keys of devices, which no
// snapshot has, stay.
func underSnapshot(keys qrproto.KeyList, source string, stdin io.Reader) (qrproto.Keys, error) {
	var devices, others qrproto.KeyList
	for _, k := range keys {
		if len(k.Number) > 0 {
			devices = append(devices, k)
		} else {
			others = append(others, k)
		}
	}
	store, err := qrproto.NewTrustStore(others...)
	if err != nil {
		return nil, misuse(err)
	}
	if _, err := applySnapshot(store, source, stdin); err != nil {
		return nil, err
	}
	return qrproto.KeyFunc(func(id qrproto.KeyID) (*qrproto.Key, error) {
		if k, _ := devices.Key(id); k != nil {
			return k, nil
		}
		return store.Key(id)
	}), nil
}

// applySnapshot opens a snapshot under the roots of a store and puts it into
// force.
func applySnapshot(store *qrproto.TrustStore, source string, stdin io.Reader) (*qrproto.Trust, error) {
	t, err := openAs[*qrproto.Trust](source, stdin, store)
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w", shortened(source, maxKey), err)
	}
	if err := store.Apply(t); err != nil {
		return nil, &failure{exitUnverified, "snapshot", err}
	}
	return t, nil
}

// openAs reads and verifies a code of one kind.
func openAs[P qrproto.Payload](source string, stdin io.Reader, keys qrproto.Keys) (P, error) {
	var none P
	text, err := readText(source, stdin)
	if err != nil {
		return none, unreadable(err)
	}
	if _, err := qrproto.ParseCode(text); err != nil {
		return none, unreadable(err)
	}
	p, err := qrproto.As[P](qrproto.Open(text, keys))
	if err != nil {
		return none, &failure{exitUnverified, "not verified", err}
	}
	return p, nil
}
