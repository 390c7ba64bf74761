// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

// priced is a priced record, ready to be shown.
type priced struct {
	*ocpi.Result
	zone    chosenZone
	remarks []remark
}

// jsonPrice is the object of price --json; price --help describes it.
type jsonPrice struct {
	Currency    string                   `json:"currency"`
	Total       jsonCost                 `json:"total"`
	Exact       jsonCost                 `json:"exact"`
	ByDimension map[string]jsonDimension `json:"by_dimension"`
	Lines       []jsonPriceLine          `json:"lines"`
	Zone        jsonZone                 `json:"timezone"`
	Findings    []remark                 `json:"findings"`
}

// jsonCost is an amount without and with taxes. Where a tax is unknown the exact
// amount with it is null; the rounded one is always a number, then without it.
type jsonCost struct {
	ExclTax string  `json:"excl_tax"`
	InclTax *string `json:"incl_tax"`
}

type jsonDimension struct {
	Quantity string   `json:"quantity"`
	Unit     string   `json:"unit,omitempty"`
	Total    jsonCost `json:"total"`
	Exact    jsonCost `json:"exact"`
}

type jsonPriceLine struct {
	Kind        string          `json:"kind"`
	Dimension   string          `json:"dimension,omitempty"`
	Tariff      string          `json:"tariff,omitempty"`
	Measured    string          `json:"measured,omitempty"`
	Billed      string          `json:"billed,omitempty"`
	Unit        string          `json:"unit,omitempty"`
	Price       string          `json:"price,omitempty"`
	TaxIncluded bool            `json:"tax_included,omitempty"`
	Taxes       []jsonTax       `json:"taxes,omitempty"`
	Windows     []tariff.Window `json:"windows,omitempty"`
	Total       jsonCost        `json:"total"`
	Exact       jsonCost        `json:"exact"`
}

type jsonTax struct {
	Name    string `json:"name,omitempty"`
	Percent string `json:"percent"`
	Stack   uint8  `json:"stack,omitempty"`
}

type jsonZone struct {
	Name string `json:"name"`
	From string `json:"from"`
}

func (p *priced) json() jsonPrice {
	out := jsonPrice{
		Currency: string(p.Currency), Total: roundedCost(&p.Total), Exact: exactCost(&p.Total),
		ByDimension: map[string]jsonDimension{}, Lines: []jsonPriceLine{},
		Zone: jsonZone{p.zone.loc.String(), p.zone.from}, Findings: append([]remark{}, p.remarks...),
	}
	for i := range p.ByDimension {
		d := &p.ByDimension[i]
		out.ByDimension[d.Dimension] = jsonDimension{d.Quantity.String(), d.Unit, roundedCost(&d.Cost), exactCost(&d.Cost)}
	}
	for i := range p.Lines {
		out.Lines = append(out.Lines, lineJSON(&p.Lines[i]))
	}
	return out
}

func roundedCost(c *ocpi.Cost) jsonCost {
	out := jsonCost{ExclTax: decimal(c.ExclTax.Units, c.ExclTax.Scale)}
	out.InclTax = &out.ExclTax
	if !c.TaxUnknown {
		incl := decimal(c.InclTax.Units, c.InclTax.Scale)
		out.InclTax = &incl
	}
	return out
}

func exactCost(c *ocpi.Cost) jsonCost {
	out := jsonCost{ExclTax: c.ExactExcl.String()}
	if !c.TaxUnknown {
		incl := c.ExactIncl.String()
		out.InclTax = &incl
	}
	return out
}

func lineJSON(l *ocpi.Line) jsonPriceLine {
	out := jsonPriceLine{Kind: string(l.Kind), Dimension: l.Dimension, Tariff: l.Tariff, Unit: l.Unit,
		TaxIncluded: l.TaxIncluded, Windows: l.Windows, Total: roundedCost(&l.Cost), Exact: exactCost(&l.Cost)}
	if l.Kind == ocpi.Charge {
		out.Measured, out.Billed, out.Price = l.Measured.String(), l.Billed.String(), decimal(l.Price.Units, l.Price.Scale)
	}
	for _, t := range l.Taxes {
		out.Taxes = append(out.Taxes, jsonTax{t.Name, percent(t), t.Stack})
	}
	return out
}

// percent of a tax, the rate of which counts in 10^-5.
func percent(t tariff.Tax) string { return trimmed(int64(t.Rate), 3) }

// print writes the bill for people, and the findings below it.
func (p *priced) print(w *bytes.Buffer) {
	table := [][]string{{"", "quantity", "price", "excl. tax", "incl. tax"}}
	for i := range p.Lines {
		l := &p.Lines[i]
		table = append(table, []string{lineName(l), lineQuantity(l), linePrice(l), exclText(&l.Cost), inclText(&l.Cost)})
	}
	table = append(table, []string{"total " + string(p.Currency), "", "", exclText(&p.Total), inclText(&p.Total)})
	printTable(w, table)
	exact := exactCost(&p.Total)
	text := exact.ExclTax + " without tax"
	if exact.InclTax != nil {
		text += ", " + *exact.InclTax + " with tax"
	}
	fmt.Fprintf(w, "\n")
	printRows(w, "", []row{{name: "exactly", text: text}, {name: "local time", text: p.zone.String()}})
	printRemarks(w, p.remarks)
}

// printTable writes columns, the first flush left and the others flush right.
func printTable(w *bytes.Buffer, table [][]string) {
	widths := make([]int, len(table[0]))
	for _, cells := range table {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(printable(cell)))
		}
	}
	for _, cells := range table {
		fmt.Fprintf(w, "%-*s", widths[0], printable(cells[0]))
		for i, cell := range cells[1:] {
			fmt.Fprintf(w, "  %*s", widths[i+1], printable(cell))
		}
		fmt.Fprintln(w)
	}
}

func exclText(c *ocpi.Cost) string { return decimal(c.ExclTax.Units, c.ExclTax.Scale) }

func inclText(c *ocpi.Cost) string {
	if c.TaxUnknown {
		return "unknown"
	}
	return decimal(c.InclTax.Units, c.InclTax.Scale)
}

func lineName(l *ocpi.Line) string {
	name := strings.ReplaceAll(strings.ToLower(l.Dimension), "_", " ")
	if l.Kind != ocpi.Charge {
		name = strings.TrimSpace(string(l.Kind) + " " + name)
	}
	for _, w := range l.Windows {
		name += " " + w.String()
	}
	return name
}

func lineQuantity(l *ocpi.Line) string {
	if l.Kind != ocpi.Charge || l.Unit == "" {
		return ""
	}
	text := quantityText(l.Billed, l.Unit)
	if measured := quantityText(l.Measured, l.Unit); measured != text {
		text += " (" + measured + ")"
	}
	return text
}

// quantityText shows seconds as a clock does.
func quantityText(d ocpi.Decimal, unit string) string {
	if unit == "s" && d.Scale == 0 {
		return clock(d.Units)
	}
	return trimmed(d.Units, d.Scale) + " " + unit
}

func linePrice(l *ocpi.Line) string {
	if l.Kind != ocpi.Charge {
		return ""
	}
	text := atLeast(l.Price)
	switch l.Unit {
	case "kWh":
		text += "/kWh"
	case "s":
		text += "/h"
	}
	sign := " + "
	if l.TaxIncluded {
		sign = " incl. "
	}
	for _, t := range l.Taxes {
		text += sign + strings.TrimSpace(t.Name+" "+percent(t)+"%")
	}
	return text
}

// atLeast is a price with at least the decimals of its currency.
func atLeast(m tariff.Money) string {
	if exponent, ok := m.Currency.Exponent(); ok {
		if padded, err := m.Add(tariff.Money{Scale: uint8(exponent), Currency: m.Currency}); err == nil {
			m = padded
		}
	}
	return decimal(m.Units, m.Scale)
}
