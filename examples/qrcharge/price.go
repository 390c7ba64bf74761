// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

type priceCmd struct {
	CDR      string   `name:"cdr" required:"" placeholder:"FILE" help:"Charge detail record to price, or - for standard input."`
	Tariff   []string `sep:"none" placeholder:"FILE" help:"Tariff to price it by; may be repeated. Without it, the tariffs in the record."`
	Timezone string   `placeholder:"ZONE" help:"Zone of the charger, as Europe/Amsterdam. Without it that of the location in the record, or of its country if that has one local time, or UTC."`
	Profile  string   `default:"ocpi" placeholder:"NAME" help:"How to decide what OCPI leaves open: ${profiles}; ${default} unless told otherwise."`
	OCPI     string   `name:"ocpi" enum:"auto,2.1.1,2.2.1,2.3.0" default:"auto" placeholder:"VERSION" help:"Version of OCPI of the files, where their content does not tell: 2.1.1, 2.2.1 or 2.3.0. Unless told otherwise, a tariff that could be of several is of that of the record."`
	JSON     bool     `help:"Print one JSON object."`
}

// Help is printed by price --help.
func (*priceCmd) Help() string {
	return `Prices a charge detail record of OCPI 2.1.1, 2.2.1 or 2.3.0 exactly: numbers are read as they are printed, added as fractions, and rounded once. What the files lack, contradict or misspell is told as findings below the bill.

With --json: currency; total {excl_tax, incl_tax}, decimal strings at the scale of the profile; exact {excl_tax, incl_tax}, the same before rounding as fractions "n/d" in lowest terms; where a tax is unknown, exact.incl_tax is null and total.incl_tax is the amount without tax; by_dimension, an object of ENERGY, TIME, PARKING_TIME, FLAT, RESERVATION and LIMIT, as far as they occur: {quantity, unit, total, exact}; lines [{kind, dimension, tariff, measured, billed, unit, price, tax_included, taxes [{name, percent, stack}], windows, total, exact}]; timezone {name, from}, where from is flag, location, country or default; findings [{severity, code, file, path, message}].

Exit code 0: priced, whatever the findings. 2: unreadable, or no price can be made of it; the JSON path of the fault is on standard error. 3: wrong usage.`
}

// maxSpan bounds the list of offsets of local time. Real records hold sessions
// that end ten years before their periods.
const maxSpan = 100 * 366 * 24 * 60 * 60

var errSpan = errors.New("a session of more than a hundred years")

var errNoTariff = errors.New("there is no tariff in the record: give one with --tariff")

// Run prices the record.
func (c *priceCmd) Run(std *stdio) error {
	profile, err := parseProfile(c.Profile)
	if err != nil {
		return misuse(err)
	}
	in, err := c.read(std)
	switch {
	case err != nil:
		return unreadable(err)
	case len(in.tariffs)+len(in.cdr.Tariffs) == 0:
		return misuse(fmt.Errorf("%s: %w", c.CDR, errNoTariff))
	}
	zone, err := c.zone(&in)
	if err != nil {
		return misuse(err)
	}
	from, to := in.cdr.Span()
	if to-from > maxSpan {
		return unreadable(fmt.Errorf("%s: %w", c.CDR, errSpan))
	}
	options := ocpi.PriceOptions{Profile: profile, Offsets: tariff.OffsetsIn(zone.loc, time.Unix(from, 0), time.Unix(to, 0))}
	result, err := ocpi.Price(in.cdr, in.tariffs, options)
	if err != nil {
		return &failure{exitUnreadable, "cannot be priced", c.located(err)}
	}
	p := priced{result, zone, worstFirst(slices.Concat(in.remarks, zone.remarks, c.remarks(result.Findings)))}
	if c.JSON {
		return printJSON(std.out, p.json())
	}
	var out bytes.Buffer
	p.print(&out)
	_, err = std.out.Write(out.Bytes())
	return err
}

// located puts the name of the file in front of an error of the price.
func (c *priceCmd) located(err error) error {
	var e *ocpi.Error
	if !errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("%s: %w", c.fileOf(e.Path), err)
}

// remarks are the findings of the price, with the file that each is about.
func (c *priceCmd) remarks(findings []ocpi.Finding) []remark {
	var remarks []remark
	for i, f := range findings {
		file := c.fileOf(f.Path)
		if (f.Code == ocpi.TaxUnknown || f.Code == ocpi.NotValid) && len(c.Tariff) == 1 {
			file = c.Tariff[0] // of the tariff as a whole
		}
		remarks = append(remarks, ocpiRemarks(file, findings[i:i+1])...)
	}
	return remarks
}

// fileOf is the file that a path leads into. Tariffs and records have hardly a
// member in common.
func (c *priceCmd) fileOf(path string) string {
	for _, member := range []string{"$.elements", "$.min_price", "$.max_price"} {
		if strings.HasPrefix(path, member) {
			return strings.Join(c.Tariff, ", ")
		}
	}
	return c.CDR
}

// priceInput is what a price is made from.
type priceInput struct {
	cdr     *ocpi.CDR
	tariffs []*ocpi.Tariff // nil for those in the record
	remarks []remark
}

// looksAtClock reports whether a price can depend on the local time.
func (in *priceInput) looksAtClock() bool {
	return slices.ContainsFunc(slices.Concat(in.tariffs, in.cdr.Tariffs), func(t *ocpi.Tariff) bool {
		return slices.ContainsFunc(t.Elements, func(e ocpi.Element) bool {
			w := &e.When
			return w.StartTime+w.EndTime+w.StartDate+w.EndDate != "" || w.Days != 0
		})
	})
}

func (c *priceCmd) read(std *stdio) (in priceInput, err error) {
	var options ocpi.Options
	if c.OCPI != "auto" {
		if options.Version, err = ocpi.ParseVersion(c.OCPI); err != nil {
			return in, err
		}
	}
	b, err := readJSON(c.CDR, std, maxRecord)
	if err != nil {
		return in, err
	}
	cdr, findings, err := ocpi.ReadCDR(b, options)
	if err != nil {
		return in, fmt.Errorf("%s: %w", c.CDR, err)
	}
	in.cdr, in.remarks = cdr, ocpiRemarks(c.CDR, findings)
	for _, name := range c.Tariff {
		b, err := readJSON(name, std, maxTariff)
		if err != nil {
			return in, err
		}
		t, findings, err := c.tariff(b, options, cdr.Version)
		if err != nil {
			return in, fmt.Errorf("%s: %w", name, err)
		}
		in.tariffs = append(in.tariffs, t)
		in.remarks = append(in.remarks, ocpiRemarks(name, findings)...)
	}
	return in, nil
}

// tariff reads a tariff. One that has nothing of a version of its own is of the
// record's: what it does not say about taxes means something else in each.
func (c *priceCmd) tariff(b []byte, options ocpi.Options, record ocpi.Version) (*ocpi.Tariff, []ocpi.Finding, error) {
	t, findings, err := ocpi.ReadTariff(b, options)
	if err != nil || options.Version != ocpi.Detect || t.Version == record || t.Version == ocpi.V230 {
		return t, findings, err
	}
	return ocpi.ReadTariff(b, ocpi.Options{Version: record})
}

// readJSON reads a file that must be JSON.
func readJSON(name string, std *stdio, most int64) ([]byte, error) {
	b, err := readInput(name, std.in, most)
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

// String says which local time it is and why.
func (z *chosenZone) String() string {
	why := map[string]string{"flag": "as asked for", "location": "that of the location", "country": "that of the country", "default": "for want of a better one"}
	return z.loc.String() + ", " + why[z.from]
}

// zone looks for the local time where it is told best.
func (c *priceCmd) zone(in *priceInput) (z chosenZone, err error) {
	cdr := in.cdr
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
		why = fmt.Sprintf("there is no --timezone, and the country %q has no single local time", cdr.Country)
	}
	r := noZoneRemark(why)
	r.File = c.CDR
	if !in.looksAtClock() {
		r.Severity = sayInfo // no price depends on it
	}
	return chosenZone{time.UTC, "default", append(z.remarks, r)}, nil
}
