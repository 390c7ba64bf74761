// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

type priceCmd struct {
	CDR      string   `name:"cdr" required:"" placeholder:"FILE" help:"Charge detail record to price, or - for standard input."`
	Tariff   []string `sep:"none" placeholder:"FILE" help:"Tariff to price it by; may be repeated. Without it, the tariffs in the record."`
	Timezone string   `placeholder:"ZONE" help:"Zone of the charger, as Europe/Amsterdam. Without it that of the location in the record, or of its country if that has one local time, or UTC."`
	Profile  string   `default:"ocpi" placeholder:"NAME" help:"How to decide what OCPI leaves open: ${profiles}; ${default} unless told otherwise."`
	OCPI     string   `name:"ocpi" enum:"auto,2.1.1,2.2.1,2.3.0" default:"auto" placeholder:"VERSION" help:"Version of OCPI of the files, where their content does not tell: 2.1.1, 2.2.1 or 2.3.0."`
	JSON     bool     `help:"Print one JSON object."`
}

// Help is printed by price --help.
func (*priceCmd) Help() string {
	return `Prices a charge detail record of OCPI 2.1.1, 2.2.1 or 2.3.0 exactly: numbers are read as they are printed, added as fractions, and rounded once. What the files lack, contradict or misspell is told as findings below the bill.

With --json: currency; total {excl_tax, incl_tax}, decimal strings at the scale of the profile; exact {excl_tax, incl_tax}, the same before rounding as fractions "n/d" in lowest terms; incl_tax is null where a tax is unknown; by_dimension, an object of ENERGY, TIME, PARKING_TIME, FLAT, RESERVATION and LIMIT, as far as they occur: {quantity, unit, total, exact}; lines [{kind, dimension, tariff, measured, billed, unit, price, tax_included, taxes [{name, percent, stack}], windows, total, exact}]; timezone {name, from}, where from is flag, location, country or default; findings [{severity, code, file, path, message}].

Exit code 0: priced, whatever the findings. 2: unreadable; the JSON path of the fault is on standard error. 3: wrong usage.`
}

// Run prices the record.
func (c *priceCmd) Run(std *stdio) error {
	profile, err := parseProfile(c.Profile)
	if err != nil {
		return misuse(err)
	}
	in, err := c.read(std)
	if err != nil {
		return unreadable(err)
	}
	zone, err := c.zone(in.cdr)
	if err != nil {
		return misuse(err)
	}
	from, to := in.cdr.Span()
	options := ocpi.PriceOptions{Profile: profile, Offsets: tariff.OffsetsIn(zone.loc, time.Unix(from, 0), time.Unix(to, 0))}
	result, err := ocpi.Price(in.cdr, in.tariffs, options)
	if err != nil {
		return unreadable(fmt.Errorf("%s: %w", c.CDR, err))
	}
	p := priced{result, zone, append(append(in.remarks, zone.remarks...), ocpiRemarks("", result.Findings)...)}
	if c.JSON {
		return printJSON(std.out, p.json())
	}
	var out bytes.Buffer
	if err := p.print(&out); err != nil {
		return err
	}
	_, err = std.out.Write(out.Bytes())
	return err
}

// priceInput is what a price is made from.
type priceInput struct {
	cdr     *ocpi.CDR
	tariffs []*ocpi.Tariff // nil for those in the record
	remarks []remark
}

func (c *priceCmd) read(std *stdio) (in priceInput, err error) {
	var options ocpi.Options
	if c.OCPI != "auto" {
		if options.Version, err = ocpi.ParseVersion(c.OCPI); err != nil {
			return in, err
		}
	}
	b, err := readJSON(c.CDR, std)
	if err != nil {
		return in, err
	}
	cdr, findings, err := ocpi.ReadCDR(b, options)
	if err != nil {
		return in, fmt.Errorf("%s: %w", c.CDR, err)
	}
	in.cdr, in.remarks = cdr, ocpiRemarks(c.CDR, findings)
	for _, name := range c.Tariff {
		b, err := readJSON(name, std)
		if err != nil {
			return in, err
		}
		t, findings, err := ocpi.ReadTariff(b, options)
		if err != nil {
			return in, fmt.Errorf("%s: %w", name, err)
		}
		in.tariffs = append(in.tariffs, t)
		in.remarks = append(in.remarks, ocpiRemarks(name, findings)...)
	}
	return in, nil
}

// readJSON reads a file that must be JSON.
func readJSON(name string, std *stdio) ([]byte, error) {
	b, err := readInput(name, std.in)
	if err != nil {
		return nil, err
	}
	if err := checkJSON(b); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return withoutMark(b), nil
}

// chosenZone is the local time of a charger and where it is known from.
type chosenZone struct {
	loc     *time.Location
	from    string // "flag", "location", "country" or "default"
	remarks []remark
}

// zone looks for the local time where it is told best.
func (c *priceCmd) zone(cdr *ocpi.CDR) (z chosenZone, err error) {
	if c.Timezone != "" {
		if z.loc, err = loadZone(c.Timezone); err != nil {
			return z, fmt.Errorf("--timezone %w", err)
		}
		z.from = "flag"
		return z, nil
	}
	if cdr.TimeZone != "" {
		if z.loc, err = loadZone(cdr.TimeZone); err == nil {
			z.from = "location"
			return z, nil
		}
		z.remarks = append(z.remarks, remark{Severity: sayWarning, Code: "bad-timezone", File: c.CDR, Message: "time_zone of the location: " + err.Error()})
	}
	if z.loc, err = loadZone(countryZone(cdr.Country)); err == nil {
		z.from = "country"
		return z, nil
	}
	why := "there is no --timezone, and no location with a time zone or a country"
	if cdr.Country != "" {
		why = fmt.Sprintf("there is no --timezone, and the country %q has no local time of its own", cdr.Country)
	}
	r := noZoneRemark(why)
	r.File = c.CDR
	return chosenZone{time.UTC, "default", append(z.remarks, r)}, nil
}
