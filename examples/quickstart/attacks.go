// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// attacks tries what must not work, each on real codes, and fails if one does.
func attacks(w *world) error {
	w.title("10 What must not work does not.")
	for _, attack := range []struct {
		what string
		try  func(*world) error
		want qrproto.ErrorCode
	}{
		{"the order is shown to the charger once more", replayed, charger.ErrUsed},
		{"an order is shown to the charger next to it", elsewhere, charger.ErrOtherCharger},
		{"an order is shown four minutes later", late, charger.ErrExpired},
		{"an order is shown after the charger has restarted", rebooted, charger.ErrChallenge},
		{"the phone lowers the amount of the settlement", lowerAmount, qrproto.ErrSignature},
		{"a clone with the charger's own key lowers it", clone, settle.ErrFork},
		{"the phone puts a cheaper tariff into the order", cheaperTariff, qrproto.ErrSignature},
		{"the tariff changes between quote and order", changedTariff, server.ErrTariffChanged},
		{"a stranger sets up a charger of his own", stranger, qrproto.ErrUnknownKey},
		{"a voucher is shown to the charger, not to the server", voucher, charger.ErrVoucher},
		{"a thief of the issuer's key sells for more than a root lets it", aboveCap, charger.ErrAmount},
		{"the thief sells on, after the charger has seen the next snapshot", stolen, qrproto.ErrUnknownKey},
		{"the thief shows the charger the snapshot before once more", rolledBack, qrproto.ErrStaleTrust},
	} {
		err := attack.try(w)
		if !errors.Is(err, attack.want) {
			return fmt.Errorf("attack %q: %w instead of %v", attack.what, err, attack.want)
		}
		w.say("refused  E-%d  %s", int(attack.want), attack.what)
	}
	return twice(w)
}

// order returns an order for a new customer at a charger, whose identity has
// just been scanned, and which has been shown whom to trust where it did not know.
func (w *world) order(p *pile) (*server.Order, error) {
	w.accounts++
	ctx, account := context.Background(), fmt.Sprintf("guest %d", w.accounts)
	identity, err := w.quietHop(p.charger.Do(1).Text)
	if err != nil {
		return nil, err
	}
	quote, err := w.server.Quote(ctx, account, identity)
	if err != nil {
		return nil, err
	}
	order, err := w.server.Issue(ctx, server.Ask{Account: account, Identity: identity, Tariff: quote.Hash})
	if err == nil && order.Trust.Kind() != 0 {
		err = w.present(p, order.Trust.Text())
	}
	return order, err
}

// present shows a code to a charger.
func (w *world) present(p *pile, text string) error {
	seen, err := w.quietHop(text)
	if err != nil {
		return err
	}
	_, err = p.charger.Accept(seen)
	return err
}

func replayed(w *world) error { return w.present(w.east, w.finished.order.Code.Text()) }

func elsewhere(w *world) error {
	order, err := w.order(w.east)
	if err != nil {
		return err
	}
	if err := w.present(w.west, w.server.Trust.Text()); err != nil {
		return err
	}
	return w.present(w.west, order.Code.Text())
}

func late(w *world) error {
	order, err := w.order(w.east)
	if err != nil {
		return err
	}
	w.pass(4 * time.Minute)
	return w.present(w.east, order.Code.Text())
}

func rebooted(w *world) error {
	order, err := w.order(w.west)
	if err != nil {
		return err
	}
	if err := w.west.boot(); err != nil {
		return err
	}
	return w.present(w.west, order.Code.Text())
}

// forge signs a payload with a key of the attacker's own, under the key id of
// somebody else.
func forge(p qrproto.Payload, id qrproto.KeyID) (string, error) {
	own, err := newSigner(id)
	if err != nil {
		return "", err
	}
	code, err := qrproto.Seal(p, own)
	return code.Text(), err
}

// lowered is the settlement of the first part with ten yuan less in it.
func (w *world) lowered() (*qrproto.Settlement, error) {
	s, err := qrproto.As[*qrproto.Settlement](qrproto.Open(w.finished.settlement, w.operator))
	if err != nil {
		return nil, err
	}
	s.Payable -= 10_00
	return s, nil
}

func (w *world) settle(text string) error {
	seen, err := w.quietHop(text)
	if err != nil {
		return err
	}
	_, err = w.server.Settle(context.Background(), seen)
	return err
}

func lowerAmount(w *world) error {
	s, err := w.lowered()
	if err != nil {
		return err
	}
	text, err := forge(s, w.east.device.Key.ID)
	if err != nil {
		return err
	}
	return w.settle(text)
}

func clone(w *world) error {
	s, err := w.lowered()
	if err != nil {
		return err
	}
	code, err := qrproto.Seal(s, w.east.device.Key)
	if err != nil {
		return err
	}
	return w.settle(code.Text())
}

func cheaperTariff(w *world) error {
	order, err := w.order(w.east)
	if err != nil {
		return err
	}
	cheap := *order.Start
	if cheap.Tariff, err = qrproto.EncodeTariff(gift()); err != nil {
		return err
	}
	text, err := forge(&cheap, w.issuer.ID)
	if err != nil {
		return err
	}
	return w.present(w.east, text)
}

// gift is a tariff of nearly nothing.
func gift() *tariff.Tariff {
	t, err := tariff.FromGrid(tariff.Grid{
		Rates:    []tariff.GridRate{{Name: tariff.Sharp, Electricity: 1}},
		Scale:    2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
	}, "CNY")
	if err != nil {
		panic(err) // the grid above is sound
	}
	return t
}

func changedTariff(w *world) error {
	ctx := context.Background()
	identity, err := w.quietHop(w.east.charger.Do(1).Text)
	if err != nil {
		return err
	}
	quote, err := w.server.Quote(ctx, "frank", identity)
	if err != nil {
		return err
	}
	shown := w.operator.prices
	defer func() { w.operator.prices = shown }()
	w.operator.prices = gift()
	_, err = w.server.Issue(ctx, server.Ask{Account: "frank", Identity: identity, Tariff: quote.Hash})
	return err
}

func stranger(w *world) error {
	number := []byte{0x66, 0x66}
	text, err := forge(&qrproto.Identity{
		Number: number, Connector: 1, Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1}}, Boot: 1, Rules: 1,
	}, qrproto.DeviceKeyID(number, 1))
	if err != nil {
		return err
	}
	seen, err := w.quietHop(text)
	if err != nil {
		return err
	}
	_, err = w.server.Quote(context.Background(), "grace", seen)
	return err
}

// twice shows a settlement that is paid once more: that is no attack, and gets
// the first answer again.
func twice(w *world) error {
	before := w.provider.Captured("alice")
	ctx := context.Background()
	again, err := w.server.Settle(ctx, w.finished.settlement)
	if err != nil {
		return err
	}
	if again, err = w.server.Pay(ctx, again.ID); err != nil {
		return err
	}
	after := w.provider.Captured("alice")
	if again.ID != w.finished.order.ID || after != before {
		return fmt.Errorf("settlement shown twice: order %x, captured %v then %v", again.ID[:], before, after)
	}
	w.say("same answer    the settlement is shown once more: order %x, charged once, %v", again.ID[:], again.Paid)
	return nil
}
