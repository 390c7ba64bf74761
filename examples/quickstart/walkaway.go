// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// walkAway plays a driver who leaves without scanning. The next customer's
// identity code brings the settlement in.
func walkAway(w *world) error {
	w.title("12 Dave charges for 20 minutes and walks away without scanning the settlement.")
	order, err := w.charging(w.east, 20*time.Minute)
	if err != nil {
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
