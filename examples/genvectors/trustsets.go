// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A trustSet is a device that is shown snapshots, one after the other.
type trustSet struct {
	name, comment string
	keys          []key // provisioned
	steps         []trustStep
}

// A trustStep is one showing. If code is not 0, it changes nothing.
type trustStep struct {
	comment string
	shown   draft
	code    qrproto.ErrorCode
	trusted []key // beside the roots, if code is 0
}

type trustSetJSON struct {
	Comment string          `json:"comment"`
	Keys    []key           `json:"keys"`
	Steps   []trustStepJSON `json:"steps"`
}

type trustStepJSON struct {
	Comment   string `json:"comment"`
	Text      string `json:"text"`
	Error     int    `json:"error"`
	ErrorName string `json:"error_name"`
	Epoch     int64  `json:"epoch"`
	Least     int64  `json:"least"`
	Trusted   []key  `json:"trusted"`
}

func (s trustSet) vector() any {
	v := trustSetJSON{Comment: s.comment, Keys: s.keys}
	now := trustStepJSON{Trusted: slices.DeleteFunc(slices.Clone(s.keys), func(k key) bool { return k.Kinds == "T" })}
	for _, step := range s.steps {
		now.Comment, now.Text = step.comment, step.shown.text()
		now.Error, now.ErrorName = int(step.code), errorName(step.code)
		if step.code == 0 {
			now.Epoch, now.Least, now.Trusted = step.at(1), step.at(2), step.trusted
		}
		v.Steps = append(v.Steps, now)
	}
	return v
}

// at is a number of the snapshot, 0 where it is absent.
func (s trustStep) at(key int64) int64 {
	n, _ := s.shown.payload.(object).get(key).(number)
	return int64(n)
}

func (s trustSet) check() error {
	store, err := qrproto.NewTrustStore(trust(s.keys)...)
	if err != nil {
		return err
	}
	for i, step := range s.vector().(trustSetJSON).Steps {
		t, err := qrproto.As[*qrproto.Trust](qrproto.Open(step.Text, store))
		if err == nil {
			err = store.Apply(t)
		}
		if code := qrproto.CodeOf(err); int(code) != step.Error {
			return fmt.Errorf("step %d: want %d, have %w", i, step.Error, err)
		}
		if err := trusts(store, step, s.everybody()); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// trusts holds a store against what a step leaves behind.
func trusts(store *qrproto.TrustStore, want trustStepJSON, everybody []key) error {
	if int64(store.Epoch()) != want.Epoch || int64(store.Least()) != want.Least {
		return fmt.Errorf("epoch %d, least %d", store.Epoch(), store.Least())
	}
	var all []error
	for _, k := range everybody {
		known := slices.ContainsFunc(want.Trusted, func(w key) bool { return slices.Equal(w.ID, k.ID) }) || k.Kinds == "T"
		if got, err := store.Key(qrproto.KeyID(k.ID)); err != nil || (got != nil) != known {
			all = append(all, fmt.Errorf("key %x: %v (%w)", k.ID, got, err))
		}
	}
	return errors.Join(all...)
}

// everybody is each key that is trusted at some time.
func (s trustSet) everybody() []key {
	all := slices.Clone(s.keys)
	for _, step := range s.steps {
		if step.code == 0 {
			all = append(all, step.trusted...)
		}
	}
	return all
}

// show is a snapshot by a root that names these issuers. They ascend.
func show(comment string, epoch, least int64, issuers ...signer) trustStep {
	step := trustStep{comment: comment, trusted: []key{}}
	var list []item
	for _, s := range issuers {
		s.Kinds = "OXR"
		step.trusted = append(step.trusted, s.key)
		list = append(list, delegate(s.key))
	}
	step.shown = newDraft("T", snapshot(epoch, least, list...))
	return step
}

// signedBy changes who signed a step.
func (s trustStep) signedBy(by signer) trustStep {
	s.shown = s.shown.signedBy(by)
	return s
}

// refused is a step that changes nothing.
func (s trustStep) refused(code qrproto.ErrorCode) trustStep {
	s.code = code
	return s
}

// with changes one item of the last delegation of a step.
func (s trustStep) with(at int, value item) trustStep {
	l := slices.Clone(s.shown.payload.(object).get(3).(list))
	l[len(l)-1] = l[len(l)-1].(list).put(at, value)
	s.shown.payload = s.shown.payload.(object).with(3, l)
	return s
}

// renamed is the same signer under another id.
func renamed(s signer, id string) signer {
	s.ID = octetsHex(id)
	return s
}

func otherRoot() signer { return newSigner(9, []byte("roo2"), nil, "T").withP256(0x29) }

func trustSets() []trustSet {
	two := []key{root().key, otherRoot().key, issuer().key}
	one, other := seller(), second()
	sets := []trustSet{
		{"rising", "epochs rise, with gaps; each snapshot replaces all that was trusted but the roots", two, []trustStep{
			show("the first, of any epoch", 5, 0, other),
			show("the next brings the issuer back", 6, 0, one, other),
			show("a gap, and orders of before end", 1000, 1000, one),
			show("the least epoch may fall again", 1001, 3, one),
			show("the last epoch of all", maxUint32, 0, other),
		}},
		{"stale", "what is older than the one in force, or is that one, changes nothing", two, []trustStep{
			show("in force", 5, 5, one),
			show("of an earlier epoch", 4, 0, one, other).refused(qrproto.ErrStaleTrust),
			show("the first epoch", 1, 0, other).refused(qrproto.ErrStaleTrust),
			show("the same again; a device takes it without an error", 5, 5, one).refused(qrproto.ErrStaleTrust),
			show("the same by the other root", 5, 5, one).signedBy(otherRoot()).refused(qrproto.ErrStaleTrust),
			show("newer", 6, 5, one, other).signedBy(otherRoot()),
			show("the one before", 5, 5, one).refused(qrproto.ErrStaleTrust),
		}},
		{"conflict", "two snapshots of one epoch that differ: a root was used twice", two, []trustStep{
			show("in force", 5, 4, one),
			show("another key", 5, 4, other).refused(qrproto.ErrTrustConflict),
			show("another least epoch", 5, 5, one).refused(qrproto.ErrTrustConflict),
			show("another quota", 5, 4, one).with(ofQuota, number(501)).refused(qrproto.ErrTrustConflict),
			show("nobody", 5, 4).signedBy(otherRoot()).refused(qrproto.ErrTrustConflict),
			show("newer", 6, 4, other),
		}},
		{"nobody", "an empty list revokes everybody, and the roots can trust again", two, []trustStep{
			show("nobody", 2, 2),
			show("an issuer cannot help itself", 3, 0, one).signedBy(issuer()).refused(qrproto.ErrUnknownKey),
			show("somebody", 3, 0, one),
		}},
	}
	return append(append(sets, trustByOthers()...), trustAsAWhole()...)
}

// trustByOthers are snapshots by whom the device does not take any from.
func trustByOthers() []trustSet {
	one, other := seller(), second()
	return []trustSet{
		{"not-a-root", "only roots sign snapshots, whatever a snapshot says of a key", []key{root().key, issuer().key}, []trustStep{
			show("by a provisioned issuer", 5, 0, one).signedBy(issuer()).refused(qrproto.ErrKeyUsage),
			show("by a stranger", 5, 0, one).signedBy(otherRoot()).refused(qrproto.ErrUnknownKey),
			show("by a root", 5, 0, one),
			show("by a delegated key with all rights", 6, 0, other).signedBy(one).refused(qrproto.ErrKeyUsage),
			show("by a root", 6, 0, other),
		}},
		{"no-roots", "a device without a root takes no snapshot, and keeps its issuers", []key{issuer().key}, []trustStep{
			show("by a root of another device", 5, 0, one).refused(qrproto.ErrUnknownKey),
			show("by its issuer", 5, 0, one).signedBy(issuer()).refused(qrproto.ErrKeyUsage),
		}},
		{"no-issuers", "a device that was provisioned with a root alone", []key{root().key}, []trustStep{
			show("the first", 1, 1, one, other),
		}},
		{"kid-changes-hands", "a kid stands for the key that the newest snapshot says", []key{root().key, issuer().key}, []trustStep{
			show("another key under the issuer's kid, of the other algorithm", 2, 0, one.withP256(0x26)),
			show("and back", 3, 0, one),
		}},
	}
}

// trustAsAWhole are snapshots of which one key cannot be used.
func trustAsAWhole() []trustSet {
	keys := []key{root().key, issuer().key}
	one, other := seller(), second()
	beyond := append(octets{2}, big32(add(p256Prime(), big.NewInt(5)))...)
	sets := []trustSet{
		{"algorithms", "keys of both algorithms, those of P-256 with either parity of y", keys, []trustStep{
			show("one of each", 5, 0, one, other, renamed(second().withP256(0x27), "iss3")),
		}},
		{"root-kid", "no key has the kid of a root; a snapshot with one such key is refused as a whole", keys, []trustStep{
			show("the root's kid", 5, 0, one, renamed(other, "root")).refused(qrproto.ErrBadKey),
			show("the root itself", 5, 0, root()).refused(qrproto.ErrBadKey),
			show("the same epoch, without fault", 5, 0, one, other),
		}},
	}
	for _, c := range []struct {
		name, comment string
		public        octets
		code          qrproto.ErrorCode
	}{
		{"no-point-ed25519", "y is 2, which no point has", append(octets{2}, make([]byte, 31)...), qrproto.ErrBadKey},
		{"no-point-p256", "x is 1, which no point has", append(append(octets{2}, make([]byte, 31)...), 1), qrproto.ErrBadKey},
		{"not-reduced-p256", "x is larger than 5 by the field's prime", beyond, qrproto.ErrBadKey},
		{"small-order", "the neutral point: refused before it comes to that", append(octets{1}, make([]byte, 31)...), qrproto.ErrField},
	} {
		sets = append(sets, trustSet{c.name, "a key that is none: " + c.comment, keys, []trustStep{
			show("the second of two keys is none", 5, 0, one, other).with(ofPublic, c.public).refused(c.code),
			show("the same epoch, without fault", 5, 0, one, other),
		}})
	}
	return sets
}
