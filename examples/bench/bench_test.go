// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	gocose "github.com/veraison/go-cose"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// compare runs both by turns and reports medians and their ratio.
func compare(b *testing.B, yardstick, ours func() error) {
	b.Helper()
	b.ReportAllocs()
	var bare, full []time.Duration
	for b.Loop() {
		start := time.Now()
		err1 := yardstick()
		middle := time.Now()
		err2 := ours()
		end := time.Now()
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		bare, full = append(bare, middle.Sub(start)), append(full, end.Sub(middle))
	}
	slices.Sort(bare)
	slices.Sort(full)
	m, n := bare[len(bare)/2], full[len(full)/2]
	b.ReportMetric(float64(m.Nanoseconds()), "yardstick-ns")
	b.ReportMetric(float64(n.Nanoseconds()), "ours-ns")
	b.ReportMetric(float64(n)/float64(m), "ratio")
	b.ReportMetric(0, "ns/op") // of both together: says nothing
}

var number = []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// signers are the owners of two keys, and who trusts them: a pointer, of which an
// interface can be made without an allocation.
func signers() (device, issuer qrproto.Signer, keys *qrproto.KeyList) {
	device = qrproto.Signer{ID: qrproto.DeviceKeyID(number, 1), Key: key("device")}
	issuer = qrproto.Signer{ID: "iss1", Key: key("issuer")}
	return device, issuer, &qrproto.KeyList{
		{ID: device.ID, Public: device.Key.Public(), Number: number, Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}},
		{ID: issuer.ID, Public: issuer.Key.Public(), Kinds: []qrproto.Kind{
			qrproto.KindStartOrder, qrproto.KindReceipt, qrproto.KindStopOrder, qrproto.KindVoucher, qrproto.KindTrust,
		}}, // a root is a key of its own; here it saves a signer
	}
}

// fourRates is a grid of 48 slots under four rates.
func fourRates(b *testing.B) *tariff.Tariff {
	g := tariff.Grid{
		Scale:    5,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates: []tariff.GridRate{
			{Name: tariff.Sharp, Electricity: 135_468, Service: 40_000}, {Name: tariff.Peak, Electricity: 112_345, Service: 40_000},
			{Name: tariff.Flat, Electricity: 71_234, Service: 40_000}, {Name: tariff.Valley, Electricity: 33_321, Service: 35_000},
		},
	}
	for i := range g.Slots {
		g.Slots[i] = []uint8{3, 3, 2, 1, 0, 1, 2, 3}[i/6]
	}
	t, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		b.Fatal(err)
	}
	return t
}

func order(b *testing.B) *qrproto.StartOrder {
	canonical, err := qrproto.EncodeTariff(fourRates(b))
	if err != nil {
		b.Fatal(err)
	}
	return &qrproto.StartOrder{
		ID: qrproto.OrderID{1}, Charger: number, Connector: 2, Challenge: qrproto.Challenge{Counter: 4711, Nonce: [8]byte{1, 2, 3}},
		Issued: 1795348800, Held: 58, Window: 180, Tariff: canonical, Offsets: qrproto.Offsets{28800}, Scale: 2,
		Target: &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 30_000_000}, Limits: &qrproto.Limits{Energy: 80_000_000, Amount: 10000},
		Funding: qrproto.FundingHold, Ack: &qrproto.Ack{Seq: 20344, Sum: qrproto.Short{8}},
	}
}

// settled is the settlement of an order as a device writes it.
func settled(b *testing.B, o *qrproto.StartOrder, plan *tariff.Plan) *qrproto.Settlement {
	hash, err := qrproto.Sum(o)
	if err != nil {
		b.Fatal(err)
	}
	s := &qrproto.Settlement{
		Number: number, Connector: 2, Seq: 20346, Previous: qrproto.Ref{7}, Order: hash.Ref(), Boot: 1203,
		Start: o.Issued + 40, Duration: 9876, Uncertainty: 31, Register: 412_345_678_901, Delivered: 30_000_123,
		Cells: qrproto.Cells{0, 7_000_000, 2, 8_000_000, 4, 9_000_000, 6, 6_000_123}, Reason: qrproto.StopTarget, Total: 412_375_679_024,
	}
	var bill tariff.Bill
	if err := settle.Price(&bill, o, plan, s); err != nil {
		b.Fatal(err)
	}
	s.Payable, s.Waived = bill.Payable.Units, bill.Waived.Units
	return s
}

// bareVerify is ed25519.Verify over a message as long as the code's.
func bareVerify(code qrproto.Code, signer qrproto.Signer) func() error {
	message := code.Bytes()[:len(code.Bytes())-ed25519.SignatureSize]
	private := signer.Key.(ed25519.PrivateKey)
	signature, public := ed25519.Sign(private, message), private.Public().(ed25519.PublicKey)
	return func() error {
		if !ed25519.Verify(public, message, signature) {
			return qrproto.ErrSignature
		}
		return nil
	}
}

func BenchmarkOpenStartOrder(b *testing.B) {
	_, issuer, keys := signers()
	code, err := qrproto.Seal(order(b), issuer)
	if err != nil {
		b.Fatal(err)
	}
	text := code.Text()
	compare(b, bareVerify(code, issuer), func() error {
		_, err := qrproto.As[*qrproto.StartOrder](qrproto.Open(text, keys))
		return err
	})
}

// BenchmarkGoCOSE reads the same payload in an envelope of its own with
// go-cose, without looking into the payload.
func BenchmarkGoCOSE(b *testing.B) {
	_, issuer, _ := signers()
	code, err := qrproto.Seal(order(b), issuer)
	if err != nil {
		b.Fatal(err)
	}
	signer, err := gocose.NewSigner(gocose.AlgorithmEdDSA, issuer.Key)
	if err != nil {
		b.Fatal(err)
	}
	verifier, err := gocose.NewVerifier(gocose.AlgorithmEdDSA, issuer.Key.Public())
	if err != nil {
		b.Fatal(err)
	}
	m := gocose.NewSign1Message()
	m.Payload = code.Bytes()[15 : len(code.Bytes())-66]
	m.Headers.Protected.SetAlgorithm(gocose.AlgorithmEdDSA)
	m.Headers.Protected[gocose.HeaderLabelKeyID] = []byte(issuer.ID)
	aad := []byte("qrcharge/1/O")
	if err := m.Sign(nil, aad, signer); err != nil {
		b.Fatal(err)
	}
	whole, err := m.MarshalCBOR()
	if err != nil {
		b.Fatal(err)
	}
	compare(b, bareVerify(code, issuer), func() error {
		var in gocose.Sign1Message
		if err := in.UnmarshalCBOR(whole); err != nil {
			return err
		}
		return in.Verify(aad, verifier)
	})
}

// BenchmarkSettle is what a server does with the text of a settlement, storage
// apart: it is verified, the order's plan comes by settle.Plans, as in
// server.Server, and the price is recomputed. Met, its tariff was met before in
// an order under other limits. New, it is decoded and compiled for the first time.
func BenchmarkSettle(b *testing.B) {
	device, _, keys := signers()
	o := order(b)
	plan, err := settle.Compile(o, nil)
	if err != nil {
		b.Fatal(err)
	}
	code, err := qrproto.Seal(settled(b, o, plan), device)
	if err != nil {
		b.Fatal(err)
	}
	text := code.Text()
	verify := func(plans *settle.Plans) error {
		s, err := qrproto.As[*qrproto.Settlement](qrproto.Open(text, keys))
		if err != nil {
			return err
		}
		plan, err := plans.Compile(o, o.Tariff)
		if err != nil {
			return err
		}
		_, err = settle.Verify(o, plan, s)
		return err
	}
	b.Run("met", func(b *testing.B) {
		var plans settle.Plans
		other := *o
		other.Limits = &qrproto.Limits{Energy: 1_000_000, Amount: 500}
		if _, err := plans.Compile(&other, nil); err != nil {
			b.Fatal(err)
		}
		compare(b, bareVerify(code, device), func() error { return verify(&plans) })
	})
	b.Run("new", func(b *testing.B) {
		compare(b, bareVerify(code, device), func() error { return verify(new(settle.Plans)) })
	})
}
