// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// sell is the whole server program: what stands between the phone's uploads and
// downloads.
func sell(ctx context.Context, store server.Store, operator server.Directory, provider server.Payments,
	account string, choose func(*server.Quote) *qrproto.Target, upload func() string, download func(qrproto.Code)) error {
	s := &server.Server{Store: store, Issuer: issuer, Directory: operator, Payments: provider, Now: time.Now, Rand: rand.Reader}
	identity := upload()
	q, err := s.Quote(ctx, account, identity) // verifies, takes in carried records
	if err != nil {
		return err
	}
	o, err := s.Issue(ctx, server.Ask{Account: account, Identity: identity, Tariff: q.Hash, Target: choose(q)})
	if err != nil {
		return err
	}
	download(o.Code)
	if o, err = s.Settle(ctx, upload()); err != nil {
		return err // errors.Is(err, settle.ErrDispute)
	}
	if o, err = s.Pay(ctx, o.ID); err != nil {
		return err
	}
	r, err := s.Receipt(ctx, o.ID)
	if err == nil {
		download(r)
	}
	return err
}

// A customer charges 12.5 kWh at 1.00 yuan. Between the uploads stand a device
// and a phone, played here by a few lines.
func Example() {
	device := newDevice(new(testing.T), 1)
	store := settletest.NewStore()
	operator := &directory{
		keys:  qrproto.KeyList{device.key()},
		site:  &server.Site{Name: "North gate"},
		terms: server.Terms{Tariff: flat(new(testing.T), 90), Hold: yuan(10000)},
	}
	provider := settletest.NewProvider(settletest.ProviderOptions{Now: time.Now, Balance: yuan(50000)})

	codes := []string{device.show()}
	upload := func() string { return codes[len(codes)-1] }
	choose := func(q *server.Quote) *qrproto.Target {
		fmt.Println("held", q.Hold)
		return &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 12_500_000}
	}
	download := func(c qrproto.Code) {
		opened, err := qrproto.Open(c.Text(), issuerKeys())
		if err != nil {
			fmt.Println(err)
			return
		}
		switch p := opened.Payload.(type) {
		case *qrproto.StartOrder:
			o, err := store.Order(context.Background(), p.ID)
			if err != nil {
				fmt.Println(err)
				return
			}
			codes = append(codes, device.seal(device.deliver(o, p.Target.Value)))
		case *qrproto.Receipt:
			fmt.Println("paid", p.Paid, "acknowledged", p.Ack.Seq)
		}
	}
	if err := sell(context.Background(), store, operator, provider, "anna", choose, upload, download); err != nil {
		fmt.Println(err)
	}
	fmt.Println("left", provider.Balance("anna"))
	// Output:
	// held 100.00 CNY
	// paid 1250 acknowledged 1
	// left 487.50 CNY
}

// A customer has left the car and asks for the end of the session from the next
// room: whoever stands at the device shows it the code.
func ExampleServer_Stop() {
	s := newShop(new(testing.T))
	order := s.buy("anna")
	code, err := s.Stop(context.Background(), order.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	keys := issuerKeys()
	keys[0].Kinds = append(keys[0].Kinds, qrproto.KindStopOrder)
	stop, err := qrproto.As[*qrproto.StopOrder](qrproto.Open(code.Text(), keys))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(code.Kind(), "names the order:", stop.Order == order.Sum.Ref())
	// Output:
	// X names the order: true
}

// The operator's root has signed snapshot 3, which lets this server sell up to 100
// yuan an order. The device does not know yet, and tells so: the phone shows it the
// snapshot, then the order, which names the snapshot.
func ExampleServer_Quote() {
	s := newShop(new(testing.T))
	delegation, err := qrproto.Delegate(&qrproto.Key{
		ID: issuer.ID, Public: issuer.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt},
		Caps: &qrproto.Caps{Currency: "CNY", Amount: 100_00, Acknowledge: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Elsewhere: the root's key is never where a server runs.
	s.Trust, err = qrproto.Seal(&qrproto.Trust{Epoch: 3, Delegations: []qrproto.Delegation{delegation}}, root)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Roots = []qrproto.Key{rootKey()}

	ctx, identity := context.Background(), s.device.show()
	quote, err := s.Quote(ctx, "anna", identity)
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: quote.Hash})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("show first", order.Trust.Kind(), "then", order.Code.Kind(), "of epoch", order.Start.Epoch)

	s.directory.terms.Hold = yuan(100_01) // more than the root lets it
	_, err = s.Quote(ctx, "bert", s.device.show())
	fmt.Println(int(qrproto.CodeOf(err)))
	// Output:
	// show first T then O of epoch 3
	// 430
}

// Anna never came back to her order. The device has restarted since, which shows that
// it takes that order no more: her hold is given back.
func ExampleServer_Release() {
	s, ctx := newShop(new(testing.T)), context.Background()
	order := s.buy("anna")
	_, err := s.Release(ctx, order.ID)
	fmt.Println("not proven dead:", errors.Is(err, server.ErrNotDead))

	if _, err := s.Quote(ctx, "bert", s.rebooted()); err != nil { // the next customer's scan
		fmt.Println(err)
		return
	}
	order, err = s.Release(ctx, order.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(order.State, "held:", s.provider.Held("anna"))
	// Output:
	// not proven dead: true
	// released held: 0.00 CNY
}

// A water dispenser has a sticker and no display: half a litre is 0.50 yuan. The
// answer to the first call gets lost on its way to the phone.
func ExampleServer_Sell() {
	s := newShop(new(testing.T))
	s.directory.site.Sticker = yuan(500)
	s.directory.terms = server.Terms{Tariff: fixed(50), Hold: yuan(50), Volume: 500}
	ctx, dispenser := context.Background(), []byte{0x32, 0x01, 1}

	quote, err := s.Offer(ctx, "anna", dispenser, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the price is", quote.Hold)
	sale := server.Sale{Account: "anna", Charger: dispenser, Connector: 1, Tariff: quote.Hash, Hold: quote.Hold}
	for range 2 {
		order, err := s.Sell(ctx, sale)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("paid", order.Paid, "for number", order.Start.Challenge.Counter, "good for mL:", order.Start.Limits.Volume)
	}
	fmt.Println("taken", s.provider.Captured("anna"))
	// Output:
	// the price is 0.50 CNY
	// paid 0.50 CNY for number 1 good for mL: 500
	// paid 0.50 CNY for number 1 good for mL: 500
	// taken 0.50 CNY
}
