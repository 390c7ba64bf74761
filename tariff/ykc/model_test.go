// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

func TestModelGoldenBytes(t *testing.T) {
	var read Model
	if err := read.UnmarshalBinary(unhex(modelBytes)); err != nil {
		t.Fatal(err)
	}
	if read != *goldenModel() {
		t.Errorf("read %+v", read)
	}
	if data := must[[]byte](t)(goldenModel().MarshalBinary()); !bytes.Equal(data, unhex(modelBytes)) {
		t.Errorf("wrote %x", data)
	}
	appended := must[[]byte](t)(goldenModel().AppendBinary([]byte("head")))
	if !bytes.Equal(appended, append([]byte("head"), unhex(modelBytes)...)) {
		t.Errorf("appended %x", appended)
	}
}

// The body of the frame that circulates with the protocol. Its service fees are
// written high byte first, 40 9c for 0.40000; read as the protocol says, they
// are 0x409c.
func TestModelOfTheProtocolsExample(t *testing.T) {
	body := unhex("55031412782305 0100" +
		"400d0300 9c400000 e0930400 9c400000 801a0600 9c400000 20a10700 9c400000 00" +
		"000000000000000000000000000000000000000000000000 000000000000000000000000000000000000000000000000")
	var m Model
	if err := m.UnmarshalBinary(body); err != nil {
		t.Fatal(err)
	}
	want := [Rates]Fees{{200_000, 0x409c}, {300_000, 0x409c}, {400_000, 0x409c}, {500_000, 0x409c}}
	if m.Rates != want || m.Pile.String() != "55031412782305" || m.Number.String() != "0100" || m.Slots != [48]uint8{} {
		t.Errorf("read %+v", m)
	}
}

func TestModelOfAnyBytesComesBackOrIsRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		data := randomModelBytes(r)
		var m Model
		if err := m.UnmarshalBinary(data); err != nil {
			t.Fatalf("%x: %v", data, err)
		}
		if back := must[[]byte](t)(m.MarshalBinary()); !bytes.Equal(back, data) {
			t.Fatalf("%x came back as %x", data, back)
		}
	}
}

// randomModelBytes draws a well-formed model, digits and slots aside of any bytes.
func randomModelBytes(r *rand.Rand) []byte {
	data := make([]byte, ModelSize)
	for i := range data {
		data[i] = byte(r.Uint32())
		if i < 9 {
			data[i] = randomDigits(r)
		}
		if i >= 42 {
			data[i] %= Rates
		}
	}
	return data
}

func randomDigits(r *rand.Rand) byte { return byte(r.IntN(10)<<4 | r.IntN(10)) }

func TestModelRefusesEveryOtherLength(t *testing.T) {
	before := *goldenModel()
	for n := range 3 * ModelSize {
		m := before
		err := m.UnmarshalBinary(append(unhex(modelBytes), make([]byte, 2*ModelSize)...)[:n])
		if n == ModelSize {
			if err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
			continue
		}
		refused(t, err, "Model", ErrLength)
		if m != before {
			t.Fatalf("%d bytes changed the model", n)
		}
	}
}

func TestModelRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		at       int
		value    byte
		path     string
		sentinel error
	}{
		{"a letter high in the pile", 0, 0xa5, "Pile", ErrBCD},
		{"a letter low in the pile", 6, 0x0f, "Pile", ErrBCD},
		{"a letter in the number", 8, 0x1a, "Number", ErrBCD},
		{"a fifth rate at midnight", 42, 4, "Slots[0]", ErrSlot},
		{"a fifth rate at 23:30", 89, 255, "Slots[47]", ErrSlot},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := unhex(modelBytes)
			data[c.at] = c.value
			var m Model
			refused(t, m.UnmarshalBinary(data), c.path, c.sentinel)
			if m != (Model{}) {
				t.Error("the model was changed")
			}
		})
	}
}

func TestModelThatIsNotWritten(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*Model)
		path     string
		sentinel error
	}{
		{"pile", func(m *Model) { m.Pile[3] = 0xaa }, "Pile", ErrBCD},
		{"number", func(m *Model) { m.Number[0] = 0x0c }, "Number", ErrBCD},
		{"slot", func(m *Model) { m.Slots[17] = Rates }, "Slots[17]", ErrSlot},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := goldenModel()
			c.change(m)
			data, err := m.MarshalBinary()
			refused(t, err, c.path, c.sentinel)
			if data != nil {
				t.Errorf("returned %s with an error", hex.EncodeToString(data))
			}
			if dst, _ := m.AppendBinary([]byte("x")); string(dst) != "x" {
				t.Errorf("appended %x with an error", dst)
			}
		})
	}
}
