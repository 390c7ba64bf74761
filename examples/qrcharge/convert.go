// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

// tariffCmd has the commands that have to do with tariff files.
type tariffCmd struct {
	Convert convertCmd `cmd:"" help:"Turn a tariff of one form into another."`
	Hash    hashCmd    `cmd:"" help:"Print the hash that names a tariff in an order."`
}

type convertCmd struct {
	In      string      `arg:"" name:"FILE" help:"Tariff in any form, or - for standard input."`
	To      string      `required:"" enum:"ocpi-2.1.1,ocpi-2.2.1,ocpi-2.3.0,json,canonical,canonical-hex,ykc,ykc-hex" placeholder:"FORM" help:"Form to write."`
	Out     string      `short:"o" placeholder:"FILE" help:"File to write. Without it, standard output."`
	Read    tariffFlags `embed:""`
	ID      string      `name:"id" placeholder:"TEXT" help:"Id of an OCPI tariff; that of one that is read, else the first 16 digits of the tariff's hash."`
	Country string      `name:"country-code" placeholder:"CC" help:"Country of the party of an OCPI tariff, which 2.2.1 and 2.3.0 require."`
	Party   string      `name:"party-id" placeholder:"TEXT" help:"The party, which 2.2.1 and 2.3.0 require."`
	Updated string      `name:"last-updated" placeholder:"TIME" help:"last_updated of an OCPI tariff, as 2026-03-02T09:00:00Z; that of one that is read, else now."`
	Pile    string      `placeholder:"DIGITS" help:"Number of the pile that a YKC model is for, 14 digits; that of a model that is read, else zeros."`
	Model   string      `placeholder:"DIGITS" help:"Number of a YKC model, 4 digits; that of a model that is read, else zeros."`
	Loss    bool        `name:"ignore-loss" help:"Read a YKC model with a loss ratio, which has no defined unit, as if it had none."`
}

// Help is printed by tariff convert --help.
func (*convertCmd) Help() string {
	return `Unit prices, restrictions, taxes and limits are never rounded or left out to make a tariff fit: what the other form cannot express is an error that names it. Whatever else is lost or changes is told as findings on standard error. Of these, warnings are about what can change a price:

rounding-lost: OCPI and YKC have no field for the rounding policy.
empty-session: a minimum of OCPI is due for a session in which nothing was charged for too, one of the other forms is not.
step-written: OCPI has no clear word for energy without a step, so a step_size of 1 (Wh) is written; for time, which counts in whole seconds, 1 changes nothing.
not-carried: only OCPI has dates between which a tariff is valid.

What is lost of names and texts is info.

` + formsHelp + `

Exit code 0: done. 1: the form cannot express the tariff. 2: unreadable. 3: wrong usage, or a file that cannot be written.`
}

// Run converts a tariff.
func (c *convertCmd) Run(std *stdio) error {
	model, err := c.blank()
	if err != nil {
		return misuse(err)
	}
	loss := ykc.LossRefused
	if c.Loss {
		loss = ykc.LossIgnored
	}
	file, err := c.Read.read(c.In, std, loss)
	if err != nil {
		return err
	}
	b, err := c.write(file, model)
	printRemarks(std.err, file.remarks)
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = std.out.Write(b)
		return err
	}
	return replaceFile(c.Out, b)
}

// blank is the model that the flags ask for, without prices; nil without flags.
func (c *convertCmd) blank() (m *ykc.Model, err error) {
	if c.Pile == "" && c.Model == "" {
		return nil, nil
	}
	m = new(ykc.Model)
	if c.Pile != "" {
		if m.Pile, err = ykc.ParsePile(c.Pile); err != nil {
			return nil, fmt.Errorf("--pile %q: %w", c.Pile, err)
		}
	}
	if c.Model != "" {
		if m.Number, err = ykc.ParseModelNumber(c.Model); err != nil {
			return nil, fmt.Errorf("--model %q: %w", c.Model, err)
		}
	}
	return m, nil
}

// write returns the tariff in the form asked for.
func (c *convertCmd) write(file *tariffFile, model *ykc.Model) ([]byte, error) {
	toOCPI := strings.HasPrefix(c.To, formOCPI)
	if !toOCPI || file.ocpi == nil {
		if err := file.resolve(); errors.Is(err, ocpi.ErrInexpressible) {
			return nil, c.inexpressible(err)
		} else if err != nil {
			return nil, unreadable(fmt.Errorf("%s: %w", c.In, err))
		}
		file.remarks = append(file.remarks, file.fromOCPILosses()...)
	}
	var b []byte
	var err error
	switch {
	case toOCPI:
		return c.writeOCPI(file)
	case c.To == formYKC || c.To == formYKCHex:
		b, err = c.writeModel(file, model)
	case c.To == formJSON:
		b, err = json.MarshalIndent(file.tariff, "", "  ")
		b = append(b, '\n')
	default:
		b, err = qrproto.EncodeTariff(file.tariff)
	}
	if err != nil {
		return nil, c.inexpressible(err)
	}
	if c.To == formYKCHex || c.To == formCanonicalHex {
		b = append(hex.AppendEncode(nil, b), '\n')
	}
	return b, nil
}

// inexpressible says that the form has no way to say something, and what.
func (c *convertCmd) inexpressible(err error) error {
	return &failure{exitUnverified, fmt.Sprintf("%s: %s cannot express it", c.In, c.To), err}
}

// writeModel keeps what a model that was read has beside its prices, unless a
// flag says otherwise.
func (c *convertCmd) writeModel(file *tariffFile, flags *ykc.Model) ([]byte, error) {
	var m ykc.Model
	if file.model != nil {
		m = *file.model
	}
	if c.Pile != "" {
		m.Pile = flags.Pile
	}
	if c.Model != "" {
		m.Number = flags.Number
	}
	if err := m.SetTariff(file.tariff); err != nil {
		return nil, err
	}
	if file.model == nil {
		file.remarks = append(file.remarks, roundingLost(file.tariff.Rounding, "a reader must be told it, here with --rounding"))
	}
	return m.MarshalBinary()
}
