// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"iter"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// half is a journal that cannot be read to its end while it is broken, and counts
// how often it is rewritten.
type half struct {
	*settletest.Journal
	broken   bool
	rewrites int
}

func (h *half) Records() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		n := 0
		for record, err := range h.Journal.Records() {
			if n++; h.broken && n > h.Len()/2 {
				yield(nil, settletest.ErrInjected)
				return
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

func (h *half) Rewrite(records iter.Seq[[]byte]) error {
	h.rewrites++
	return h.Journal.Rewrite(records)
}

func newHalf(t *testing.T) (*rig, *half) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(10 << 10)
	h := &half{Journal: r.journal}
	r.openOn(h)
	return r, h
}

// What could not be read must not be missing in the journal that is written anew.
func TestNothingIsRewrittenThatCannotBeRead(t *testing.T) {
	r, j := newHalf(t)
	var ack *qrproto.Ack
	for sales := 0; ; sales++ {
		text := r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Ack = ack }))
		j.broken = true
		_, err := r.c.Accept(text)
		j.broken = false
		if err != nil {
			wants(t, "accept", err, charger.ErrJournal)
			break
		}
		if sales > 200 {
			t.Fatal("never full")
		}
		r.dismiss(1)
		ack = ackOf(t, r.settlement(1))
		r.dismiss(1)
	}
	if j.rewrites != 0 {
		t.Errorf("%d times rewritten, by half", j.rewrites)
	}
	head := r.c.Head()
	r.boot()
	if r.c.Head() != head {
		t.Errorf("head %+v, was %+v", r.c.Head(), head)
	}
}

// An identity that told of too few records, or of other ones, would be believed.
func TestNoIdentityIsShownOverRecordsThatCannotBeRead(t *testing.T) {
	r, j := newHalf(t)
	for range 4 {
		r.cancel(1, nil)
	}
	r.pass(45 * time.Second)
	j.broken = true
	if d := r.c.Do(1); d.Screen != charger.ScreenFault || d.Text != "" {
		t.Errorf("%+v", d)
	}
	j.broken = false
	if id := r.identity(1); len(id.Records) == 0 {
		t.Error("nothing is told once they can be read")
	}
}
