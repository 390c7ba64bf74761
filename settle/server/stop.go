// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Stop returns the stop order of an order that may be running: the phone shows it
// to the device, which ends the session and settles it as ever. Whoever asks must
// be somebody whom the order is; that is for the application to check.
//
// Nothing is stored, and asked again it makes the same code: it does nothing on a
// device where that order does not run. A device that lacks Server.Trust must be
// shown that first, where the issuer has changed since the order.
//
// It fails with ErrNotFound, with ErrNotRunning for an order that was not signed,
// is settled or is dead, and with ErrDelegation where the issuer may sign no stop
// orders for the device. One that another has replaced may be running all the
// same, if the device was shown it first.
func (s *Server) Stop(ctx context.Context, id qrproto.OrderID) (qrproto.Code, error) {
	if err := s.configured(); err != nil {
		return qrproto.Code{}, err
	}
	o, err := s.Store.Order(ctx, id)
	if err != nil {
		return qrproto.Code{}, err
	}
	if o.Code.Kind() == 0 || !slices.Contains([]State{StateIssued, StateReplaced, StateSold}, o.State) {
		return qrproto.Code{}, fail(ErrNotRunning, "order %x is %v", id[:], o.State)
	}
	may, err := s.authority()
	if err != nil {
		return qrproto.Code{}, err
	}
	return s.seal(may, &qrproto.StopOrder{Order: o.Sum.Ref()}, o.Charger)
}
