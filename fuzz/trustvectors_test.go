// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// trustSet is a device that is shown snapshots.
type trustSet struct {
	Comment string      `json:"comment"`
	Keys    vectorKeys  `json:"keys"`
	Steps   []trustStep `json:"steps"`
}

type trustStep struct {
	Comment   string     `json:"comment"`
	Text      string     `json:"text"`
	Error     int        `json:"error"`
	ErrorName string     `json:"error_name"`
	Epoch     uint32     `json:"epoch"`
	Least     uint32     `json:"least"`
	Trusted   vectorKeys `json:"trusted"`
}

// TestTrustVectors shows each snapshot in turn, to the store of the device before
// and to a new one that is shown only what was taken: a device that was off.
func TestTrustVectors(t *testing.T) {
	for name, v := range load[trustSet](t, "trust") {
		store, err := qrproto.NewTrustStore(v.Keys.trust()...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, step := range v.Steps {
			err := applyText(store, step.Text)
			if code := qrproto.CodeOf(err); int(code) != step.Error || code != errorNames[step.ErrorName] {
				t.Errorf("%s, step %d: want %d, have %v", name, i, step.Error, err)
			}
			holdTrust(t, name, store, &v, step)
			if step.Error != 0 {
				continue
			}
			again, err := qrproto.NewTrustStore(v.Keys.trust()...)
			if err != nil || applyText(again, step.Text) != nil {
				t.Errorf("%s, step %d: not taken by another (%v)", name, i, err)
			}
			holdTrust(t, name, again, &v, step)
		}
	}
}

func applyText(store *qrproto.TrustStore, text string) error {
	u, err := qrproto.As[*qrproto.Trust](qrproto.Open(text, store))
	if err != nil {
		return err
	}
	return store.Apply(u)
}

// holdTrust holds a store against what a step leaves: each key of the vector is
// there if it should be, with its point and its kinds.
func holdTrust(t *testing.T, name string, store *qrproto.TrustStore, v *trustSet, left trustStep) {
	t.Helper()
	if store.Epoch() != left.Epoch || store.Least() != left.Least {
		t.Errorf("%s: epoch %d, least %d, want %d, %d", name, store.Epoch(), store.Least(), left.Epoch, left.Least)
	}
	all := slices.Clone(v.Keys)
	for _, step := range v.Steps {
		all = append(all, step.Trusted...)
	}
	roots := slices.DeleteFunc(slices.Clone(v.Keys), func(k vectorKey) bool { return k.Kinds != "T" })
	trusted := append(roots, left.Trusted...)
	for _, k := range all {
		got, err := store.Key(qrproto.KeyID(k.ID))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(trusted, func(w vectorKey) bool { return bytes.Equal(w.ID, k.ID) })
		if i < 0 {
			if got != nil {
				t.Errorf("%s: key %x is trusted", name, k.ID)
			}
			continue
		}
		want := trusted[i : i+1].trust()[0]
		if got == nil || !reflect.DeepEqual(got.Public, want.Public) || !reflect.DeepEqual(got.Kinds, want.Kinds) {
			t.Errorf("%s: key %x is %+v, want %+v", name, k.ID, got, want)
		}
	}
}
