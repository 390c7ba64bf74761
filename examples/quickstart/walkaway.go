// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// remoteStop plays a customer who wants to end the session from elsewhere. The
// code that a friend shows to the charger ends this order, and no other.
func remoteStop(w *world) error {
	w.title("11 Bob is at work; his car at the other charger has to stop. A friend there shows a code.")
	order, err := w.order(w.west)
	if err != nil {
		return err
	}
	w.say("that charger had missed the newest snapshot as well: shown, then the order")
	if err := w.present(w.west, order.Code.Text()); err != nil {
		return err
	}
	if err := w.west.plug(true); err != nil {
		return err
	}
	if err := w.west.deliver(20*time.Minute, 7000); err != nil {
		return err
	}
	stop, err := w.server.Stop(context.Background(), order.ID)
	if err != nil {
		return err
	}
	text, err := w.hop("stop", stop.Text())
	if err != nil {
		return err
	}
	if _, err := w.west.charger.Accept(text); err != nil {
		return err
	}
	if w.west.charger.Do(1).Relay {
		return fmt.Errorf("the stop order was accepted, and energy flows")
	}
	w.say("checked: issuer's signature and right, the order that runs; the relay opens")
	if err := w.west.plug(false); err != nil {
		return err
	}
	order, err = w.server.Settle(context.Background(), w.west.charger.Do(1).Text)
	if err != nil {
		return err
	}
	if order.Settlement.Reason != qrproto.StopRemote {
		return fmt.Errorf("the settlement gives reason %d for the stop", order.Settlement.Reason)
	}
	if order, err = w.server.Pay(context.Background(), order.ID); err != nil {
		return err
	}
	w.say("settled and paid: %v; the settlement says that it was stopped from afar", order.Paid)
	return nil
}

// walkAway plays a driver who leaves without scanning. The next customer's
// identity code brings the settlement in.
func walkAway(w *world) error {
	w.title("12 Dave charges for 20 minutes and walks away without scanning the settlement.")
	order, err := w.order(w.east)
	if err != nil {
		return err
	}
	if err := w.present(w.east, order.Code.Text()); err != nil {
		return err
	}
	if err := w.east.plug(true); err != nil {
		return err
	}
	if err := w.east.deliver(20*time.Minute, 7000); err != nil {
		return err
	}
	if err := w.east.plug(false); err != nil {
		return err
	}
	w.say("on the screen: %v to pay, for two minutes", w.east.charger.Do(1).Cost)
	w.pass(3 * time.Minute)
	w.title("13 Later the next customer scans the charger. Its identity carries Dave's record.")
	identity, err := w.hop("walkaway/identity", w.east.charger.Do(1).Text)
	if err != nil {
		return err
	}
	if err := w.pry(identity); err != nil {
		return err
	}
	ctx := context.Background()
	quote, err := w.server.Quote(ctx, "erin", identity)
	if err != nil {
		return err
	}
	if len(quote.Carried) != 1 || quote.Carried[0].Err != nil || quote.Carried[0].Order.ID != order.ID {
		return fmt.Errorf("the identity carried %+v", quote.Carried)
	}
	paid, err := w.server.Pay(ctx, order.ID)
	if err != nil {
		return err
	}
	w.say("taken in: record %d, %s kWh; captured %v from Dave's hold", paid.Settlement.Seq,
		tariff.AppendDecimal(nil, paid.Settlement.Delivered, 6), paid.Paid)
	return nil
}

// pry reads the records in an identity as whoever finds the link in the history
// of somebody's phone: with all public keys, and without the server's own.
func (w *world) pry(identity string) error {
	i, err := qrproto.As[*qrproto.Identity](qrproto.Open(identity, w.operator))
	if err != nil {
		return err
	}
	if len(i.Records) != 1 {
		return fmt.Errorf("the identity carries %d records", len(i.Records))
	}
	if s, err := qrproto.DecodeRecord(i.Number, i.Records[0]); err == nil {
		return fmt.Errorf("anybody reads record %d", s.Seq)
	}
	w.say("to the phone it is noise: %d bytes, %x…; the server alone has the key", len(i.Records[0]), i.Records[0][:8])
	return nil
}
