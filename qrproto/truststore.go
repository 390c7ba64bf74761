// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"fmt"
	"slices"
)

// TrustStore is whom a device trusts, as Keys: its roots, which sign snapshots,
// and the issuers of the newest snapshot. It keeps nothing durably: whoever has
// one writes down the code of each snapshot that Apply takes, and applies it again
// after a restart. The zero TrustStore trusts nobody. One goroutine at a time may
// use it.
type TrustStore struct {
	roots   KeyList
	issuers KeyList
	epoch   uint32 // of the snapshot in force; 0 before the first
	least   uint32
	sum     Hash
}

// NewTrustStore returns a store that trusts these keys: those for snapshots are
// roots, for good; the others are issuers until the first snapshot. It fails with
// ErrBadKey for a key that Validate refuses, for one that is both, and for two of
// one id.
func NewTrustStore(keys ...Key) (*TrustStore, error) {
	s := new(TrustStore)
	for i := range keys {
		k := &keys[i]
		if err := k.Validate(); err != nil {
			return nil, err
		}
		if known, _ := s.Key(k.ID); known != nil {
			return nil, &Error{Code: ErrBadKey, Why: "two keys of id " + k.ID.String()}
		}
		switch root := slices.Contains(k.Kinds, KindTrust); {
		case root && len(k.Kinds) > 1:
			return nil, &Error{Code: ErrBadKey, Why: "key " + k.ID.String() + " is a root and something else"}
		case root:
			s.roots = append(s.roots, *k)
		default:
			s.issuers = append(s.issuers, *k)
		}
	}
	return s, nil
}

// Key returns the key of that id, or nil.
func (s *TrustStore) Key(id KeyID) (*Key, error) {
	if k, _ := s.roots.Key(id); k != nil {
		return k, nil
	}
	return s.issuers.Key(id)
}

// Epoch is that of the snapshot in force, 0 before the first.
func (s *TrustStore) Epoch() uint32 { return s.epoch }

// Least is the lowest epoch that an order must name, 0 for any.
func (s *TrustStore) Least() uint32 { return s.least }

// Fresh tells whether a snapshot is newer than the one in force: nil for one to be
// applied. It fails with ErrStaleTrust for the one in force and for one of an
// earlier epoch, with ErrTrustConflict for another one of the same epoch, for which
// a root was used twice, and as Seal does for one that breaks a rule of its kind.
// Who signed it makes no difference.
func (s *TrustStore) Fresh(t *Trust) error {
	_, err := s.fresh(t)
	return err
}

// fresh returns the hash of a snapshot that is newer.
func (s *TrustStore) fresh(t *Trust) (Hash, error) {
	sum, err := Sum(t)
	switch {
	case err != nil:
		return sum, err
	case t.Epoch > s.epoch:
		return sum, nil
	case t.Epoch == s.epoch && sum != s.sum:
		return sum, &Error{Code: ErrTrustConflict, Kind: KindTrust, Path: "Epoch"}
	}
	return sum, &Error{Code: ErrStaleTrust, Kind: KindTrust, Path: "Epoch", Why: fmt.Sprintf("%d, in force is %d", t.Epoch, s.epoch)}
}

// Apply puts a snapshot into force that Open has verified. It is taken as a whole
// or not at all: besides what Fresh tells, Apply fails with ErrBadKey where a key
// in it cannot be used or has the id of a root. The store shares no memory with t.
func (s *TrustStore) Apply(t *Trust) error {
	sum, err := s.fresh(t)
	if err != nil {
		return err
	}
	issuers, err := s.delegated(t)
	if err != nil {
		return err
	}
	s.issuers, s.epoch, s.least, s.sum = issuers, t.Epoch, t.Least, sum
	return nil
}

// delegated returns the keys of a snapshot.
func (s *TrustStore) delegated(t *Trust) (KeyList, error) {
	var list KeyList
	for i := range t.Delegations {
		k, err := t.Delegations[i].Key()
		if err != nil {
			return nil, ofItem("Delegations", i, &Error{Code: ErrBadKey, Kind: KindTrust, Path: "Public", Err: err})
		}
		if root, _ := s.roots.Key(k.ID); root != nil {
			return nil, ofItem("Delegations", i, &Error{Code: ErrBadKey, Kind: KindTrust, Path: "ID", Why: "that of a root"})
		}
		list = append(list, k)
	}
	return list, nil
}

var _ Keys = (*TrustStore)(nil)
