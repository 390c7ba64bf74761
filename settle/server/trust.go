// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"crypto"
	"math"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// authority is what the newest snapshot of trust makes of this server's issuer.
// Without one, devices trust what they were provisioned with, which is unknown
// here: anything may be signed, and the device decides.
type authority struct {
	code  qrproto.Code
	epoch uint32
	key   *qrproto.Key // the issuer's, as delegated; nil without a snapshot
}

// authority takes the snapshot in as a device does, so that one which a device
// would refuse is refused here, and finds the issuer in it.
func (s *Server) authority() (*authority, error) {
	store, err := qrproto.NewTrustStore(s.Roots...)
	if err != nil {
		return nil, because(err, ErrConfig, "Roots")
	}
	if s.Trust.Kind() == 0 {
		return new(authority), nil
	}
	t, err := qrproto.As[*qrproto.Trust](qrproto.Open(s.Trust.Text(), store))
	if err == nil {
		err = store.Apply(t)
	}
	if err != nil {
		return nil, because(err, ErrConfig, "Trust")
	}
	key, err := store.Key(s.Issuer.ID)
	if err != nil {
		return nil, err
	}
	if key == nil || key.Caps == nil || !equal(key.Public, s.Issuer.Key.Public()) {
		return nil, fail(ErrDelegation, "epoch %d does not delegate key %v, or another one of that id", t.Epoch, s.Issuer.ID)
	}
	return &authority{s.Trust, t.Epoch, key}, nil
}

func equal(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// seal signs what a device should heed, if the issuer may sign that kind for it.
func (s *Server) seal(a *authority, p qrproto.Payload, charger []byte) (qrproto.Code, error) {
	if err := a.reaches(p.Kind(), charger); err != nil {
		return qrproto.Code{}, err
	}
	return qrproto.Seal(p, s.Issuer)
}

// reaches tells whether the issuer may sign a kind of code for a device.
func (a *authority) reaches(kind qrproto.Kind, charger []byte) error {
	switch {
	case a.key == nil:
		return nil
	case !slices.Contains(a.key.Kinds, kind):
		return fail(ErrDelegation, "key %v may sign no %v", a.key.ID, kind)
	case !bytes.HasPrefix(charger, a.key.Caps.Fleet):
		return fail(ErrDelegation, "device %x is not of fleet %x", charger, a.key.Caps.Fleet)
	}
	return nil
}

// covers tells whether the issuer may sign an order on these terms for a device.
// How many of its orders a device has accepted, which is bounded too, that device
// alone knows.
func (a *authority) covers(d *deal, charger []byte) error {
	if a.key == nil {
		return nil
	}
	if err := a.reaches(qrproto.KindStartOrder, charger); err != nil {
		return err
	}
	c := a.key.Caps
	if c.Currency != "" && c.Currency != d.tariff.Currency {
		return fail(ErrDelegation, "key %v sells in %v, not in %v", a.key.ID, c.Currency, d.tariff.Currency)
	}
	most, bounded := c.Most()
	if !bounded {
		return nil
	}
	limit := tariff.Money{Units: d.limits.Amount, Scale: d.scale, Currency: d.tariff.Currency}
	if above, err := limit.Cmp(most); err != nil || above > 0 {
		return fail(ErrDelegation, "an order of up to %v, key %v sells up to %v", limit, a.key.ID, most)
	}
	return nil
}

// counts gives a device without a display its next number, under the quota of the
// issuer. Other devices count for themselves, and a refusal costs nobody anything;
// here the price is taken before the device is asked. One that was never used
// counts as well; one that was not signed has no number, or a card without money
// would use the quota up. Once an order has named an epoch, the device takes none
// below it.
func (a *authority) counts(d *Device) error {
	switch {
	case d.Epoch > a.epoch:
		return fail(ErrNewerTrust, "device %x was sold to at epoch %d, this server is at %d", d.Charger, d.Epoch, a.epoch)
	case d.Epoch < a.epoch:
		d.Epoch, d.Before = a.epoch, d.Sold
	}
	if a.key != nil && a.key.Caps.Quota > 0 && d.Sold-d.Before >= a.key.Caps.Quota {
		return fail(ErrDelegation, "device %x may have accepted all %d orders of epoch %d", d.Charger, a.key.Caps.Quota, a.epoch)
	}
	if d.Sold == math.MaxUint32 {
		return fail(ErrUnavailable, "device %x has no number left", d.Charger)
	}
	d.Sold++
	return nil
}

// acknowledges tells whether devices heed what the issuer acknowledges. They
// refuse an order that tries all the same.
func (a *authority) acknowledges() bool { return a.key == nil || a.key.Caps.Acknowledge }

// first is the snapshot that has to be shown to a device before an order, zero
// where the device is at this epoch. It fails for a device that is further: what
// that one trusts is unknown here.
func (a *authority) first(newest *qrproto.Identity) (qrproto.Code, error) {
	switch {
	case newest.Epoch > a.epoch:
		return qrproto.Code{}, fail(ErrNewerTrust, "the device is at epoch %d, this server at %d", newest.Epoch, a.epoch)
	case newest.Epoch < a.epoch:
		return a.code, nil
	}
	return qrproto.Code{}, nil
}
