// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// The keys of the examples. Real ones come from where they are kept, through
// crypto.Signer.
var (
	exampleIssuer = qrproto.Signer{ID: "iss1", Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))}
	exampleKeys   = qrproto.KeyList{{
		ID:     "iss1",
		Public: exampleIssuer.Key.Public(),
		Kinds:  []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt},
	}}
)

func exampleReceipt() *qrproto.Receipt {
	return &qrproto.Receipt{Settlement: qrproto.Ref{0: 0xaa, 15: 0xbb}, Paid: 3512, Time: 1795358811}
}

func ExampleSeal() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(code.Bytes()), "bytes")
	fmt.Println(code.Text()[:24] + "…")
	// Output:
	// 110 bytes
	// QR1/01180882505925842249…
}

func ExampleOpen() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	opened, err := qrproto.Open(code.Text(), exampleKeys)
	if err != nil {
		log.Fatal(err)
	}
	switch p := opened.Payload.(type) {
	case *qrproto.Receipt:
		fmt.Println("receipt over", p.Paid, "signed by", opened.Key.ID)
	case *qrproto.StartOrder:
		fmt.Println("order for connector", p.Connector)
	}
	// Output: receipt over 3512 signed by 69737331
}

// What cannot be verified is not returned. A developer finds it in the error.
func ExampleOpen_unverified() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	_, err = qrproto.Open(code.Text(), qrproto.KeyList{})
	var e *qrproto.Error
	if errors.As(err, &e) {
		fmt.Printf("E-%d: key %v claims to have been paid %d\n", int(e.Code), e.UnverifiedKey, e.Unverified.(*qrproto.Receipt).Paid)
	}
	// Output: E-109: key 69737331 claims to have been paid 3512
}

func ExampleAs() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := qrproto.As[*qrproto.Receipt](qrproto.Open(code.Text(), exampleKeys))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.Paid)
	_, err = qrproto.As[*qrproto.Settlement](qrproto.Open(code.Text(), exampleKeys))
	fmt.Println(errors.Is(err, qrproto.ErrKind))
	// Output:
	// 3512
	// true
}

// A server that keeps the keys of a million devices in a database asks Peek
// which one to fetch.
func ExamplePeek() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	kind, id, err := qrproto.Peek(code.Text())
	fmt.Println(kind, id, err)
	// Output: R 69737331 <nil>
}

// A phone that passes a code on shows it without opening it.
func ExampleParseCode() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	downloaded := "https://pay.example.com/c/" + code.Text() + "\n"
	again, err := qrproto.ParseCode(downloaded)
	fmt.Println(again.Kind(), again.Text() == code.Text(), err)
	// Output: R true <nil>
}

func ExampleCode_Link() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	link, err := code.Link("HTTPS://PAY.EXAMPLE.COM/C/")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(link[:40] + "…")
	_, err = code.Link("http://pay.example.com")
	fmt.Println(errors.Is(err, qrproto.ErrLink))
	// Output:
	// HTTPS://PAY.EXAMPLE.COM/C/QR1/0118088250…
	// true
}

// A code that a small display cannot show at once.
func ExampleCode_Parts() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	texts, err := code.Parts(5, "")
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range texts {
		fmt.Println(text[:24] + "…")
	}
	// Output:
	// QP1/60378493178876498373…
	// QP1/60378493178880594250…
}

func ExampleAssembly() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	texts, err := code.Parts(6, "HTTPS://A.EXAMPLE/")
	if err != nil {
		log.Fatal(err)
	}
	var assembly qrproto.Assembly
	for _, seen := range []string{texts[1], "https://example.com/", texts[1], texts[0]} {
		p, err := assembly.Add(seen)
		fmt.Printf("%d of %d, E-%d\n", p.Have, p.Count, int(qrproto.CodeOf(err)))
		if err == nil && p.Code.Kind() != 0 {
			receipt, err := qrproto.As[*qrproto.Receipt](qrproto.Open(p.Code.Text(), exampleKeys))
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("paid", receipt.Paid)
		}
	}
	// Output:
	// 1 of 2, E-0
	// 1 of 2, E-102
	// 1 of 2, E-0
	// 2 of 2, E-0
	// paid 3512
}

func ExampleSum() {
	sum, err := qrproto.Sum(exampleReceipt())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum.Ref())
	// Output: 9145796c46f7f79e42dbd34ab7ee3268
}

// nightAndDay costs less from 23:00 to 07:00.
func nightAndDay() (*tariff.Tariff, error) {
	g := tariff.Grid{
		Scale:    2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates: []tariff.GridRate{
			{Name: tariff.Peak, Electricity: 25, Service: 10},
			{Name: tariff.Valley, Electricity: 12, Service: 10},
		},
	}
	for slot := range g.Slots {
		if slot < 14 || slot >= 46 {
			g.Slots[slot] = 1
		}
	}
	return tariff.FromGrid(g, "EUR")
}

func ExampleTariffHash() {
	list, err := nightAndDay()
	if err != nil {
		log.Fatal(err)
	}
	hash, err := qrproto.TariffHash(list)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("named in an order:", hash.Ref())
	fmt.Println("told by a device that holds it:", hash.Hint())
	// Output:
	// named in an order: 888f3c76d30eb744744949d531452f53
	// told by a device that holds it: 888f3c76
}

func ExampleEncodeTariff() {
	list, err := nightAndDay()
	if err != nil {
		log.Fatal(err)
	}
	b, err := qrproto.EncodeTariff(list)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes: %x\n", len(b), b)
	again, err := qrproto.DecodeTariff(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Elements[1].Rate, again.Elements[1].When.Windows)
	// Output:
	// 24 bytes: 8901026345555246fffc0000000318190a0c0aa101420204
	// valley [23:00-07:00]
}

// A tariff that is no grid: with a tax in its price, and a fee for time after
// four hours. Only the one encoding of its normal form is read.
func ExampleDecodeTariff() {
	vat := []tariff.Tax{{Name: "VAT", Rate: 19_000}}
	b, err := qrproto.EncodeTariff(&tariff.Tariff{
		Rules: tariff.Rules1, Currency: "EUR", Scale: 2, TaxIncluded: true,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Elements: []tariff.Element{
			{Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 49, Taxes: vat}}},
			{When: tariff.Restrictions{Duration: tariff.Span{Min: 4 * 3600}},
				Components: []tariff.Component{{Dimension: tariff.TimeSpent, Class: tariff.Electricity, Price: 600, Step: 900, Taxes: vat}}},
		}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes: %x\n", len(b), b)
	list, err := qrproto.DecodeTariff(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.Elements[1].When.Duration.Min, "s")
	b[len(b)-1]++ // a tax of 19.001 %
	list, err = qrproto.DecodeTariff(b)
	fmt.Println(list.Elements[0].Components[0].Taxes, err)
	_, err = qrproto.DecodeTariff(b[:20])
	fmt.Println(errors.Is(err, qrproto.ErrTariff))
	// Output:
	// 34 bytes: 8501026345555282820018318418181902580fa11118f0a105818263564154194a38
	// 14400 s
	// [{VAT 19001 0}] <nil>
	// true
}

func ExampleKeyList_MarshalJSON() {
	b, err := json.MarshalIndent(exampleKeys, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(b))
	// Output:
	// {
	//   "keys": [
	//     {
	//       "kty": "OKP",
	//       "crv": "Ed25519",
	//       "x": "gTl3Dqh9F19Wo1Rmw0x-zMuNipG07jeiXfYPW4_Js5Q",
	//       "kid": "69737331",
	//       "use": "sig",
	//       "alg": "Ed25519",
	//       "key_ops": [
	//         "verify"
	//       ],
	//       "qrcharge_kinds": "OR"
	//     }
	//   ]
	// }
}

func ExampleKeyList_UnmarshalJSON() {
	var keys qrproto.KeyList
	err := json.Unmarshal([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"69737331","qrcharge_kinds":"OR",
		"x":"gTl3Dqh9F19Wo1Rmw0x-zMuNipG07jeiXfYPW4_Js5Q"}]}`), &keys)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(keys[0].ID, keys[0].Kinds)
	// Output: 69737331 [O R]
}

func ExampleDeviceKeyID() {
	number := []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}
	fmt.Println(qrproto.DeviceKeyID(number, 1))
	// Output: 3201060021353301
}

func ExampleEncodeRecord() {
	s := &qrproto.Settlement{
		Number: []byte{7}, Connector: 1, Seq: 1, Boot: 1, Start: 1795348899, Duration: 60,
		Delivered: 250_000, Cells: qrproto.Cells{0, 250_000}, Payable: 9, Reason: qrproto.StopUser, Total: 250_000,
	}
	record, err := qrproto.EncodeRecord(s) // into the journal
	if err != nil {
		log.Fatal(err)
	}
	again, err := qrproto.DecodeRecord([]byte{7}, record)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(record), "bytes,", again.Delivered, "mWh")
	// Output: 80 bytes, 250000 mWh
}

func ExampleCodeOf() {
	_, err := qrproto.Open("QO1/123456", exampleKeys)
	fmt.Printf("E-%d\n", int(qrproto.CodeOf(err)))
	// Output: E-105
}

// On the device an agreement key of its own and the server's public one, on the
// server the other halves: what a stranger scans tells him nothing.
func ExampleCarrier() {
	device, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	server, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	identity := &qrproto.Identity{
		Number: []byte{7}, Connector: 1, Boot: 3, Rules: 1,
		Challenge: qrproto.Challenge{Counter: 9, Nonce: [8]byte{1, 2, 3}},
		Head:      &qrproto.Head{Seq: 12}, Records: [][]byte{[]byte("a settlement")},
	}

	atDevice, err := qrproto.NewCarrier(device, server.PublicKey())
	if err != nil {
		log.Fatal(err)
	}
	if identity.Records, err = atDevice.Apply(identity); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(identity.Records[0]), "bytes, readable:", string(identity.Records[0]) == "a settlement")

	atServer, err := qrproto.NewCarrier(server, device.PublicKey())
	if err != nil {
		log.Fatal(err)
	}
	records, err := atServer.Apply(identity)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", records[0])
	// Output:
	// 12 bytes, readable: false
	// a settlement
}
