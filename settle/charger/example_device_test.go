// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// sinceBoot is a charger.Clock of a device that has no idea of the date. What
// counts must go on while the processor sleeps: on Linux, CLOCK_BOOTTIME.
type sinceBoot struct{ count func() time.Duration }

func (c sinceBoot) Uptime() time.Duration   { return c.count() }
func (c sinceBoot) Wall() (time.Time, bool) { return time.Time{}, false }

// workshop makes a device, and the key under which the server enrols it.
func workshop(number []byte, roots []qrproto.Key, server *ecdh.PublicKey) (charger.Device, qrproto.Key, error) {
	id := qrproto.DeviceKeyID(number, 1) // the first key of this device
	agreement, err := keyfile.GenerateAgreement(id, rand.Reader)
	if err != nil {
		return charger.Device{}, qrproto.Key{}, err
	}
	key, err := keyfile.Generate(qrproto.Key{
		ID: id, Number: number, Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}, Agreement: agreement.Public(),
	}, keyfile.ESP256, rand.Reader)
	if err != nil {
		return charger.Device{}, qrproto.Key{}, err
	}
	device := charger.Device{
		Number: number, Connectors: 2, Place: "Bay 7", Link: "HTTPS://PAY.EXAMPLE.COM/C/",
		Key: key.Signer(), Rand: rand.Reader, Keys: roots, Agreement: agreement.Private(), Server: server,
	}
	_, err = rand.Read(device.Secret[:])
	return device, key.Key(), err
}

// A device is made with two roots, which are kept apart, and nobody who sells:
// that is for the first snapshot to say, which any phone shows it. Its own keys,
// its secret and its number stay with it for good.
func ExampleDevice() {
	var roots []qrproto.Key
	for _, id := range []qrproto.KeyID{"root1", "root2"} {
		root, err := keyfile.Generate(qrproto.Key{ID: id, Kinds: []qrproto.Kind{qrproto.KindTrust}}, keyfile.Ed25519, rand.Reader)
		if err != nil {
			log.Fatal(err)
		}
		roots = append(roots, root.Key())
	}
	server, err := keyfile.GenerateAgreement("server01", rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	device, enrolled, err := workshop([]byte{0x32, 0x01, 0x06}, roots, server.Public())
	if err != nil {
		log.Fatal(err)
	}

	clock := sinceBoot{func() time.Duration { return time.Minute }}
	c, err := charger.Open(device, settletest.NewJournal(1<<20), clock, nil)
	if err != nil {
		log.Fatal(err)
	}
	d := c.Do(2)
	shown, err := qrproto.As[*qrproto.Identity](qrproto.Open(d.Text, qrproto.KeyList{enrolled}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("device %x, connector %d, %s, trust epoch %d\n", shown.Number, shown.Connector, shown.Place, shown.Epoch)
	fmt.Println("to be asked again in", d.Wake-clock.Uptime())
	// Output:
	// device 320106, connector 2, Bay 7, trust epoch 0
	// to be asked again in 45s
}
