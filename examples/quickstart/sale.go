// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/billtext"
)

// played is a sale that was played to its end.
type played struct {
	order      *server.Order
	settlement string // text
}

// sale is the loop: identity, trust, order, energy, settlement, receipt.
func sale(w *world) error {
	err := w.begin(w.east, "alice")
	if err != nil {
		return err
	}
	if err := w.charge(); err != nil {
		return err
	}
	settlement, order, err := w.end(w.east, "settlement")
	if err != nil {
		return err
	}
	w.finished = played{order, settlement}
	if err := w.writeBill(order.Bill); err != nil {
		return err
	}
	return w.close(order)
}

// begin takes a customer from the charger's screen to an accepted order.
func (w *world) begin(p *pile, account string) error {
	w.title("1  The charger has no network. It shows who it is; %s's phone reads it.", account)
	identity, err := w.hop("identity", p.charger.Do(1).Text)
	if err != nil {
		return err
	}
	w.title("2  The phone takes it to the server, which quotes this customer's own prices.")
	ctx := context.Background()
	quote, err := w.server.Quote(ctx, account, identity)
	if err != nil {
		return err
	}
	w.say("checked: signed by charger %x, connector %d, at %s, %s", quote.Number, quote.Connector, quote.Place, quote.Name)
	w.showPrices(quote)
	if err := w.introduce(p, quote.Trust); err != nil {
		return err
	}
	w.pass(70 * time.Second)
	w.title("4  After 70 seconds %s chooses \"full\". The server signs the order; the phone shows it.", account)
	order, err := w.server.Issue(ctx, server.Ask{Account: account, Identity: identity, Tariff: quote.Hash})
	if err != nil {
		return err
	}
	w.say("held on the card: %v; order %x", order.Amount, order.ID[:])
	text, err := w.hop("order", order.Code.Text())
	if err != nil {
		return err
	}
	w.pass(9 * time.Second)
	w.title("5  The charger scans the order and checks it offline.")
	if _, err := p.charger.Accept(text); err != nil {
		return err
	}
	w.say("checked: issuer's signature and bounds, this charger, this connector, a challenge shown %v ago", 79*time.Second)
	w.say("         of which the server held it %d s, never used, tariff in normal form", order.Start.Held)
	return p.plug(true)
}

func (w *world) showPrices(q *server.Quote) {
	for _, e := range q.Tariff.Elements {
		hours := make([]string, len(e.When.Windows))
		for i, window := range e.When.Windows {
			hours[i] = window.String()
		}
		price := func(i int) []byte { return tariff.AppendDecimal(nil, e.Components[i].Price, q.Tariff.Scale) }
		w.say("%-6v electricity %s + service %s %s/kWh  %s", e.Rate, price(0), price(1), q.Currency, strings.Join(hours, ", "))
	}
	w.say("at most %v is held, and released but for the bill", q.Hold)
}

// charge plays the session: from 16:41 to 19:30, over two price boundaries.
func (w *world) charge() error {
	w.title("6  Plugged in: the relay closes once the start is in the journal.")
	p := w.east
	for _, part := range []struct {
		minutes int
		rate    string
	}{{19, "flat until 17:00"}, {120, "peak until 19:00"}, {30, "sharp from then on"}} {
		if err := p.deliver(time.Duration(part.minutes)*time.Minute, 7000); err != nil {
			return err
		}
		w.say("%s  %s: %v so far", w.now.Format("15:04:05"), part.rate, p.charger.Do(1).Cost)
	}
	w.say("journal: %d records", p.journal.Len())
	if err := p.charger.Stop(1, p.reading(0), qrproto.StopUser); err != nil {
		return err
	}
	w.say("%s  alice presses stop; the relay opens, the plug is free", w.now.Format("15:04:05"))
	w.pass(40 * time.Second)
	return p.plug(false)
}

// end takes the settlement from the charger's screen to the server.
func (w *world) end(p *pile, name string) (string, *server.Order, error) {
	w.title("7  Unplugged. The charger shows the signed settlement; the phone reads it.")
	text, err := w.hop(name, p.charger.Do(1).Text)
	if err != nil {
		return "", nil, err
	}
	w.title("8  The server checks it and recomputes the price.")
	order, err := w.server.Settle(context.Background(), text)
	if err != nil {
		return "", nil, err
	}
	s := order.Settlement
	w.say("checked: signed by the charger, for this order, record %d of its chain", s.Seq)
	w.say("the charger says %v, the server computes %v (exactly %v)", order.Payable(), order.Bill.Payable, order.Bill.Exact)
	return text, order, nil
}

// close pays and brings the receipt back.
func (w *world) close(order *server.Order) error {
	w.title("9  Paid; the receipt goes back to the charger.")
	ctx := context.Background()
	order, err := w.server.Pay(ctx, order.ID)
	if err != nil {
		return err
	}
	code, err := w.server.Receipt(ctx, order.ID)
	if err != nil {
		return err
	}
	w.say("captured %v of %v, the rest is released", order.Paid, order.Amount)
	text, err := w.hop("receipt", code.Text())
	if err != nil {
		return err
	}
	if _, err := w.east.charger.Accept(text); err != nil {
		return err
	}
	w.say("checked: issuer's signature, this connector's last settlement; the server has stored record %d", order.Settlement.Seq)
	return nil
}

// writeBill writes the bill for people and for programs, and shows it.
func (w *world) writeBill(b *tariff.Bill) error {
	text, err := billtext.Append(nil, b, billtext.Both)
	if err != nil {
		return err
	}
	if err := w.write("bill.txt", text); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\n%s", text)
	j, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return w.write("bill.json", append(j, '\n'))
}
