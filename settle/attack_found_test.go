// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"math"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// What follows was found by somebody who looked for a forty-first attack.

// TestStolenDeviceKeyEndsWithItsGeneration: the thief shows the server an identity
// of the last boot that there can be, and the device, which has a new key since,
// would never sell again: each of its identities would be older.
func TestStolenDeviceKeyEndsWithItsGeneration(t *testing.T) {
	s := newStreet(t).install(7)
	s.sees(1)
	poison := read[*qrproto.Identity](s.street, s.identity(1))
	poison.Boot = math.MaxUint32
	last := s.seal(poison, s.device.Key)
	if _, err := s.server.Quote(ctx, "", last); err != nil {
		t.Fatal(err)
	}
	_, err := s.order("anna", s.identity(1))
	s.wants("until the key is replaced", err, server.ErrRebooted)

	s.device.Key = signer(qrproto.DeviceKeyID(s.device.Number, 2))
	s.book.keys = append(s.book.keys, s.key())
	s.boot()
	s.accepted("the device with its new key", s.buy("anna", 1).Code.Text())
	_, err = s.order("bert", last)
	s.wants("the old key, which the directory forgot to withdraw", err, server.ErrRetired)
	_, err = s.order("bert", s.identity(2))
	if err != nil {
		t.Errorf("and after that: %v", err)
	}
}
