// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// remoteStop plays a customer who wants to end the session from elsewhere. The
// code that a friend shows to the charger ends this order, and no other.
func remoteStop(w *world) error {
	w.title("11 Bob is at work; his car at the other charger has to stop. A friend there shows a code.")
	w.say("that charger had missed the newest snapshot as well: shown, then the order")
	order, err := w.charging(w.west, 20*time.Minute)
	if err != nil {
		return err
	}
	if err := w.stopBy(w.west, order.ID); err != nil {
		return err
	}
	w.say("checked: issuer's signature and right, the order that runs; the relay opens")
	if err := w.west.plug(false); err != nil {
		return err
	}
	ctx := context.Background()
	if order, err = w.server.Settle(ctx, w.west.charger.Do(1).Text); err != nil {
		return err
	}
	if order.Settlement.Reason != qrproto.StopRemote {
		return fmt.Errorf("the settlement gives reason %d for the stop", order.Settlement.Reason)
	}
	if order, err = w.server.Pay(ctx, order.ID); err != nil {
		return err
	}
	w.say("settled and paid: %v; the settlement says that it was stopped from afar", order.Paid)
	return nil
}

// charging has a charger sell at 7 kW for so long, and go on.
func (w *world) charging(p *pile, d time.Duration) (*server.Order, error) {
	order, err := w.order(p)
	if err != nil {
		return nil, err
	}
	if err := w.present(p, order.Code.Text()); err != nil {
		return nil, err
	}
	if err := p.plug(true); err != nil {
		return nil, err
	}
	return order, p.deliver(d, 7000)
}

// stopBy has a phone show the stop order of an order.
func (w *world) stopBy(p *pile, order qrproto.OrderID) error {
	stop, err := w.server.Stop(context.Background(), order)
	if err != nil {
		return err
	}
	text, err := w.hop("stop", stop.Text())
	if err != nil {
		return err
	}
	if _, err := p.charger.Accept(text); err != nil {
		return err
	}
	if p.charger.Do(1).Relay {
		return fmt.Errorf("the stop order was accepted, and energy flows")
	}
	return nil
}
