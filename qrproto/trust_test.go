// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func TestTrustRules(t *testing.T) {
	type T = *qrproto.Trust
	at := func(i int, broken func(*qrproto.Delegation)) func(T) {
		return func(u T) { broken(&u.Delegations[i]) }
	}
	type D = *qrproto.Delegation
	holdRules(t, func() T { return snapshot(3) }, []rule[T]{
		{"Epoch", "zero", func(u T) { u.Epoch = 0 }},
		{"Least", "above the epoch", func(u T) { u.Least = u.Epoch + 1 }},
		{"Delegations", "more than 16", func(u T) { u.Delegations = snapshot(17).Delegations }},
		{"Delegations[1].ID", "twice", at(1, func(d D) { d.ID = []byte(issuerID) })},
		{"Delegations[2].ID", "not ascending", at(2, func(d D) { d.ID = []byte("iss0") })},
		{"Delegations[2].ID", "the beginning of the one before", at(2, func(d D) { d.ID = []byte("iss") })},
		{"Delegations[0].ID", "absent", at(0, func(d D) { d.ID = nil })},
		{"Delegations[2].ID", "of 9 bytes", at(2, func(d D) { d.ID = []byte("issuer-03") })},
		{"Delegations[1].Public", "absent", at(1, func(d D) { d.Public = nil })},
		{"Delegations[1].Public", "of 31 bytes", at(1, func(d D) { d.Public = d.Public[:31] })},
		{"Delegations[1].Public", "of 34 bytes", at(1, func(d D) { d.Public = make([]byte, 34) })},
		{"Delegations[1].Public", "of small order", at(1, func(d D) { d.Public = weakKey() })},
		{"Delegations[1].Public", "in its second encoding", at(1, func(d D) {
			d.Public = append([]byte{0xee}, bytes.Repeat([]byte{0xff}, 31)...)
		})},
		{"Delegations[1].Public", "a point told by 4", at(1, func(d D) { d.Public = append([]byte{4}, make([]byte, 32)...) })},
		{"Delegations[0].Fleet", "of 8 bytes", at(0, func(d D) { d.Fleet = make([]byte, 8) })},
		{"Delegations[0].Currency", "unknown", at(0, func(d D) { d.Currency = "XQX" })},
		{"Delegations[0].Currency", "in small letters", at(0, func(d D) { d.Currency = "cny" })},
		{"Delegations[0].Currency", "absent beside an amount", at(0, func(d D) { d.Currency = "" })},
		{"Delegations[0].Amount", "negative", at(0, func(d D) { d.Amount = -1 })},
		{"Delegations[0].Amount", "too large", at(0, func(d D) { d.Amount = tooMuch })},
		{"Delegations[0].Rights", "none", at(0, func(d D) { d.Rights = 0 })},
		{"Delegations[0].Rights", "unknown", at(0, func(d D) { d.Rights |= 16 })},
		{"Delegations[0].Rights", "nothing to sign", at(0, func(d D) { d.Rights = qrproto.RightAcknowledge })},
	})
}

// What is at the edge of its range, or bounds nothing, comes back.
func TestTrustAtItsEdges(t *testing.T) {
	free := delegation()
	free.Currency, free.Amount, free.Quota, free.Fleet = "", 0, 0, []byte{}
	most := delegation()
	most.ID, most.Fleet = []byte("issuer-8"), number
	most.Amount, most.Quota, most.Rights = 1<<60, math.MaxUint32, qrproto.RightStop
	yen := delegation()
	yen.ID, yen.Currency, yen.Amount = []byte("iss1\x00"), "JPY", 0
	for name, u := range map[string]*qrproto.Trust{
		"the first epoch":           {Epoch: 1, Least: 1},
		"the last epoch":            {Epoch: math.MaxUint32, Least: math.MaxUint32},
		"an id that begins another": {Epoch: 1, Delegations: []qrproto.Delegation{free, yen, most}},
		"16":                        snapshot(16),
	} {
		o, err := qrproto.Open(seal(t, u).Text(), trusted())
		if err != nil || !reflect.DeepEqual(o.Payload, u) {
			t.Errorf("%s: opened %+v (%v), sealed %+v", name, o, err, u)
		}
	}
}

// The arrays of a snapshot have seven items each and nothing else in them; a
// decoder that ignored more would take two snapshots for one.
func TestDelegationsOfAnotherShapeAreRefused(t *testing.T) {
	payload := payloadOf(t, snapshot(1))
	_, values := entries(t, payload)
	one := values[3][1:]                               // behind the head of the list
	bare := []byte("\x87\x40\x40\x40\x60\x00\x00\x00") // 17 of the others would not fit a code
	list := func(items ...[]byte) []byte {
		return append([]byte{0x80 | byte(len(items))}, bytes.Join(items, nil)...)
	}
	if again := with(t, payload, 3, list(one)); !bytes.Equal(again, payload) || one[0] != 0x87 {
		t.Fatalf("% x taken apart and put together is % x", payload, again)
	}
	for name, c := range map[string]struct {
		list []byte
		code qrproto.ErrorCode
	}{
		"an empty list":       {[]byte{0x80}, qrproto.ErrField},
		"six items":           {list(append([]byte{0x86}, one[1:len(one)-1]...)), qrproto.ErrField},
		"eight items":         {list(append(append([]byte{0x88}, one[1:]...), 0)), qrproto.ErrField},
		"no items":            {list([]byte{0x80}), qrproto.ErrField},
		"a map":               {list([]byte{0xa0}), qrproto.ErrField},
		"a number":            {list([]byte{0}), qrproto.ErrField},
		"not in a list":       {one, qrproto.ErrField},
		"null":                {list([]byte{0xf6}), qrproto.ErrField},
		"a long head":         {list(append([]byte{0x98, 7}, one[1:]...)), qrproto.ErrNotCanonical},
		"a long list":         {append([]byte{0x98, 1}, one...), qrproto.ErrNotCanonical},
		"rights in two bytes": {list(append(slices.Clone(one[:len(one)-1]), 0x18, one[len(one)-1])), qrproto.ErrNotCanonical},
		"rights as true":      {list(append(slices.Clone(one[:len(one)-1]), 0xf5)), qrproto.ErrField},
		"one too many":        {append([]byte{0x91}, bytes.Repeat(bare, 17)...), qrproto.ErrField},
	} {
		if _, err := openForged(qrproto.KindTrust, with(t, payload, 3, c.list)); !errors.Is(err, c.code) {
			t.Errorf("%s: %v, want %v", name, err, c.code)
		}
	}
}

// A key comes back from its delegation with its kinds and its bounds, for both
// algorithms; that of P-256 has either parity.
func TestKeysComeBackFromTheirDelegations(t *testing.T) {
	keys := map[string]qrproto.Key{"Ed25519": {Public: testKey(2).Public()}}
	for seed := byte(1); len(keys) < 3; seed++ {
		private := p256Key(t, seed)
		keys[fmt.Sprintf("P-256, parity of y %d", private.Y.Bit(0))] = qrproto.Key{Public: private.Public()}
	}
	all := []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindStopOrder, qrproto.KindReceipt}
	for name, k := range keys {
		k.ID, k.Kinds = issuerID, all
		k.Caps = &qrproto.Caps{Fleet: number[:3], Currency: "CNY", Amount: 65_000, Quota: 500, Acknowledge: true}
		for _, some := range [][]qrproto.Kind{all, all[:1], all[1:2], all[2:]} {
			k.Kinds = some
			d, err := qrproto.Delegate(&k)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if size := map[bool]int{true: 32, false: 33}[name == "Ed25519"]; len(d.Public) != size {
				t.Errorf("%s: %d bytes, want %d", name, len(d.Public), size)
			}
			if again, err := d.Key(); err != nil || !reflect.DeepEqual(again, k) {
				t.Errorf("%s: %+v (%v), want %+v", name, again, err, k)
			}
		}
	}
}

// A key without bounds may acknowledge, and one with them only as they say.
func TestRightsOfADelegation(t *testing.T) {
	const order, stop, receipt, acknowledge = 1, 2, 4, 8 // SPEC.md, section 23
	for _, c := range []struct {
		kinds string
		caps  *qrproto.Caps
		want  qrproto.Rights
	}{
		{"O", nil, order | acknowledge},
		{"ORX", nil, order | stop | receipt | acknowledge},
		{"X", &qrproto.Caps{}, stop},
		{"RV", &qrproto.Caps{Acknowledge: true}, receipt | acknowledge},
	} {
		k := qrproto.Key{ID: "a", Public: testKey(2).Public(), Caps: c.caps}
		for _, letter := range []byte(c.kinds) {
			k.Kinds = append(k.Kinds, qrproto.Kind(letter))
		}
		d, err := qrproto.Delegate(&k)
		if err != nil || d.Rights != c.want {
			t.Errorf("%s: %v (%v), want %v", c.kinds, d.Rights, err, c.want)
		}
		if back, err := d.Key(); err != nil || back.Caps.Acknowledge != (c.want&acknowledge != 0) {
			t.Errorf("%s: the key of it: %+v, %v", c.kinds, back.Caps, err)
		}
	}
}

func TestKeysThatCannotBeDelegated(t *testing.T) {
	issuer := func(change func(*qrproto.Key)) *qrproto.Key {
		k := trusted()[1]
		k.Caps = new(qrproto.Caps)
		change(&k)
		return &k
	}
	device, root := trusted()[0], rootKey()
	for name, c := range map[string]struct {
		key  *qrproto.Key
		code qrproto.ErrorCode
	}{
		"none":               {nil, qrproto.ErrBadKey},
		"a device's":         {&device, qrproto.ErrBadKey},
		"a root":             {&root, qrproto.ErrBadKey},
		"weak":               {issuer(func(k *qrproto.Key) { k.Public = weakKey() }), qrproto.ErrBadKey},
		"no point":           {issuer(func(k *qrproto.Key) { k.Public = noPoint() }), qrproto.ErrBadKey},
		"for vouchers alone": {issuer(func(k *qrproto.Key) { k.Kinds = []qrproto.Kind{qrproto.KindVoucher} }), qrproto.ErrField},
		"a strange currency": {issuer(func(k *qrproto.Key) { k.Caps.Currency = "XQX" }), qrproto.ErrField},
		"a fleet too long":   {issuer(func(k *qrproto.Key) { k.Caps.Fleet = make([]byte, 8) }), qrproto.ErrField},
		"no currency":        {issuer(func(k *qrproto.Key) { k.Caps.Amount = 1 }), qrproto.ErrField},
	} {
		if d, err := qrproto.Delegate(c.key); !errors.Is(err, c.code) || !reflect.DeepEqual(d, qrproto.Delegation{}) {
			t.Errorf("%s: %+v, %v, want %v", name, d, err, c.code)
		}
	}
}

// noPoint has y = 2, which no point of the curve has.
func noPoint() ed25519.PublicKey { return append(ed25519.PublicKey{2}, make([]byte, 31)...) }

// Whether there is a point is asked when a snapshot is applied, not when it is
// opened.
func TestBytesThatAreNoPointAreNoKey(t *testing.T) {
	for name, public := range map[string][]byte{
		"Ed25519":          noPoint(),
		"P-256, beyond p":  append([]byte{3}, bytes.Repeat([]byte{0xff}, 32)...),
		"P-256, no square": append(append([]byte{2}, make([]byte, 31)...), 1),
	} {
		d := delegation()
		d.Public = public
		if k, err := d.Key(); !errors.Is(err, qrproto.ErrBadKey) || k.Public != nil {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
	}
}

// The budget of DESIGN: a delegation is 64 bytes at most inside of a snapshot.
func TestDelegationIsSmallEnough(t *testing.T) {
	none, one := snapshot(0), snapshot(1)
	one.Delegations[0].Amount, one.Delegations[0].Quota = math.MaxUint32, math.MaxUint32
	for _, size := range []int{32, 33} {
		if size == 33 {
			one.Delegations[0].Public = append([]byte{2}, one.Delegations[0].Public...)
		}
		const list = 2 // its key and its head
		if got := len(payloadOf(t, one)) - len(payloadOf(t, none)) - list; got > 64 {
			t.Errorf("%d bytes with a key of %d", got, size)
		} else {
			t.Logf("%d bytes with a key of %d", got, size)
		}
	}
}
