// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// deal is the Directory's terms in the form in which they go into an order.
type deal struct {
	terms   *Terms
	tariff  *tariff.Tariff // normal form
	bytes   []byte         // canonical
	hash    qrproto.Hash
	scale   uint8
	step    int64 // of what can be paid, at that scale
	hold    tariff.Money
	offsets []tariff.Offset
	limits  qrproto.Limits
}

const (
	maxScale   = 6 // of a start order
	maxOffsets = 3 // one, and two changes
	// tail is by how much a session can end later than its longest duration
	// from now: the provider may take its time before the order is signed, the
	// device waits for a plug, and a relay opens late.
	tail = (qrproto.MaxHeld + qrproto.MaxWindow + 300) * time.Second
)

// deal asks for the terms of an account at the device that was seen.
func (s *Server) deal(ctx context.Context, account string, seen *sighting) (*deal, error) {
	i := seen.identity
	terms, err := s.Directory.Terms(ctx, account, i.Number, i.Connector)
	if err != nil {
		return nil, err
	}
	if terms == nil || terms.Tariff == nil {
		return nil, fail(ErrTerms, "no tariff")
	}
	d := &deal{terms: terms, hold: terms.Hold}
	if d.bytes, err = qrproto.EncodeTariff(terms.Tariff); err != nil {
		return nil, unusable(err)
	}
	if d.tariff, err = qrproto.DecodeTariff(d.bytes); err != nil {
		return nil, err
	}
	if d.hash, err = qrproto.TariffHash(d.tariff); err != nil {
		return nil, err
	}
	if err := s.scale(d); err != nil {
		return nil, err
	}
	if err := s.local(d, seen.site); err != nil {
		return nil, err
	}
	if seen.sticker {
		if err := s.fix(seen, d); err != nil {
			return nil, err
		}
	}
	return d, s.usable(seen, d)
}

// agreed refuses a tariff that is not the one that was shown, and a hold above the
// one that was, if any.
func (d *deal) agreed(hash qrproto.Hash, hold tariff.Money) error {
	if d.hash != hash {
		return fail(ErrTariffChanged, "tariff %v, shown %v", d.hash.Short(), hash.Short())
	}
	if hold == (tariff.Money{}) {
		return nil
	}
	if c, err := d.hold.Cmp(hold); err != nil || c > 0 {
		return fail(ErrHoldRaised, "a hold of %v, shown %v", d.hold, hold)
	}
	return nil
}

// usable tries the terms in an order, so that what is wrong with them shows
// before a customer has agreed to them.
func (s *Server) usable(seen *sighting, d *deal) error {
	if !seen.sticker && seen.site.Sticker != (tariff.Money{}) {
		return fail(ErrSticker, "an identity of a device without a display")
	}
	if err := seen.may.covers(d, seen.identity.Number); err != nil {
		return err
	}
	draft := s.draft(seen, d)
	if n := len(draft.Tariff); n > qrproto.MaxEmbedded {
		return fail(ErrTerms, "a tariff of %d bytes, %d at most fit an order, and the device holds none of this hash", n, qrproto.MaxEmbedded)
	}
	if _, err := qrproto.Sum(draft); err != nil {
		return unusable(err)
	}
	if _, err := s.plans.Compile(draft, d.bytes); err != nil {
		return unusable(err)
	}
	return nil
}

func unusable(err error) error {
	return because(err, ErrTerms, "no order can be made of them")
}

// scale chooses the decimals of the order and the limit that follows from the
// hold, rounded down: what may be owed never exceeds what is held.
func (s *Server) scale(d *deal) error {
	exponent, ok := d.tariff.Currency.Exponent()
	if !ok {
		return fail(ErrTerms, "currency %q", d.tariff.Currency)
	}
	decimals := max(exponent+int(s.Policy.ExtraDecimals), int(d.tariff.Rounding.Payable))
	if decimals > maxScale {
		return fail(ErrTerms, "%d decimals", decimals)
	}
	d.scale, d.step = uint8(decimals), 1
	for range decimals - int(d.tariff.Rounding.Payable) {
		d.step *= 10
	}
	if d.hold.Currency != d.tariff.Currency || d.hold.Units <= 0 {
		return fail(ErrTerms, "a hold of %v", d.hold)
	}
	amount, err := rescaled(d.hold, d.scale)
	if err != nil || amount < d.step {
		return fail(ErrTerms, "a hold of %v", d.hold)
	}
	d.limits = qrproto.Limits{Energy: d.terms.Energy, Volume: d.terms.Volume, Duration: d.terms.Duration, Amount: amount}
	return nil
}

// rescaled returns the units of an amount at a scale, rounded down for amounts
// that are not negative.
func rescaled(m tariff.Money, scale uint8) (int64, error) {
	wide, err := m.Add(tariff.Money{Scale: scale, Currency: m.Currency})
	if err != nil {
		return 0, err
	}
	for ; wide.Scale > scale; wide.Scale-- {
		wide.Units /= 10
	}
	return wide.Units, nil
}

// local lists the device's local time until the longest session is over, and
// from where a reservation before it began.
func (s *Server) local(d *deal, site *Site) error {
	zone := time.UTC
	if site.Zone != nil {
		zone = site.Zone
	}
	if d.limits.Duration == 0 {
		d.limits.Duration = int64(s.Policy.horizon() / time.Second)
	}
	if d.limits.Duration <= 0 || d.limits.Duration > int64(s.Policy.holdFor()/time.Second) {
		return fail(ErrTerms, "sessions of %d s under a hold of %v", d.limits.Duration, s.Policy.holdFor())
	}
	from := s.Now()
	until := from.Add(time.Duration(d.limits.Duration) * time.Second).Add(tail)
	if f := d.terms.Facts; f != nil && f.Reserved > 0 {
		from = from.Add(-time.Duration(min(f.Reserved, tariff.MaxDuration)) * time.Second)
	}
	d.offsets = tariff.OffsetsIn(zone, from, until)
	if len(d.offsets) > maxOffsets {
		return fail(ErrTerms, "%d changes of local time within a session", len(d.offsets)-1)
	}
	return nil
}

// stored tells whether a settlement that was refused with err is stored all the
// same.
func stored(err error) bool {
	codes := []qrproto.ErrorCode{
		settle.ErrDispute, settle.ErrFork, settle.ErrTotals, settle.ErrOtherOrder, ErrUnknownOrder, ErrBilled, ErrDead,
	}
	return slices.ContainsFunc(codes, func(c qrproto.ErrorCode) bool { return errors.Is(err, c) })
}
