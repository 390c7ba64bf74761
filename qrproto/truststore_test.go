// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"crypto/ed25519"
	"errors"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func trustStore(t testing.TB) *qrproto.TrustStore {
	t.Helper()
	store, err := qrproto.NewTrustStore(rootKey(), trusted()[1])
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// trusts lists which of some ids a store knows, by their letters.
func trusts(store *qrproto.TrustStore, ids ...qrproto.KeyID) (known []qrproto.KeyID) {
	for _, id := range ids {
		if k, err := store.Key(id); err == nil && k != nil && k.ID == id {
			known = append(known, id)
		}
	}
	return known
}

// of is a snapshot that trusts these keys.
func of(epoch, least uint32, ids ...qrproto.KeyID) *qrproto.Trust {
	u := &qrproto.Trust{Epoch: epoch, Least: least}
	for i, id := range ids {
		d := delegation()
		d.ID, d.Public = []byte(id), testKey(byte(50+i)).Public().(ed25519.PublicKey)
		u.Delegations = append(u.Delegations, d)
	}
	return u
}

// TestSnapshotsReplaceEachOther is a device through its life: whoever is trusted
// at a time is in the newest snapshot, or was built in before the first.
func TestSnapshotsReplaceEachOther(t *testing.T) {
	store := trustStore(t)
	all := []qrproto.KeyID{rootID, issuerID, "a", "b"}
	if got := trusts(store, all...); store.Epoch() != 0 || store.Least() != 0 || !reflect.DeepEqual(got, []qrproto.KeyID{rootID, issuerID}) {
		t.Fatalf("as built: epoch %d, least %d, %q", store.Epoch(), store.Least(), got)
	}
	for _, c := range []struct {
		name         string
		snapshot     *qrproto.Trust
		err          error
		epoch, least uint32
		issuers      []qrproto.KeyID
	}{
		{"the first may be of any epoch", of(3, 2, "a"), nil, 3, 2, []qrproto.KeyID{"a"}},
		{"the same again", of(3, 2, "a"), qrproto.ErrStaleTrust, 3, 2, []qrproto.KeyID{"a"}},
		{"another of that epoch", of(3, 2, "b"), qrproto.ErrTrustConflict, 3, 2, []qrproto.KeyID{"a"}},
		{"another least of that epoch", of(3, 3, "a"), qrproto.ErrTrustConflict, 3, 2, []qrproto.KeyID{"a"}},
		{"an earlier one", of(2, 2, "b"), qrproto.ErrStaleTrust, 3, 2, []qrproto.KeyID{"a"}},
		{"the next", of(4, 0, "a", "b"), nil, 4, 0, []qrproto.KeyID{"a", "b"}},
		{"the first again", of(3, 2, "a"), qrproto.ErrStaleTrust, 4, 0, []qrproto.KeyID{"a", "b"}},
		{"one that breaks a rule", of(9, 10, "a"), qrproto.ErrField, 4, 0, []qrproto.KeyID{"a", "b"}},
		{"one that trusts nobody", of(100, 100), nil, 100, 100, nil},
		{"one that trusts a key anew", of(101, 0, issuerID), nil, 101, 0, []qrproto.KeyID{issuerID}},
		{"the last epoch of all", of(1<<32-1, 0, "b"), nil, 1<<32 - 1, 0, []qrproto.KeyID{"b"}},
	} {
		if err := store.Fresh(c.snapshot); !errors.Is(err, c.err) {
			t.Errorf("%s: fresh: %v, want %v", c.name, err, c.err)
		}
		err := store.Apply(c.snapshot)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
		}
		if code := qrproto.CodeOf(err); code == qrproto.ErrStaleTrust || code == qrproto.ErrTrustConflict {
			if wantError(t, err, code, "Epoch"); kindOf(err) != qrproto.KindTrust {
				t.Errorf("%s: of kind %v", c.name, kindOf(err))
			}
		}
		want := append([]qrproto.KeyID{rootID}, c.issuers...)
		if got := trusts(store, all...); store.Epoch() != c.epoch || store.Least() != c.least || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: epoch %d, least %d, %q", c.name, store.Epoch(), store.Least(), got)
		}
	}
}

// A snapshot with one key that cannot be used is not taken at all, and nothing of
// it is.
func TestSnapshotIsTakenAsAWhole(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*qrproto.Delegation)
		path   string
	}{
		"no point":         {func(d *qrproto.Delegation) { d.Public = noPoint() }, "Delegations[1].Public"},
		"no point of P256": {func(d *qrproto.Delegation) { d.Public = append(append([]byte{3}, make([]byte, 31)...), 1) }, "Delegations[1].Public"},
		"the id of a root": {func(d *qrproto.Delegation) { d.ID = []byte(rootID) }, "Delegations[1].ID"},
	} {
		store := trustStore(t)
		u := of(7, 0, "a", "b")
		c.change(&u.Delegations[1])
		if err := store.Fresh(u); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		err := store.Apply(u)
		wantError(t, err, qrproto.ErrBadKey, c.path)
		if kindOf(err) != qrproto.KindTrust {
			t.Errorf("%s: of kind %v", name, kindOf(err))
		}
		if store.Epoch() != 0 || len(trusts(store, "a", "b")) != 0 || len(trusts(store, issuerID)) != 1 {
			t.Errorf("%s: something was taken: epoch %d", name, store.Epoch())
		}
		if err := store.Apply(of(7, 0, "a", "b")); err != nil {
			t.Errorf("%s: the sound one: %v", name, err)
		}
	}
}

func TestSmallOrderIsRefusedBeforeASnapshotCounts(t *testing.T) {
	store := trustStore(t)
	u := of(7, 0, "a")
	u.Delegations[0].Public = weakKey()
	wantError(t, store.Fresh(u), qrproto.ErrField, "Delegations[0].Public")
	wantError(t, store.Apply(u), qrproto.ErrField, "Delegations[0].Public")
	wantError(t, store.Apply(nil), qrproto.ErrMalformed, "")
}

func TestKeysThatNoStoreTakes(t *testing.T) {
	key := func(id qrproto.KeyID, kinds ...qrproto.Kind) qrproto.Key {
		return qrproto.Key{ID: id, Public: testKey(9).Public(), Kinds: kinds}
	}
	weak := key("weak", qrproto.KindStartOrder)
	weak.Public = weakKey()
	for name, keys := range map[string][]qrproto.Key{
		"a root that sells":        {key("a", qrproto.KindTrust, qrproto.KindStartOrder)},
		"a root of an issuer's id": {key("a", qrproto.KindStartOrder), key("a", qrproto.KindTrust)},
		"two issuers of one id":    {key("a", qrproto.KindStartOrder), key("a", qrproto.KindReceipt)},
		"a weak key":               {rootKey(), weak},
		"a key for nothing":        {key("a")},
	} {
		if store, err := qrproto.NewTrustStore(keys...); store != nil || !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("%s: %v, %v", name, store, err)
		}
	}
	store, err := qrproto.NewTrustStore()
	if err != nil || len(trusts(store, rootID, "")) != 0 {
		t.Errorf("no keys: %v", err)
	}
	if err := new(qrproto.TrustStore).Apply(of(1, 0, "a")); err != nil {
		t.Errorf("the zero store: %v", err)
	}
}

// A delegated key signs what its rights say and nothing else: Open sees to it, as
// for any key. No snapshot can make a root.
func TestStoreOpensByTheRightsOfItsSnapshot(t *testing.T) {
	store := trustStore(t)
	u := snapshot(1)
	u.Delegations[0].Rights = qrproto.RightOrder | qrproto.RightAcknowledge
	code := seal(t, u)
	opened, err := qrproto.As[*qrproto.Trust](qrproto.Open(code.Text(), store))
	if err != nil || store.Apply(opened) != nil {
		t.Fatal(err)
	}
	o, err := qrproto.Open(seal(t, startOrder(t)).Text(), store)
	if err != nil {
		t.Fatal(err)
	}
	want := &qrproto.Caps{Fleet: number[:3], Currency: "CNY", Amount: 65_000, Quota: 500, Acknowledge: true}
	if !reflect.DeepEqual(o.Key.Caps, want) {
		t.Errorf("caps %+v, want %+v", o.Key.Caps, want)
	}
	for _, p := range []qrproto.Payload{receipt(), stopOrder(), voucher()} {
		_, err := qrproto.Open(seal(t, p).Text(), store)
		wantError(t, err, qrproto.ErrKeyUsage, "")
	}
	byIssuer, err := qrproto.Seal(of(99, 0), issuerSigner())
	if err != nil {
		t.Fatal(err)
	}
	_, err = qrproto.Open(byIssuer.Text(), store)
	wantError(t, err, qrproto.ErrKeyUsage, "")
}

// Whoever changes a snapshot after it was applied changes nothing in the store.
func TestStoreSharesNothingWithItsSnapshot(t *testing.T) {
	store := trustStore(t)
	u := snapshot(1)
	if err := store.Apply(u); err != nil {
		t.Fatal(err)
	}
	again := snapshot(1)
	d := &u.Delegations[0]
	d.ID[0], d.Public[5], d.Fleet[0] = 'X', d.Public[5]^1, 0xff
	u.Epoch, u.Least = 1, 1
	k, err := store.Key(issuerID)
	if err != nil || k == nil || !reflect.DeepEqual(k.Public, testKey(2).Public()) || k.Caps.Fleet[0] != number[0] || store.Epoch() != 41 || store.Least() != 40 {
		t.Errorf("%+v, epoch %d (%v)", k, store.Epoch(), err)
	}
	if err := store.Apply(again); !errors.Is(err, qrproto.ErrStaleTrust) {
		t.Errorf("the same again: %v", err)
	}
}
