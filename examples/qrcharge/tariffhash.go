// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

type hashCmd struct {
	In   string      `arg:"" name:"FILE" help:"Tariff in any form, or - for standard input."`
	Read tariffFlags `embed:""`
}

// Help is printed by tariff hash --help.
func (*hashCmd) Help() string {
	return "Prints 64 hex digits. Two tariffs of the same meaning have the same canonical bytes and so the same hash, whatever form they were read from.\n\n" + formsHelp
}

// Run prints the hash.
func (c *hashCmd) Run(std *stdio) error {
	file, err := c.Read.readSound(c.In, std, ykc.LossRefused)
	if err != nil {
		return err
	}
	printRemarks(std.err, file.remarks)
	sum, err := qrproto.TariffHash(file.tariff)
	if err != nil {
		return &failure{exitUnverified, c.In + ": it has no canonical bytes", err}
	}
	_, err = fmt.Fprintln(std.out, sum)
	return err
}
