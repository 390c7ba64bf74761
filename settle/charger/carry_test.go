// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
)

func agreementKey(t testing.TB, seed byte) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(slices.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func p256Key(t testing.TB) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(slices.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newSecretRig is a rig whose charger encrypts what it carries, and the server's
// side of that.
func newSecretRig(t testing.TB, o *charger.Options) (*rig, *qrproto.Carrier) {
	t.Helper()
	r := newRig(t, o)
	device, server := agreementKey(t, 1), agreementKey(t, 2)
	r.device.Agreement, r.device.Server = device, server.PublicKey()
	r.boot()
	c, err := qrproto.NewCarrier(server, device.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}

// settledBytes are the settlements of a journal as records.
func settledBytes(t testing.TB, r *rig) (out [][]byte) {
	t.Helper()
	for _, s := range settlementsOf(t, r.journal) {
		b, err := qrproto.EncodeRecord(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestCarriedRecordsAreEncryptedAtNoCost(t *testing.T) {
	plain := newRig(t, &charger.Options{Carry: 4})
	secret, server := newSecretRig(t, &charger.Options{Carry: 4})
	for _, r := range []*rig{plain, secret} {
		for range 3 {
			r.sell(1, nil)
			r.dismiss(1)
		}
		r.boot() // it forgets what was told
	}
	in, out := plain.identity(1), secret.identity(1)
	if len(in.Records) != 3 || len(out.Records) != 3 {
		t.Fatalf("%d and %d are carried", len(in.Records), len(out.Records))
	}
	for n := range in.Records {
		if len(in.Records[n]) != len(out.Records[n]) {
			t.Errorf("record %d: %d bytes in the clear, %d encrypted", n, len(in.Records[n]), len(out.Records[n]))
		}
	}
	if !slices.EqualFunc(in.Records, settledBytes(t, plain), bytes.Equal) {
		t.Error("without agreement keys records are not carried as they stand")
	}
	got, err := server.Apply(out)
	if err != nil || !slices.EqualFunc(got, settledBytes(t, secret), bytes.Equal) {
		t.Errorf("the server reads %x: %v", got, err)
	}
}

// A signer that fails makes the charger try with fewer records under the same
// challenge: the same ones at the same places.
func TestFewerRecordsAreTheSameOnes(t *testing.T) {
	r, server := newSecretRig(t, &charger.Options{Carry: 4})
	for range 4 {
		r.sell(1, nil)
		r.dismiss(1)
	}
	r.pass(46 * time.Second)
	flaky := &failing{Signer: r.device.Key.Key, left: 2}
	r.device.Key.Key = flaky
	r.boot()
	id := r.identity(1)
	if len(id.Records) != 2 {
		t.Fatalf("%d records after 2 failures", len(id.Records))
	}
	got, err := server.Apply(id)
	if err != nil || !slices.EqualFunc(got, settledBytes(t, r)[:2], bytes.Equal) {
		t.Errorf("the server reads %x: %v", got, err)
	}
}

// place is what SPEC.md, section 10.1, derives a keystream from, but for the
// keys and the number of the device, which stay.
type place struct {
	boot, counter uint32
	nonce         [8]byte
	seq           uint32
	head          qrproto.Short
	index         int
}

// listener stands at a charger all its life, knows what the server knows, and
// holds what was encrypted against what it was encrypted with.
type listener struct {
	*rig
	server *qrproto.Carrier
	plain  map[place]string
	texts  map[qrproto.Challenge]string
	nonces map[[2]uint32]map[[8]byte]bool // by boot and counter
}

// listen looks at every screen.
func (l *listener) listen() {
	l.t.Helper()
	for n := 1; n <= 2; n++ {
		d := l.c.Do(n)
		if d.Screen != charger.ScreenIdentity {
			continue
		}
		id, err := qrproto.As[*qrproto.Identity](qrproto.Open(d.Text, l.keys))
		if err != nil {
			l.t.Fatal(err)
		}
		if was, ok := l.texts[id.Challenge]; ok && was != d.Text {
			l.t.Fatal("two identities of one challenge")
		}
		l.texts[id.Challenge] = d.Text
		at := [2]uint32{id.Boot, id.Challenge.Counter}
		if l.nonces[at] == nil {
			l.nonces[at] = map[[8]byte]bool{}
		}
		l.nonces[at][id.Challenge.Nonce] = true
		l.hold(id)
	}
}

func (l *listener) hold(id *qrproto.Identity) {
	l.t.Helper()
	records, err := l.server.Apply(id)
	if err != nil {
		l.t.Fatal(err)
	}
	for i, record := range records {
		if _, err := qrproto.DecodeRecord(number, record); err != nil {
			l.t.Fatalf("record %d of %+v: %v", i, id, err)
		}
		at := place{id.Boot, id.Challenge.Counter, id.Challenge.Nonce, id.Head.Seq, id.Head.Sum, i}
		if was, ok := l.plain[at]; ok && was != string(record) {
			l.t.Fatalf("%+v has encrypted two records", at)
		}
		l.plain[at] = string(record)
	}
}

// TestAKeystreamNeverMeetsTwoRecords follows a charger over sales, failures of
// signer and journal, power cuts, and flash images that are put back, so that
// boots and counters come again.
func TestAKeystreamNeverMeetsTwoRecords(t *testing.T) {
	r, server := newSecretRig(t, &charger.Options{Carry: 4})
	l := &listener{r, server, map[place]string{}, map[qrproto.Challenge]string{}, map[[2]uint32]map[[8]byte]bool{}}
	flaky := &failing{Signer: r.device.Key.Key}
	r.device.Key.Key = flaky
	r.boot()
	random := rand.New(rand.NewPCG(38, 1))
	image := r.journal.Snapshot()
	rounds := 600
	if testing.Short() {
		rounds = 150
	}
	restored := 0
	for range rounds {
		switch n := 1 + random.IntN(2); random.IntN(9) {
		case 0, 1:
			r.cancel(n, nil)
		case 2:
			all := settlementsOf(t, r.journal)
			if len(all) > 0 {
				r.cancel(n, ackOf(t, all[random.IntN(len(all))]))
			}
		case 3:
			r.sell(n, nil)
			r.dismiss(n)
		case 4:
			r.pass(time.Duration(random.IntN(100)) * time.Second)
		case 5:
			flaky.left = random.IntN(4)
			r.pass(46 * time.Second)
		case 6:
			r.boot()
		case 7:
			image = r.journal.Snapshot()
		case 8:
			r.journal = image.Snapshot()
			restored++
			r.boot()
		}
		l.listen()
		flaky.left = 0
		l.listen()
	}
	again := 0
	for _, nonces := range l.nonces {
		if len(nonces) > 1 {
			again++
		}
	}
	t.Logf("%d places, %d identities, %d images put back, %d pairs of boot and counter came again", len(l.plain), len(l.texts), restored, again)
	if again < rounds/30 || len(l.plain) < rounds {
		t.Error("too little has come again to show anything")
	}
}

var errSigner = errors.New("the secure element does not answer")

// failing is a signer that does not answer so many times.
type failing struct {
	crypto.Signer
	left int
}

func (f *failing) Sign(random io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	if f.left > 0 {
		f.left--
		return nil, errSigner
	}
	return f.Signer.Sign(random, message, o)
}
