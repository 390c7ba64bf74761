// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// carPark is an operator with one device of two connectors, on which members
// charge for less.
type carPark struct {
	number []byte
	keys   qrproto.KeyList // of devices, old ones too: their settlements still come
	member map[string]bool
}

func (p *carPark) Key(id qrproto.KeyID) (*qrproto.Key, error) { return p.keys.Key(id) }

func (p *carPark) Site(_ context.Context, charger []byte) (*server.Site, error) {
	if !bytes.Equal(charger, p.number) {
		return nil, server.ErrNotEnrolled
	}
	return &server.Site{Name: "North gate", Zone: time.FixedZone("", 8*3600)}, nil
}

func (p *carPark) Terms(_ context.Context, account string, _ []byte, connector uint8) (*server.Terms, error) {
	if connector < 1 || connector > 2 {
		return nil, errors.New("car park: no such connector")
	}
	fee := int64(40)
	if p.member[account] {
		fee = 10
	}
	list, err := tariff.FromGrid(tariff.Grid{
		Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Flat, Electricity: 90, Service: fee}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
	}, "CNY")
	if err != nil {
		return nil, err
	}
	return &server.Terms{Tariff: list, Hold: tariff.Money{Units: 100_00, Scale: 2, Currency: "CNY"}, Energy: 60_000_000}, nil
}

// A Server is put together of what the operator has: here a directory of its own,
// and a store and a payment provider in memory. Who asks decides what is quoted.
func ExampleDirectory() {
	number := []byte{0x32, 0x01, 0x06}
	device, err := keyfile.Generate(qrproto.Key{
		ID: qrproto.DeviceKeyID(number, 1), Number: number, Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement},
	}, keyfile.Ed25519, rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	issuer, err := keyfile.Generate(qrproto.Key{
		ID: "iss1", Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt, qrproto.KindStopOrder},
	}, keyfile.Ed25519, rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	s := &server.Server{
		Store: settletest.NewStore(), Issuer: issuer.Signer(), Now: time.Now, Rand: rand.Reader,
		Directory: &carPark{number, qrproto.KeyList{device.Key()}, map[string]bool{"anna": true}},
		Payments:  settletest.NewProvider(settletest.ProviderOptions{Now: time.Now}),
	}

	shown, err := qrproto.Seal(&qrproto.Identity{
		Number: number, Connector: 1, Boot: 1, Rules: 1, Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1}},
	}, device.Signer())
	if err != nil {
		log.Fatal(err)
	}
	for _, account := range []string{"anna", "bert"} {
		quote, err := s.Quote(context.Background(), account, shown.Text())
		if err != nil {
			log.Fatal(err)
		}
		service := tariff.Money{Units: quote.Tariff.Elements[0].Components[1].Price, Scale: quote.Tariff.Scale, Currency: quote.Currency}
		fmt.Println(account, "at", quote.Name, "pays for service", service, "a kWh and has", quote.Until.Sub(quote.FirstSeen))
	}
	// Output:
	// anna at North gate pays for service 0.1 CNY a kWh and has 8m0s
	// bert at North gate pays for service 0.4 CNY a kWh and has 8m0s
}
