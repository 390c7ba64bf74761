// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// FuzzTrustStore shows snapshots of a root to a store, from a script: what is in
// force afterwards is what the newest of them says, and nothing else.
func FuzzTrustStore(f *testing.F) {
	root := newRepairer('T')
	keys := []qrproto.Key{
		{ID: "root", Public: root.public, Kinds: []qrproto.Kind{qrproto.KindTrust}},
		{ID: "own", Public: pointOf(bytes.Repeat([]byte{2}, 32)), Kinds: []qrproto.Kind{qrproto.KindStartOrder}},
	}
	var pool []qrproto.Delegation
	for i := range byte(14) {
		pool = append(pool, delegation(f, i))
	}
	noPoint := append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...)
	pool = append(pool, qrproto.Delegation{ID: []byte("root"), Public: pool[0].Public, Rights: 1},
		qrproto.Delegation{ID: []byte("z"), Public: noPoint, Rights: 1})
	for _, script := range []string{"", "\x01\x00\x00\x03", "\x01\x00\x00\x03\x01\x00\x00\x03", "\x02\x01\x00\x07\x01\x00\x00\x03\x02\x00\x00\x03",
		"\x03\x02\x80\x00\x04\x04\x00\x00\x05\x00\x00\x01", "\x01\x00\x01\x01\x01\x00\x00\x01"} {
		f.Add([]byte(script))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		store, err := qrproto.NewTrustStore(keys...)
		if err != nil {
			t.Fatal(err)
		}
		v := visit{t: t, store: store, root: qrproto.Signer{ID: "root", Key: root}}
		for in := (&fuzzed{script[:min(len(script), 64)]}); len(in.rest) > 0; {
			v.show(snapshot(in, pool))
		}
	})
}

// delegation is one of many: i says which bounds and rights it has.
func delegation(t testing.TB, i byte) qrproto.Delegation {
	d := qrproto.Delegation{ID: []byte{'k', i}, Fleet: bytes.Repeat([]byte{0x32}, int(i%8)), Rights: qrproto.Rights(i%7 + 1 | i&8)}
	if i&1 != 0 {
		d.Currency, d.Amount = "CNY", 10_000*int64(i)
	}
	if i&2 != 0 {
		d.Quota = uint32(i)
	}
	d.Public = pointOf(bytes.Repeat([]byte{i}, 32))
	if i&4 != 0 {
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{i + 1}, 32))
		if err != nil {
			t.Fatal(err)
		}
		d.Public = elliptic.MarshalCompressed(key.Curve, key.X, key.Y)
	}
	return d
}

// snapshot is one that a script describes: an epoch, the least, and two bytes of
// bits for the delegations.
func snapshot(in *fuzzed, pool []qrproto.Delegation) *qrproto.Trust {
	s := &qrproto.Trust{Epoch: uint32(in.byte() % 8), Least: uint32(in.byte() % 8)}
	bits := int(in.byte())<<8 | int(in.byte())
	for i := range pool {
		if bits>>i&1 != 0 {
			s.Delegations = append(s.Delegations, pool[i])
		}
	}
	return s
}

// visit is a store, and the snapshots that are in force there by what the
// specification says.
type visit struct {
	t     *testing.T
	store *qrproto.TrustStore
	root  qrproto.Signer
	force *qrproto.Trust
}

func (v *visit) show(s *qrproto.Trust) {
	code, err := qrproto.Seal(s, v.root)
	if err != nil {
		return // breaks a rule of its kind
	}
	opened, err := qrproto.As[*qrproto.Trust](qrproto.Open(code.Text(), v.store))
	if err != nil {
		v.t.Fatalf("%+v is refused by the root's own device: %v", s, err)
	}
	before := v.keys()
	fresh, err := v.store.Fresh(opened), v.store.Apply(opened)
	if fresh != nil && qrproto.CodeOf(fresh) != qrproto.CodeOf(err) {
		v.t.Fatalf("fresh: %v, applied: %v", fresh, err)
	}
	if want := v.verdict(opened); qrproto.CodeOf(err) != want {
		v.t.Fatalf("%+v over %+v: %v, want %d", s, v.force, err, want)
	}
	if err == nil {
		v.force = opened
	} else if !reflect.DeepEqual(v.keys(), before) {
		v.t.Fatalf("refused with %v, and changed", err)
	}
	v.inForce()
}

// verdict is the error that a snapshot must meet with, 0 for none.
func (v *visit) verdict(s *qrproto.Trust) qrproto.ErrorCode {
	switch {
	case v.force != nil && s.Epoch < v.force.Epoch:
		return qrproto.ErrStaleTrust
	case v.force != nil && s.Epoch == v.force.Epoch && reflect.DeepEqual(s, v.force):
		return qrproto.ErrStaleTrust
	case v.force != nil && s.Epoch == v.force.Epoch:
		return qrproto.ErrTrustConflict
	}
	for _, d := range s.Delegations {
		if string(d.ID) == "root" || string(d.ID) == "z" {
			return qrproto.ErrBadKey
		}
	}
	return 0
}

// keys are what the store has for every id that the pool or the device knows.
func (v *visit) keys() (out []qrproto.Key) {
	ids := []qrproto.KeyID{"root", "own", "z"}
	for i := range byte(14) {
		ids = append(ids, qrproto.KeyID([]byte{'k', i}))
	}
	for _, id := range ids {
		switch k, err := v.store.Key(id); {
		case err != nil:
			v.t.Fatal(err)
		case k != nil:
			out = append(out, *k)
		}
	}
	return out
}

// inForce holds the store against the snapshot in force.
func (v *visit) inForce() {
	ids := []string{"root", "own"}
	epoch, least := uint32(0), uint32(0)
	if v.force != nil {
		ids, epoch, least = []string{"root"}, v.force.Epoch, v.force.Least
		for _, d := range v.force.Delegations {
			ids = append(ids, string(d.ID))
		}
	}
	var have []string
	for _, k := range v.keys() {
		have = append(have, string(k.ID))
		if caps := k.Caps; caps == nil && k.ID != "root" && k.ID != "own" {
			v.t.Fatalf("key %v has no bounds", k.ID)
		}
	}
	slices.Sort(ids)
	slices.Sort(have)
	if !slices.Equal(have, ids) || v.store.Epoch() != epoch || v.store.Least() != least {
		v.t.Fatalf("trusts %q at epoch %d, least %d, want %+v", have, v.store.Epoch(), v.store.Least(), v.force)
	}
}
