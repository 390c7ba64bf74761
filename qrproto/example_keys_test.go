// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// A key is looked at when it is loaded, not when a customer stands there.
func ExampleKey_Validate() {
	weak := qrproto.Key{ID: "iss1", Public: make(ed25519.PublicKey, 32), Kinds: []qrproto.Kind{qrproto.KindStartOrder}}
	fmt.Println(errors.Is(weak.Validate(), qrproto.ErrBadKey))
	device := qrproto.Key{ID: "dev1", Public: exampleIssuer.Key.Public(), Number: []byte{0x32, 0x01}, Kinds: []qrproto.Kind{qrproto.KindIdentity}}
	fmt.Println(errors.Is(device.Validate(), qrproto.ErrBadKey)) // not its number and a generation
	device.ID = qrproto.DeviceKeyID(device.Number, 3)
	fmt.Println(device.Validate(), device.Generation())
	// Output:
	// true
	// true
	// <nil> 3
}

// A server fetches keys from where it keeps them. That it could not look is another
// thing than that there is no such key.
func ExampleKeyFunc() {
	down := errors.New("database: no answer")
	keys := qrproto.KeyFunc(func(id qrproto.KeyID) (*qrproto.Key, error) { return nil, down })
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	_, err = qrproto.Open(code.Text(), keys)
	fmt.Println(errors.Is(err, qrproto.ErrUnknownKey), errors.Is(err, down))
	// Output: true true
}

// loyalty are the keys of an application that understands extension -7 of receipts.
type loyalty struct{ qrproto.KeyList }

func (loyalty) Knows(kind qrproto.Kind, extension int16) bool {
	return kind == qrproto.KindReceipt && extension == -7
}

// A critical extension is refused by whoever does not know it.
func ExampleKnower() {
	receipt := exampleReceipt()
	receipt.Ext = qrproto.Extensions{-7: []byte("12 points")}
	code, err := qrproto.Seal(receipt, exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	_, err = qrproto.Open(code.Text(), exampleKeys)
	fmt.Println(errors.Is(err, qrproto.ErrCritical))
	opened, err := qrproto.As[*qrproto.Receipt](qrproto.Open(code.Text(), loyalty{exampleKeys}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", opened.Ext[-7])
	// Output:
	// true
	// 12 points
}

// A store keeps the bytes: the text is more than twice as long.
func ExampleCodeOfBytes() {
	code, err := qrproto.Seal(exampleReceipt(), exampleIssuer)
	if err != nil {
		log.Fatal(err)
	}
	kind, b := code.Kind(), code.Bytes()
	again := qrproto.CodeOfBytes(kind, b)
	fmt.Println(len(b), "bytes for", len(code.Text()), "characters:", again.Text() == code.Text())
	// Output: 110 bytes for 272 characters: true
}

// The clocks of Berlin go back on 25 October 2026, an hour into this session.
func ExampleMakeOffsets() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		log.Fatal(err)
	}
	begin := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)
	steps := tariff.OffsetsIn(berlin, begin, begin.Add(8*time.Hour))
	fmt.Println(qrproto.MakeOffsets(steps))
	// Output: [7200 1792890000 3600]
}
