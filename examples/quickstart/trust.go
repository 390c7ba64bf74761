// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// bounds are what a root lets an issuer do: a stolen one is worth no more.
var bounds = qrproto.Caps{Fleet: []byte{0x32, 0x01, 0x06}, Currency: "CNY", Amount: 100_00, Quota: 50, Acknowledge: true}

// delegate has a root let a new issuer sell, and nobody else, and starts a server
// that sells by it. Where the old one was and the new one is, the store stays.
func (w *world) delegate(root qrproto.Signer, id qrproto.KeyID) error {
	issuer, err := newSigner(id)
	if err != nil {
		return err
	}
	key := qrproto.Key{ID: id, Public: issuer.Key.Public(), Caps: &bounds,
		Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindStopOrder, qrproto.KindReceipt}}
	delegation, err := qrproto.Delegate(&key)
	if err != nil {
		return err
	}
	epoch := uint32(len(w.trust) + 1)
	code, err := qrproto.Seal(&qrproto.Trust{Epoch: epoch, Least: epoch, Delegations: []qrproto.Delegation{delegation}}, root)
	if err != nil {
		return err
	}
	w.issuer, w.issuers, w.trust = issuer, append(w.issuers, key), append(w.trust, code)
	w.server = &server.Server{
		Store: w.store, Issuer: issuer, Directory: w.operator, Payments: w.provider,
		Now: func() time.Time { return w.now }, Rand: rand.Reader, Agreement: []*ecdh.PrivateKey{w.secret},
		Trust: code, Roots: w.rootKeys(),
	}
	return nil
}

// rootKeys are all that a charger is provisioned with: the second root is for the
// day on which the first is lost.
func (w *world) rootKeys() qrproto.KeyList {
	var keys qrproto.KeyList
	for _, root := range w.roots {
		keys = append(keys, qrproto.Key{ID: root.ID, Public: root.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}})
	}
	return keys
}

// introduce shows a charger whom to trust.
func (w *world) introduce(p *pile, snapshot qrproto.Code) error {
	w.title("3  The charger knows two roots and nobody else. The phone shows it whom they let sell.")
	text, err := w.hop("trust", snapshot.Text())
	if err != nil {
		return err
	}
	if _, err := p.charger.Accept(text); err != nil {
		return err
	}
	most := tariff.Money{Units: bounds.Amount, Scale: 2, Currency: bounds.Currency}
	w.say("checked: signed by root %s; from epoch %d on issuer %s may sell", string(w.roots[0].ID), p.charger.Epoch(), string(w.issuer.ID))
	w.say("         at chargers %x…, up to %v an order and %d orders a charger", bounds.Fleet, most, bounds.Quota)
	return nil
}

// voucher shows the charger what only the server can redeem.
func voucher(w *world) error {
	code, err := qrproto.Seal(&qrproto.Voucher{
		ID: [16]byte{1}, Amount: 20_00, Scale: 2, Currency: "CNY", From: w.now.Unix(), Until: w.now.Unix() + 86400,
	}, w.issuer)
	if err != nil {
		return err
	}
	return w.present(w.east, code.Text())
}

// aboveCap signs an order with the issuer's own key, for more than its bounds.
func aboveCap(w *world) error {
	order, err := w.order(w.east)
	if err != nil {
		return err
	}
	dear, limits := *order.Start, *order.Start.Limits
	limits.Amount = bounds.Amount + 1
	dear.Limits = &limits
	code, err := qrproto.Seal(&dear, w.issuer)
	if err != nil {
		return err
	}
	return w.present(w.east, code.Text())
}

// stolen has the other root replace the issuer, whose key a thief has, and the
// charger see that. Then the thief signs what the server would have.
func stolen(w *world) error {
	thief := w.issuer
	if err := w.delegate(w.roots[1], "iss2"); err != nil {
		return err
	}
	order, err := w.order(w.east)
	if err != nil {
		return err
	}
	code, err := qrproto.Seal(order.Start, thief)
	if err != nil {
		return err
	}
	return w.present(w.east, code.Text())
}

// rolledBack shows the snapshot that still delegates to the stolen key.
func rolledBack(w *world) error { return w.present(w.east, w.trust[0].Text()) }
