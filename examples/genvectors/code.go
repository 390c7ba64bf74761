// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// octetsHex is bytes that stand in JSON as hex.
type octetsHex []byte

func (b octetsHex) MarshalText() ([]byte, error) {
	return []byte(hex.EncodeToString(b)), nil
}

// key is a trusted key as it stands in a vector.
type key struct {
	ID     octetsHex `json:"kid"`
	Alg    int       `json:"alg"`
	Kinds  string    `json:"kinds"`
	Number octetsHex `json:"number"` // empty for an issuer
	Public octetsHex `json:"public"`
	// Agreement is the device's key of X25519; absent where it has none.
	Agreement octetsHex `json:"agreement,omitempty"`
}

// signer is a key with its seed: the private key of RFC 8032, section 5.1.5, or
// the scalar of a key of P-256.
type signer struct {
	key
	Seed octetsHex `json:"seed"`
}

const (
	algEd25519 = -19 // RFC 9864
	algESP256  = -9
	linkBase   = "HTTPS://PAY.EXAMPLE.COM/C/A/"
)

func newSigner(seed byte, id, number []byte, kinds string) signer {
	s := slices.Repeat([]byte{seed}, ed25519.SeedSize)
	public := ed25519.NewKeyFromSeed(s).Public().(ed25519.PublicKey)
	return signer{key{ID: id, Alg: algEd25519, Kinds: kinds, Number: number, Public: octetsHex(public)}, s}
}

// newDevice is a device: its key id is its number and one byte more.
func newDevice(seed byte, number []byte, generation byte) signer {
	return newSigner(seed, append(slices.Clone(number), generation), number, "IS")
}

func deviceNumber() []byte { return unhex("32010600213533") }
func device() signer       { return newDevice(1, deviceNumber(), 1) }
func issuer() signer       { return newSigner(2, []byte("iss1"), nil, "OR") }

// seller is the same issuer where it may also stop and sign vouchers.
func seller() signer { return newSigner(2, []byte("iss1"), nil, "ORXV") }

// root signs snapshots and nothing else.
func root() signer { return newSigner(8, []byte("root"), nil, "T") }

// kinds are the letters of all kinds.
func kinds() []string { return []string{"I", "O", "S", "R", "X", "T", "V"} }

// usual is who signs a kind.
func usual(kind string) signer {
	switch kind {
	case "I", "S":
		return device()
	case "T":
		return root()
	case "X", "V":
		return seller()
	}
	return issuer()
}

// A draft is a code on its way from payload to text. What is nil or empty takes
// the right course; a fault is put in by setting it.
type draft struct {
	kind      string // letter
	payload   item
	by        signer
	keys      []key
	alg       int64 // in the header
	structure string
	aad       string
	protected []byte
	sign      func(message []byte) []byte
	wrap      func(protected, payload, signature []byte) []byte
	write     func(digits string) string
}

// newDraft is a code without a fault by the usual signer of its kind.
func newDraft(kind string, payload item) draft {
	by, keys := usual(kind), []key{device().key, issuer().key}
	if kind == "X" || kind == "V" {
		keys[1] = by.key
	}
	return draft{kind: kind, payload: payload, keys: keys}.signedBy(by)
}

// signedBy changes the signer, who becomes one of the trusted keys.
func (d draft) signedBy(by signer) draft {
	d.by, d.alg = by, int64(by.Alg)
	d.structure, d.aad = "Signature1", "qrcharge/1/"+d.kind
	known := slices.ContainsFunc(d.keys, func(k key) bool { return slices.Equal(k.ID, by.ID) })
	if !known {
		d.keys = append(slices.Clone(d.keys), by.key)
	}
	return d
}

// header is the protected header.
func (d draft) header() []byte {
	if d.protected != nil {
		return d.protected
	}
	return object{{1, number(d.alg)}, {4, octets(d.by.ID)}}.bytes()
}

// message is the Sig_structure of RFC 9052, section 4.4.
func (d draft) message() []byte {
	return list{words(d.structure), octets(d.header()), octets(d.aad), octets(d.payload.bytes())}.bytes()
}

// envelope is the COSE_Sign1 of RFC 9052, section 4.2.
func (d draft) envelope() []byte {
	sign, wrap := d.sign, d.wrap
	if sign == nil {
		sign = d.by.signed
	}
	if wrap == nil {
		wrap = sign1
	}
	return wrap(d.header(), d.payload.bytes(), sign(d.message()))
}

// signed returns the signature of a message.
func (s signer) signed(message []byte) []byte {
	if s.Alg == algESP256 {
		return signP256(s.Seed, message)
	}
	return sign(s.Seed, message)
}

func sign1(protected, payload, signature []byte) []byte {
	return append([]byte{0xd2}, list{octets(protected), object{}, octets(payload), octets(signature)}.bytes()...)
}

func (d draft) text() string {
	text := digits(d.envelope())
	if d.write != nil {
		return d.write(text)
	}
	return "Q" + d.kind + "1/" + text
}

// sum is the hash of the payload.
func (d draft) sum() []byte {
	return sum("qrcharge/1/"+d.kind, d.by.Number, d.payload.bytes())
}

func sum(domain string, number, payload []byte) []byte {
	h := sha256.Sum256(list{words(domain), octets(number), octets(payload)}.bytes())
	return h[:]
}

// digits writes 7 bytes, read as a little-endian number, as 17 digits.
func digits(b []byte) string {
	widths := [...]int{0, 3, 5, 8, 10, 13, 15, 17}
	var text string
	for part := range slices.Chunk(b, 7) {
		var n uint64
		for i, v := range part {
			n |= uint64(v) << (8 * i)
		}
		text += fmt.Sprintf("%0*d", widths[len(part)], n)
	}
	return text
}
