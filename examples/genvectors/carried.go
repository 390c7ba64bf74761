// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

const carriedSalt = "qrcharge/1/carried"

// A carried vector is an identity whose records are encrypted to a server.
type carried struct {
	name, comment string
	identity      object // without records
	by            signer
	records       []octets // in the clear
	device        []byte   // private keys
	server        []byte
}

type carriedJSON struct {
	Comment       string        `json:"comment"`
	Keys          []key         `json:"keys"`
	DevicePrivate octetsHex     `json:"device_private"`
	DevicePublic  octetsHex     `json:"device_public"`
	ServerPrivate octetsHex     `json:"server_private"`
	ServerPublic  octetsHex     `json:"server_public"`
	Shared        octetsHex     `json:"shared_secret"`
	Salt          octetsHex     `json:"salt"`
	Records       []carriedPart `json:"records"`
	Text          string        `json:"text"`
}

type carriedPart struct {
	Info      octetsHex `json:"info"`
	Key       octetsHex `json:"key"`
	Clear     octetsHex `json:"clear"`
	Encrypted octetsHex `json:"encrypted"`
}

// parts encrypts the records, as the specification has it, section 10.1.
func (c carried) parts() (parts []carriedPart) {
	shared := x25519(c.device, x25519Public(c.server))
	challenge, head := c.identity.get(4).(list), c.identity.get(13).(list)
	for i, record := range c.records {
		info := append([]byte{byte(len(c.by.Number))}, c.by.Number...)
		info = binary.BigEndian.AppendUint32(info, uint32(c.identity.get(5).(number)))
		info = binary.BigEndian.AppendUint32(info, uint32(challenge[0].(number)))
		info = append(info, challenge[1].(octets)...)
		info = binary.BigEndian.AppendUint32(info, uint32(head[0].(number)))
		info = append(append(info, head[1].(octets)...), byte(i))
		key := hkdf32(shared, []byte(carriedSalt), info)
		encrypted := chacha20(key, len(record))
		for k := range encrypted {
			encrypted[k] ^= record[k]
		}
		parts = append(parts, carriedPart{info, key, octetsHex(record), encrypted})
	}
	return parts
}

// draft is the identity with its records encrypted, and change on its way.
func (c carried) draft(change func(object) object) draft {
	var records list
	for _, p := range c.parts() {
		records = append(records, octets(p.Encrypted))
	}
	return newDraft("I", change(c.identity.with(16, records))).signedBy(c.by)
}

func unchanged(o object) object { return o }

func (c carried) vector() any {
	d := c.draft(unchanged)
	return carriedJSON{
		Comment: c.comment, Keys: d.keys,
		DevicePrivate: c.device, DevicePublic: x25519Public(c.device), ServerPrivate: c.server, ServerPublic: x25519Public(c.server),
		Shared: x25519(c.server, x25519Public(c.device)), Salt: []byte(carriedSalt), Records: c.parts(), Text: d.text(),
	}
}

// read opens an identity as the server does.
func readCarried(d draft, server, device []byte) (records [][]byte, err error) {
	i, err := qrproto.As[*qrproto.Identity](qrproto.Open(d.text(), trust(d.keys)))
	if err != nil {
		return nil, err
	}
	private, err := ecdh.X25519().NewPrivateKey(server)
	if err != nil {
		return nil, err
	}
	public, err := ecdh.X25519().NewPublicKey(device)
	if err != nil {
		return nil, err
	}
	c, err := qrproto.NewCarrier(private, public)
	if err != nil {
		return nil, err
	}
	records, err = c.Apply(i)
	for _, r := range records {
		_, fault := qrproto.DecodeRecord(i.Number, r)
		err = errors.Join(err, fault)
	}
	return records, err
}

// check holds this program against qrproto.
func (c carried) check() error {
	records, err := readCarried(c.draft(unchanged), c.server, x25519Public(c.device))
	if err != nil {
		return err
	}
	for i, p := range c.parts() {
		if !bytes.Equal(records[i], p.Clear) {
			return fmt.Errorf("qrproto reads %x", records[i])
		}
	}
	return nil
}

func carriedVectors() []carried {
	key := func(n byte) []byte { return slices.Repeat([]byte{n}, 32) }
	base := full("I").without(0).without(16)
	usual := octets(plainSettlement().bytes())
	small := newDevice(3, []byte{7}, 0)
	again := newDevice(4, deviceNumber(), 2)
	return []carried{
		{"one-record", "one settlement, as an identity usually carries it", base, device(), []octets{usual}, key(0x11), key(0x22)},
		{"four-records", "the same settlement at each of the four places: four keystreams", minimal("I").with(13, base.get(13)),
			device(), []octets{usual, usual, usual, usual}, key(0x11), key(0x22)},
		{"long-record", "a record of several blocks of the cipher", minimal("I").with(13, base.get(13)), device(), []octets{octets(fullSettlement().bytes())}, key(0x11), key(0x22)},
		{"number-1-byte", "a device's number of one byte", base, small, []octets{usual}, key(0x33), key(0x22)},
		{"second-key", "the device's second generation of keys, both of them", base, again, []octets{usual}, key(0x44), key(0x22)},
		{"highest", "boot, counter and head at the upper end of their range", minimal("I").with(4, list{number(maxUint32), repeat(0xff, 8)}).with(5, number(maxUint32)).
			with(13, list{number(maxUint32), repeat(0xff, 8), number(maxQuantity)}), device(), []octets{usual}, key(0x11), key(0x22)},
	}
}

// A badCarried vector is what a server cannot read, and must not take.
type badCarried struct {
	name, comment  string
	sound          carried
	change         func(object) object
	server, device []byte // as the server has them
	want           qrproto.ErrorCode
}

type badCarriedJSON struct {
	Comment       string           `json:"comment"`
	Refused       string           `json:"refused"`
	Keys          []key            `json:"keys"`
	ServerPrivate octetsHex        `json:"server_private"`
	DevicePublic  octetsHex        `json:"device_public"`
	Text          string           `json:"text"`
	Sound         soundCarriedJSON `json:"sound"`
}

type soundCarriedJSON struct {
	ServerPrivate octetsHex `json:"server_private"`
	DevicePublic  octetsHex `json:"device_public"`
	Text          string    `json:"text"`
}

func (b badCarried) vector() any {
	d, sound, refused := b.sound.draft(b.change), b.sound.draft(unchanged), "record"
	if b.want == qrproto.ErrBadKey {
		refused = "key"
	}
	return badCarriedJSON{b.comment, refused, d.keys, b.server, b.device, d.text(),
		soundCarriedJSON{b.sound.server, x25519Public(b.sound.device), sound.text()}}
}

func (b badCarried) check() error {
	if err := b.sound.check(); err != nil {
		return fmt.Errorf("the sound one: %w", err)
	}
	_, err := readCarried(b.sound.draft(b.change), b.server, b.device)
	if b.want != 0 {
		return mustRefuse(err, b.want)
	}
	if err == nil {
		return errors.New("is read")
	}
	return nil
}

// zeroPoints are the points of small order, reduced and not, and one with the
// bit set that is not looked at.
func zeroPoints() []string {
	return []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000080",
	}
}

func badCarriedVectors() []badCarried {
	sound := carriedVectors()[0]
	device, other := x25519Public(sound.device), slices.Repeat([]byte{0x55}, 32)
	all := []badCarried{
		{"other-server", "a key that is not the server's", sound, unchanged, other, device, 0},
		{"other-device", "the agreement key of another device", sound, unchanged, sound.server, x25519Public(other), 0},
		{"clear", "a record in the clear, where the device is enrolled to encrypt", sound,
			func(o object) object { return o.with(16, list{sound.records[0]}) }, sound.server, device, 0},
	}
	moved := func(name, comment string, change func(object) object) {
		all = append(all, badCarried{name, comment, sound, change, sound.server, device, 0})
	}
	moved("other-boot", "encrypted for another boot", func(o object) object { return o.with(5, number(1204)) })
	moved("other-counter", "encrypted for the challenge before", func(o object) object { return o.with(4, list{number(4712), nonce()}) })
	moved("other-nonce", "encrypted for another nonce", func(o object) object { return o.with(4, list{number(4711), octets(unhex("0102030405060709"))}) })
	moved("other-head", "encrypted for another head", func(o object) object { return o.with(13, list{number(20345), repeat(8, 8), number(412_345_678_901)}) })
	moved("other-place", "encrypted for the first place, and stands at the second", func(o object) object {
		return o.with(16, list{octets(sound.parts()[0].Encrypted), octets(sound.parts()[0].Encrypted)})
	})
	for i, point := range zeroPoints() {
		all = append(all, badCarried{fmt.Sprintf("small-order-%d", i+1), "a public key with which every secret is zero",
			sound, unchanged, sound.server, unhex(point), qrproto.ErrBadKey})
	}
	return all
}
