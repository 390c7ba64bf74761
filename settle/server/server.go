// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/ecdh"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// Server is the operator's side. Set it up like an http.Server: fill in the
// fields, then call its methods, from as many goroutines as you like. Those down
// to Rand must be set, and must bear that too. It keeps no state of its own: what
// it remembers, the tariffs met last, only saves time.
//
// Each method fails with ErrConfig where fields are missing or unusable, with ErrBusy where
// others change the same order or device all the time, and with the errors of
// Store and Directory as they are.
type Server struct {
	Store     Store
	Issuer    qrproto.Signer // signs orders, receipts and stop orders
	Directory Directory
	Payments  Payments
	Now       func() time.Time
	Rand      io.Reader // for order ids, such as crypto/rand.Reader
	Policy    Policy
	// Agreement are this server's private keys of X25519, under which devices
	// encrypt the records that their identities carry: the newest, and those
	// that a device may still hold the public half of. Devices whose key has no
	// Agreement carry theirs in the clear. Keep them as long as the evidence: a
	// Record's Source is as the device signed it. nil where no device encrypts.
	Agreement []*ecdh.PrivateKey
	// Trust is the newest snapshot of whom devices trust, as a root signed it, or
	// zero where there is none: then devices heed the keys that they were
	// provisioned with. With one, orders name its epoch, so that nobody can keep
	// it from a device, and nothing is signed that it does not delegate to Issuer.
	// A newer snapshot is put into a new Server: this one has no state to lose.
	// qrproto.ParseCode reads the text in which a root hands it over.
	Trust qrproto.Code
	// Roots are the keys under which devices take snapshots, for qrproto.KindTrust
	// alone. The private halves have no business where this server runs.
	Roots []qrproto.Key

	plans settle.Plans
}

// Policy is what an operator can choose. The zero Policy is a good one.
type Policy struct {
	// MaxHeld is how many seconds a customer has to choose, from the server's
	// first sight of an identity to Issue: at most, and for 0,
	// qrproto.MaxHeld.
	MaxHeld uint16
	// Window is how many seconds an order may take back to the device, not
	// counting what it was held: at most, and for 0, qrproto.MaxWindow.
	Window uint16
	// ExtraDecimals are added to those of the currency for the amounts of an
	// order.
	ExtraDecimals uint8
	// EmbedTariffs puts the whole tariff into each order that has room for it
	// (qrproto.MaxEmbedded), also where the device says that it holds it.
	EmbedTariffs bool
	// Horizon bounds the duration of sessions whose Terms do not, so that the
	// changes of local time within it fit into the order, and its hold outlasts
	// it. 0 is 24 hours; more than HoldFor is HoldFor.
	Horizon time.Duration
	// HoldFor is for how long a hold can be relied upon: at least as long as any
	// session. Orders that replace one another wear one hold out, so that none is
	// signed whose session could last longer, the first hour aside. 0 is 72
	// hours. Stay days below what the provider promises (cards: often 7 days), as
	// a settlement may be long on its way.
	HoldFor time.Duration
}

const (
	defaultHorizon = 24 * time.Hour
	defaultHoldFor = 72 * time.Hour
	// attempts bounds how often a step is taken again because somebody else
	// changed the same rows first. Each time at least one other has advanced, so
	// a hundred in a row are a device or an account with a hundred requests at
	// once, or a store that is at fault. Then it is better to answer ErrBusy than
	// to press on: nobody waits in between, as this package knows no pause.
	attempts = 100
)

func (p *Policy) maxHeld() time.Duration {
	if p.MaxHeld == 0 || p.MaxHeld > qrproto.MaxHeld {
		return qrproto.MaxHeld * time.Second
	}
	return time.Duration(p.MaxHeld) * time.Second
}

func (p *Policy) window() uint16 {
	if p.Window == 0 || p.Window > qrproto.MaxWindow {
		return qrproto.MaxWindow
	}
	return p.Window
}

func (p *Policy) horizon() time.Duration {
	if p.Horizon <= 0 {
		return min(defaultHorizon, p.holdFor())
	}
	return min(p.Horizon, p.holdFor())
}

func (p *Policy) holdFor() time.Duration {
	if p.HoldFor <= 0 {
		return defaultHoldFor
	}
	return p.HoldFor
}

func (s *Server) configured() error {
	switch {
	case s.Store == nil:
		return fail(ErrConfig, "no Store")
	case s.Issuer.Key == nil:
		return fail(ErrConfig, "no Issuer")
	case s.Directory == nil:
		return fail(ErrConfig, "no Directory")
	case s.Payments == nil:
		return fail(ErrConfig, "no Payments")
	case s.Now == nil:
		return fail(ErrConfig, "no Now")
	case s.Rand == nil:
		return fail(ErrConfig, "no Rand")
	case slices.ContainsFunc(s.Agreement, func(k *ecdh.PrivateKey) bool { return k == nil || k.Curve() != ecdh.X25519() }):
		return fail(ErrConfig, "a key in Agreement that is not of X25519")
	}
	return s.checkIssuer()
}

// checkIssuer finds what qrproto.Seal would, before money is asked for.
func (s *Server) checkIssuer() error {
	k := qrproto.Key{ID: s.Issuer.ID, Public: s.Issuer.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder}}
	if err := k.Validate(); err != nil {
		return because(err, ErrConfig, "Issuer")
	}
	return nil
}

// again repeats a step that reads, decides and applies, as long as others get
// in between.
func again(ctx context.Context, step func() error) error {
	for range attempts {
		err := step()
		if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrClaimed) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return fail(ErrBusy, "%d attempts", attempts)
}
