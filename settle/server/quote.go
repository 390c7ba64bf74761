// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Quote is what a customer is shown before anything is signed: where the device
// is, what it costs there, what is held, and until when to decide.
type Quote struct {
	Number    []byte // the device's
	Connector uint8
	Place     string // as the device says, for people
	Name      string // as the Directory says, for people
	State     qrproto.State
	Health    qrproto.Health
	Alarms    qrproto.Alarms

	// Tariff is what will be signed: that of the Terms in its normal form, whose
	// Scale can be a smaller one.
	Tariff   *tariff.Tariff
	Hash     qrproto.Hash // of the tariff; goes into Ask
	Currency tariff.Currency
	Scale    uint8           // decimals of the amounts of an order
	Hold     tariff.Money    // of Terms: what Issue has held, or Sell takes
	Offsets  []tariff.Offset // local time at the device
	// Trust is the snapshot that the device lacks: show it to the device before
	// the order. Zero where it is up to date.
	Trust qrproto.Code

	FirstSeen time.Time // of the identity
	Until     time.Time // Issue refuses after; zero from Offer
	// Carried are the settlements of others that the identity has brought. Call
	// Pay for those that are settled. They are not for this customer's eyes.
	Carried []Carried
}

// Carried is what became of a settlement that an identity carried.
type Carried struct {
	Order *Order // nil where Settle would have returned none
	Err   error  // as Settle would have failed, or ErrRecord
}

// sighting is a verified identity and what the server knows around it.
type sighting struct {
	identity *qrproto.Identity
	key      *qrproto.Key // that verified it
	device   *Device
	ack      *qrproto.Ack // for an order on it
	may      *authority
	trust    qrproto.Code // to be shown to the device before an order
	sticker  bool         // there is no identity, but what stands on a sticker
	site     *Site
	first    time.Time
	carried  []Carried
}

// Quote verifies an identity code, bare or as a link, takes in the settlements
// that it carries, and returns what this account pays at the device. An empty
// account is nobody yet: the Directory says what that one is shown, and Issue
// refuses it. The moment of its first sight counts for Issue.
//
// It fails as qrproto.Open does, with ErrNotEnrolled and ErrTerms, with ErrRetired
// for an identity under a key that the device has replaced since, of which nothing
// is taken in, with ErrDelegation or ErrNewerTrust where the device would heed no
// order from here, and as the Directory does. A carried settlement that is refused
// does not fail the quote. Where it fails and settlements were taken in before, the
// Quote is not nil and holds nothing but Carried: they were delivered, whatever
// became of this customer, and Pay is due.
func (s *Server) Quote(ctx context.Context, account, identity string) (*Quote, error) {
	seen, err := s.look(ctx, identity)
	if err != nil {
		return seen.failed(), err
	}
	deal, err := s.deal(ctx, account, seen)
	if err != nil {
		return seen.failed(), err
	}
	i := seen.identity
	return &Quote{
		Number: i.Number, Connector: i.Connector, Place: i.Place, Name: seen.site.Name,
		State: i.State, Health: i.Health, Alarms: i.Alarms,
		Tariff: deal.tariff, Hash: deal.hash, Currency: deal.tariff.Currency, Scale: deal.scale,
		Hold: deal.hold, Offsets: deal.offsets, Trust: seen.trust,
		FirstSeen: seen.first, Until: seen.first.Add(s.Policy.maxHeld()), Carried: seen.carried,
	}, nil
}

// failed is what is left of a quote that fails, nil for nothing.
func (seen *sighting) failed() *Quote {
	if seen == nil || len(seen.carried) == 0 {
		return nil
	}
	return &Quote{Carried: seen.carried}
}

// look opens an identity, takes in what it carries and notes that it was seen.
// What it carries comes first: it is authentic, and was delivered, also where
// the device is out of service since, or the Directory fails; but not where the
// device has another key since, for which takeOnce looks. With an error the
// sighting is nil or holds what was carried.
func (s *Server) look(ctx context.Context, text string) (*sighting, error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	now := s.Now()
	opened, err := qrproto.Open(text, s.Directory)
	i, err := qrproto.As[*qrproto.Identity](opened, err)
	if err != nil {
		return nil, err
	}
	seen := &sighting{identity: i, key: opened.Key}
	for _, record := range s.reveal(opened.Key, i) {
		c, err := s.carry(ctx, opened.Key, record, text)
		if err != nil {
			return seen, err
		}
		seen.carried = append(seen.carried, c)
	}
	if seen.site, err = s.Directory.Site(ctx, i.Number); err != nil {
		return seen, err
	}
	if seen.site == nil {
		seen.site = new(Site)
	}
	if seen.may, err = s.authority(); err != nil {
		return seen, err
	}
	if err = again(ctx, func() error { return s.see(ctx, seen, opened.Sum, now) }); err != nil {
		return seen, err
	}
	seen.trust, err = seen.may.first(seen.device.Newest)
	return seen, err
}

// reveal returns the records that an identity carries, in the clear. Those of a
// device that is enrolled with an agreement key are always encrypted. What is
// no record under any of the server's keys comes out empty, and is refused as
// any other that is none; under a wrong key it is noise, and noise has not the
// one encoding of a settlement.
func (s *Server) reveal(key *qrproto.Key, i *qrproto.Identity) [][]byte {
	if key.Agreement == nil || len(i.Records) == 0 {
		return i.Records
	}
	clear := make([][]byte, len(i.Records))
	for _, own := range s.Agreement {
		carrier, err := qrproto.NewCarrier(own, key.Agreement)
		if err != nil {
			continue
		}
		records, err := carrier.Apply(i)
		if err != nil {
			continue
		}
		for n, record := range records {
			if _, err := qrproto.DecodeRecord(i.Number, record); err == nil {
				clear[n] = record
			}
		}
	}
	return clear
}

// carry takes in one record of an identity under a key. Its own faults stay with
// it; only a store that fails, or a key that was replaced, fails the whole.
func (s *Server) carry(ctx context.Context, by *qrproto.Key, record []byte, source string) (Carried, error) {
	number := by.Number
	st, err := qrproto.DecodeRecord(number, record)
	if err != nil {
		return Carried{Err: fail(ErrRecord, "device %x: %v", number, err)}, nil
	}
	sum, err := qrproto.Sum(st)
	if err != nil {
		return Carried{Err: fail(ErrRecord, "device %x: %v", number, err)}, nil
	}
	order, err := s.take(ctx, &arrival{st, sum, source, by})
	if err != nil && !stored(err) {
		return Carried{}, err
	}
	return Carried{order, err}, nil
}

// see notes the sight of an identity, the first one for ever, and what its head
// says about the chain.
func (s *Server) see(ctx context.Context, seen *sighting, sum qrproto.Hash, now time.Time) error {
	d, err := s.Store.Device(ctx, seen.identity.Number)
	if err != nil {
		return err
	}
	if err := d.succeed(seen.key.Generation()); err != nil {
		return err
	}
	chain, contested := d.Chain, d.Contested
	if seen.ack, err = (&extension{store: s.Store, device: d}).meet(ctx, seen.identity); err != nil {
		return err
	}
	if d.see(seen.identity, sum, now.UnixNano()) || d.Chain != chain || d.Contested != contested {
		d.Version++
		if err := s.Store.Apply(ctx, &Change{Device: d}); err != nil {
			return err
		}
	}
	seen.device, seen.first = d, now
	if at, ok := d.firstSight(sum); ok {
		seen.first = time.Unix(0, at)
	}
	return nil
}
