// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

func TestDigitsAreReadAndWritten(t *testing.T) {
	pile := must[Pile](t)(ParsePile("55031412782305"))
	if pile != (Pile{0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05}) || pile.String() != "55031412782305" {
		t.Errorf("pile %v", pile)
	}
	if every := must[Pile](t)(ParsePile("98765432100000")); every != (Pile{0x98, 0x76, 0x54, 0x32, 0x10}) {
		t.Errorf("pile %v", every)
	}
	number := must[ModelNumber](t)(ParseModelNumber("0100"))
	if number != (ModelNumber{1, 0}) || number.String() != "0100" {
		t.Errorf("model number %v", number)
	}
	const text = "55031412782305012603021755300007"
	serial := must[Serial](t)(ParseSerial(text))
	if serial != goldenRecord().Serial || serial.String() != text {
		t.Errorf("serial %v", serial)
	}
}

func TestDigitsRefuseOtherTexts(t *testing.T) {
	for _, text := range []string{"", "5503141278230", "550314127823050", "5503141278230a", "5503141278230 ", "-5503141278230", "５503141278230"} {
		if p, err := ParsePile(text); !errors.Is(err, ErrText) || p != (Pile{}) {
			t.Errorf("pile %q: %v, %v", text, p, err)
		}
	}
	if _, err := ParseModelNumber("1"); !errors.Is(err, ErrText) {
		t.Errorf("model number: %v", err)
	}
	if _, err := ParseSerial("0123456789abcdef0123456789abcdef"); !errors.Is(err, ErrText) {
		t.Errorf("serial: %v", err)
	}
}

func TestDigitsInJSON(t *testing.T) {
	type numbers struct {
		Pile   Pile
		Number ModelNumber
		Serial Serial
	}
	in := numbers{goldenModel().Pile, goldenModel().Number, goldenRecord().Serial}
	text := must[[]byte](t)(json.Marshal(in))
	const want = `{"Pile":"55031412782305","Number":"0100","Serial":"55031412782305012603021755300007"}`
	if string(text) != want {
		t.Errorf("wrote %s", text)
	}
	var out numbers
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("read %v, %v", out, err)
	}
	for _, bad := range []string{`{"Pile":"1"}`, `{"Number":"x100"}`, `{"Serial":""}`} {
		if err := json.Unmarshal([]byte(bad), &out); !errors.Is(err, ErrText) || out != in {
			t.Errorf("%s: %v, %v", bad, out, err)
		}
	}
	for _, bad := range []any{Pile{0xaa}, ModelNumber{0xaa}, Serial{15: 0xaa}} {
		if _, err := json.Marshal(bad); !errors.Is(err, ErrBCD) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if text := (ModelNumber{0xab, 0xcd}).String(); text != "abcd" {
		t.Errorf("what is no digit prints as %s", text)
	}
}

func TestSerialIsPutTogether(t *testing.T) {
	s := must[Serial](t)(NewSerial(goldenModel().Pile, 1, goldenRecord().Start, 7))
	if s != goldenRecord().Serial {
		t.Errorf("serial %v", s)
	}
	last := must[Serial](t)(NewSerial(Pile{}, 99, Time{Year: 99, Month: 12, Day: 31, Hour: 23, Minute: 59, Millisecond: 59_999}, 9999))
	if last.String() != "00000000000000"+"99"+"991231235959"+"9999" {
		t.Errorf("serial %v", last)
	}
}

func TestSerialComesApart(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var pile Pile
		for i := range pile {
			pile[i] = randomDigits(r)
		}
		at := Time{Year: uint8(r.IntN(100)), Month: uint8(1 + r.IntN(12)), Day: uint8(1 + r.IntN(28)),
			Hour: uint8(r.IntN(24)), Minute: uint8(r.IntN(60)), Millisecond: uint16(1000 * r.IntN(60))}
		connector, sequence := uint8(r.IntN(100)), uint16(r.IntN(10_000))
		p, c, a, n, err := must[Serial](t)(NewSerial(pile, connector, at, sequence)).Split()
		if err != nil || p != pile || c != connector || a != at || n != sequence {
			t.Fatalf("%v %d %v %d came apart as %v %d %v %d, %v", pile, connector, at, sequence, p, c, a, n, err)
		}
	}
}

func TestSerialRefuses(t *testing.T) {
	at := goldenRecord().Start
	_, err := NewSerial(Pile{0xff}, 1, at, 7)
	refused(t, err, "Pile", ErrBCD)
	_, err = NewSerial(Pile{}, 100, at, 7)
	refused(t, err, "Connector", ErrOverflow)
	_, err = NewSerial(Pile{}, 1, at, 10_000)
	refused(t, err, "Sequence", ErrOverflow)
	_, err = NewSerial(Pile{}, 1, Time{}, 7)
	refused(t, err, "Time", ErrTime)

	_, _, _, _, err = Serial{0xff}.Split()
	refused(t, err, "Serial", ErrBCD)
	_, _, _, _, err = must[Serial](t)(ParseSerial("00000000000000000000000000000042")).Split()
	refused(t, err, "Serial", ErrTime)
	for _, second := range []string{"60", "65", "66", "78", "99"} { // 66 s are more milliseconds than 16 bits hold
		_, _, _, _, err = must[Serial](t)(ParseSerial("55031412782305012603021755" + second + "0007")).Split()
		refused(t, err, "Serial", ErrTime)
	}
}
