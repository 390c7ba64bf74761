// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"io"

	"github.com/seed81979277/qrcharge/qrproto"
)

type stopCmd struct {
	Order  string    `arg:"" name:"ORDER" help:"The start order: text, an image or text file, or - for standard input; or its hash, 32 or 64 hex digits."`
	Issuer signFlags `embed:""`
	Trust  string    `placeholder:"FILE" help:"Keys of issuers, one of which must have signed the order. Not needed for a hash."`
	Out    string    `short:"o" placeholder:"FILE" help:"File to write the text of the code to. Without it, standard output."`
}

// Help is printed by stop --help.
func (*stopCmd) Help() string {
	return "Signs a stop order: the charger that sells on this start order stops when it is shown it, and no other. The order must verify, as one that was altered has another hash, and its stop order stops nothing; who has the hash from a server needs no code."
}

// Run signs the stop order.
func (c *stopCmd) Run(std *stdio) error {
	key, err := c.Issuer.private(std, qrproto.KindStopOrder, c.Order)
	if err != nil {
		return misuse(err)
	}
	order, err := c.ref(std.in)
	if err != nil {
		return err
	}
	code, err := qrproto.Seal(&qrproto.StopOrder{Order: order}, key.Signer())
	if err != nil {
		return misuse(err)
	}
	return writeText(std, c.Out, code.Text())
}

// ref is the hash that names the order.
func (c *stopCmd) ref(stdin io.Reader) (ref qrproto.Ref, err error) {
	if b, err := hex.DecodeString(c.Order); err == nil && (len(b) == len(ref) || len(b) == len(qrproto.Hash{})) {
		return qrproto.Ref(b[:len(ref)]), nil
	}
	var keys qrproto.KeyList
	if c.Trust != "" {
		if keys, err = readKeys(c.Trust); err != nil {
			return ref, misuse(err)
		}
	}
	o, err := openAs[*qrproto.StartOrder](c.Order, stdin, keys)
	if c.Trust == "" && errors.Is(err, qrproto.ErrUnknownKey) {
		return ref, &failure{exitUnverified, "not verified", errNoTrust}
	}
	if err != nil {
		return ref, err
	}
	sum, err := qrproto.Sum(o)
	return sum.Ref(), err
}
