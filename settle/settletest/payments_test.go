// SPDX-License-Identifier: Apache-2.0

package settletest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

var ctx = context.Background()

func yuan(fen int64) tariff.Money { return tariff.Money{Units: fen, Scale: 2, Currency: "CNY"} }

// bank is a provider at a time that the test sets.
type bank struct {
	*settletest.Provider
	t   *testing.T
	now time.Time
}

func newBank(t *testing.T, o settletest.ProviderOptions) *bank {
	b := &bank{t: t, now: time.Unix(1795348800, 0)}
	o.Now = func() time.Time { return b.now }
	if o.Balance == (tariff.Money{}) {
		o.Balance = yuan(10_000)
	}
	b.Provider = settletest.NewProvider(o)
	return b
}

// has compares what is free, held and captured of anna's money, in fen.
func (b *bank) has(free, held, captured int64) {
	b.t.Helper()
	for _, part := range []struct {
		name string
		got  tariff.Money
		want int64
	}{{"free", b.Balance("anna"), free}, {"held", b.Held("anna"), held}, {"captured", b.Captured("anna"), captured}} {
		if c, err := part.got.Cmp(yuan(part.want)); err != nil || c != 0 {
			b.t.Errorf("%s: %v, want %v", part.name, part.got, yuan(part.want))
		}
	}
	if err := b.Check(); err != nil {
		b.t.Error(err)
	}
}

func (b *bank) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bank) declines(err error) {
	b.t.Helper()
	if !errors.Is(err, server.ErrDeclined) {
		b.t.Errorf("got %v, want a refusal", err)
	}
}

func (b *bank) hold(key string, fen int64) string {
	b.t.Helper()
	id, err := b.Hold(ctx, key, "anna", yuan(fen))
	b.must(err)
	return id
}

func TestProviderHoldsCapturesReleases(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{})
	id := b.hold("h", 3000)
	b.has(7000, 3000, 0)
	b.must(b.Capture(ctx, "c", id, yuan(1200)))
	b.has(7000, 1800, 1200)
	b.must(b.Release(ctx, "r", id))
	b.has(8800, 0, 1200)
	b.must(b.Refund(ctx, "f", id, yuan(200)))
	b.has(9000, 0, 1000)
	b.declines(b.Refund(ctx, "g", id, yuan(1001)))
	b.must(b.Release(ctx, "s", id)) // nothing left: nothing to do
	b.has(9000, 0, 1000)
	if b.Captures() != 1 {
		t.Errorf("%d captures", b.Captures())
	}
}

// TestProviderRepeats: the same key gives the same answer and does nothing.
func TestProviderRepeats(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{})
	id := b.hold("h", 3000)
	if again := b.hold("h", 3000); again != id {
		t.Errorf("another hold: %q, %q", id, again)
	}
	for range 2 {
		b.must(b.Capture(ctx, "c", id, yuan(1200)))
		b.must(b.Refund(ctx, "f", id, yuan(200)))
		b.must(b.Release(ctx, "r", id))
	}
	b.has(9000, 0, 1000)
	b.declines(b.Capture(ctx, "after", id, yuan(100)))
	b.declines(b.Capture(ctx, "after", id, yuan(100)))
}

func TestProviderDeclines(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{})
	for name, amount := range map[string]tariff.Money{
		"too much":         yuan(10_001),
		"nothing":          yuan(0),
		"less":             yuan(-1),
		"another currency": {Units: 1, Scale: 2, Currency: "EUR"},
		"too fine":         {Units: 1, Scale: 7, Currency: "CNY"},
	} {
		if _, err := b.Hold(ctx, name, "anna", amount); !errors.Is(err, server.ErrDeclined) {
			t.Errorf("hold of %s: %v", name, err)
		}
	}
	b.declines(b.Capture(ctx, "c", "none", yuan(1)))
	b.declines(b.Release(ctx, "r", "none"))
	b.declines(b.Refund(ctx, "f", "none", yuan(1)))
	b.has(10_000, 0, 0)
}

func TestProviderHoldsExpire(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{HoldFor: time.Hour})
	id := b.hold("h", 3000)
	b.now = b.now.Add(time.Hour - 1)
	b.has(7000, 3000, 0)
	b.now = b.now.Add(1)
	b.has(10_000, 0, 0)
	b.declines(b.Capture(ctx, "c", id, yuan(1)))
	b.must(b.Release(ctx, "r", id))
	n := b.notifications(2)
	if n[1].Event != server.PaymentExpired || n[1].Hold != id || n[1].Key != "h" {
		t.Errorf("%+v", n[1])
	}
}

// notifications delivers and reads what is due.
func (b *bank) notifications(want int) []*server.Notification {
	b.t.Helper()
	var out []*server.Notification
	for _, body := range b.Deliver() {
		n, err := b.ParseNotification(body)
		b.must(err)
		out = append(out, n)
	}
	if len(out) < want {
		b.t.Fatalf("%d notifications, want %d", len(out), want)
	}
	return out
}

// TestProviderFaults calls once under each fault, then again until there is an
// answer.
func TestProviderFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   settletest.PaymentFault
		timeout bool
		held    int64 // right after the first call
		notices int   // in the end
	}{
		{"none", settletest.PaymentNone, false, 3000, 1},
		{"lost", settletest.PaymentLost, true, 0, 1},
		{"no answer", settletest.PaymentNoAnswer, true, 3000, 1},
		{"delayed", settletest.PaymentDelayed, true, 0, 1},
		{"twice", settletest.PaymentTwice, false, 3000, 1},
		{"told twice", settletest.PaymentNotifyTwice, false, 3000, 2},
		{"told late", settletest.PaymentNotifyLate, false, 3000, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBank(t, settletest.ProviderOptions{Script: []settletest.PaymentFault{c.fault}})
			_, err := b.Hold(ctx, "h", "anna", yuan(3000))
			if errors.Is(err, settletest.ErrTimeout) != c.timeout || errors.Is(err, server.ErrDeclined) {
				t.Fatal(err)
			}
			b.has(10_000-c.held, c.held, 0)
			b.hold("h", 3000)
			b.has(7000, 3000, 0)
			if got := b.notifications(0); len(got) != c.notices {
				t.Errorf("%d notifications, want %d", len(got), c.notices)
			}
			if b.Calls() != 2 {
				t.Errorf("%d calls", b.Calls())
			}
		})
	}
}

// TestProviderScale: sums have the decimals of the balance, and more where there
// is more.
func TestProviderScale(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{})
	id := b.hold("h", 3000)
	b.must(b.Capture(ctx, "c", id, tariff.Money{Units: 12_345, Scale: 4, Currency: "CNY"}))
	for _, c := range []struct {
		name      string
		got, want tariff.Money
	}{
		{"free", b.Balance("anna"), yuan(7000)},
		{"nothing", b.Captured("bert"), yuan(0)},
		{"captured", b.Captured("anna"), tariff.Money{Units: 12_345, Scale: 4, Currency: "CNY"}},
		{"held", b.Held("anna"), tariff.Money{Units: 287_655, Scale: 4, Currency: "CNY"}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	b.must(b.Check())
}

// TestProviderDelays: nobody asks again, and the request arrives all the same.
func TestProviderDelays(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{Script: []settletest.PaymentFault{settletest.PaymentDelayed}})
	if _, err := b.Hold(ctx, "h", "anna", yuan(3000)); !errors.Is(err, settletest.ErrTimeout) {
		t.Fatal(err)
	}
	b.has(10_000, 0, 0)
	b.hold("other", 500)
	b.has(6500, 3500, 0)
}

// TestProviderTellsOutOfOrder: what is late comes behind what was done later.
func TestProviderTellsOutOfOrder(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{Script: []settletest.PaymentFault{settletest.PaymentNotifyLate}})
	id := b.hold("h", 3000)
	b.must(b.Capture(ctx, "c", id, yuan(1200)))
	b.must(b.Release(ctx, "r", id))
	n := b.notifications(3)
	for i, want := range []server.Notification{
		{Key: "c", Event: server.PaymentCaptured, Hold: id, Amount: yuan(1200)},
		{Key: "r", Event: server.PaymentReleased, Hold: id, Amount: yuan(1800)},
		{Key: "h", Event: server.PaymentHeld, Hold: id, Amount: yuan(3000)},
	} {
		if *n[i] != want {
			t.Errorf("%d: %+v, want %+v", i, *n[i], want)
		}
	}
	if again := b.Deliver(); len(again) != 0 {
		t.Errorf("delivered again: %d", len(again))
	}
}

func TestProviderKnowsItsNotifications(t *testing.T) {
	b := newBank(t, settletest.ProviderOptions{})
	b.hold("h", 3000)
	body := b.Deliver()[0]
	for name, forged := range map[string][]byte{
		"another amount": bytes.Replace(body, []byte("30.00"), []byte("90.00"), 1),
		"no seal":        []byte(`{"Body":{"Key":"h"}}`),
		"nothing":        nil,
		"no JSON":        []byte("paid, honestly"),
	} {
		if n, err := b.ParseNotification(forged); n != nil || !errors.Is(err, settletest.ErrNotification) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

// TestProviderCheckCanFail: a caller that breaks its promises is found.
func TestProviderCheckCanFail(t *testing.T) {
	for name, misuse := range map[string]func(*bank){
		"captured above the hold": func(b *bank) { b.declines(b.Capture(ctx, "c", b.hold("h", 3000), yuan(3001))) },
		"captured twice": func(b *bank) {
			id := b.hold("h", 3000)
			b.must(b.Capture(ctx, "c", id, yuan(1)))
			b.declines(b.Capture(ctx, "d", id, yuan(1)))
		},
		"one key, two amounts": func(b *bank) {
			b.hold("h", 3000)
			_, err := b.Hold(ctx, "h", "anna", yuan(2000))
			b.declines(err)
		},
	} {
		b := newBank(t, settletest.ProviderOptions{})
		misuse(b)
		if err := b.Check(); err == nil {
			t.Errorf("%s, and all is well", name)
		}
	}
}

// TestProviderSeed: the same seed fails the same way, and whatever fails, no
// money appears or vanishes.
func TestProviderSeed(t *testing.T) {
	run := func(seed uint64) string {
		b := newBank(t, settletest.ProviderOptions{Faulty: 500, Seed: seed})
		random := rand.New(rand.NewPCG(1, 1))
		var log []byte
		for i := range 2000 {
			key := fmt.Sprint(random.IntN(200))
			id := fmt.Sprint("ph-", 1+random.IntN(200))
			var err error
			switch random.IntN(4) {
			case 0:
				_, err = b.Hold(ctx, "h"+key, "anna", yuan(70))
			case 1:
				err = b.Capture(ctx, "c"+id, id, yuan(30))
			case 2:
				err = b.Release(ctx, "r"+id, id)
			case 3:
				err = b.Refund(ctx, "f"+id, id, yuan(10))
			}
			log = append(log, '0')
			if errors.Is(err, settletest.ErrTimeout) {
				log[i] = '1'
			}
		}
		b.must(b.Check())
		return string(log)
	}
	first := run(7)
	if first != run(7) || first == run(8) {
		t.Error("the faults do not follow the seed")
	}
}

// A provider whose first answer is lost: the effect is there, and the same call
// again finds it.
func ExampleProvider() {
	p := settletest.NewProvider(settletest.ProviderOptions{
		Now:     func() time.Time { return time.Unix(1795348800, 0) },
		Balance: yuan(10_000),
		Script:  []settletest.PaymentFault{settletest.PaymentNoAnswer},
	})
	_, err := p.Hold(ctx, "hold/1", "anna", yuan(3000))
	fmt.Println(err, p.Held("anna"))
	hold, err := p.Hold(ctx, "hold/1", "anna", yuan(3000))
	fmt.Println(err, p.Held("anna"))
	fmt.Println(p.Capture(ctx, "capture/1", hold, yuan(1250)), p.Captured("anna"), p.Check())
	// Output:
	// settletest: the provider did not answer 30.00 CNY
	// <nil> 30.00 CNY
	// <nil> 12.50 CNY <nil>
}
