// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"fmt"
	"slices"
)

// TrustStore is whom a device trusts, as Keys: its roots, which sign snapshots,
// and the issuers of the newest snapshot. It keeps nothing durably: whoever has
// one writes down the code of each snapshot that Apply takes, and applies it again
// after a restart.
type TrustStore struct {
	roots   KeyList
	issuers KeyList
	trust   *Trust // in force; nil before the first
	sum     Hash   // of it
}

// NewTrustStore returns a store that trusts these keys: those for snapshots are
// roots, for good; the others are issuers until the first snapshot. A key cannot
// be both.
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
func (s *TrustStore) Epoch() uint32 {
	if s.trust == nil {
		return 0
	}
	return s.trust.Epoch
}

// Least is the lowest epoch that an order must name.
func (s *TrustStore) Least() uint32 {
	if s.trust == nil {
		return 0
	}
	return s.trust.Least
}

// Fresh tells whether Apply would change anything: nil for a snapshot to be
// applied. It fails with ErrStaleTrust for the one in force and for one of an
// earlier epoch, and with ErrTrustConflict for another one of the same epoch, in
// which case a root was used twice.
func (s *TrustStore) Fresh(t *Trust) error {
	sum, err := Sum(t)
	switch {
	case err != nil:
		return err
	case t.Epoch > s.Epoch():
		return nil
	case t.Epoch == s.Epoch() && sum != s.sum:
		return &Error{Code: ErrTrustConflict, Kind: KindTrust, Path: "Epoch"}
	}
	return &Error{Code: ErrStaleTrust, Kind: KindTrust, Path: "Epoch", Why: fmt.Sprintf("%d, in force is %d", t.Epoch, s.Epoch())}
}

// Apply puts a snapshot that Open has verified into force. It is taken as a
// whole or not at all: besides what Fresh tells, it fails with ErrBadKey where a
// key in it is unusable or has the id of a root.
func (s *TrustStore) Apply(t *Trust) error {
	if err := s.Fresh(t); err != nil {
		return err
	}
	var issuers KeyList
	for i := range t.Delegations {
		k, err := t.Delegations[i].Key()
		if err != nil {
			return err
		}
		if root, _ := s.roots.Key(k.ID); root != nil {
			return &Error{Code: ErrBadKey, Kind: KindTrust, Path: "Delegations.ID", Why: "the id of a root"}
		}
		issuers = append(issuers, k)
	}
	sum, err := Sum(t)
	if err != nil {
		return err
	}
	s.issuers, s.trust, s.sum = issuers, t, sum
	return nil
}

var _ Keys = (*TrustStore)(nil)
