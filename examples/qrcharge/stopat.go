// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

type stopAtCmd struct {
	Tariff   string        `required:"" placeholder:"FILE" help:"Tariff in any form, or - for standard input."`
	Budget   string        `required:"" placeholder:"AMOUNT" help:"The most that the session may cost, taxes included, as 20 or 19.90; read exactly, in the tariff's currency."`
	Power    loadFlag      `required:"" placeholder:"W" help:"Power from the start on, in W."`
	Current  loadFlag      `placeholder:"mA" help:"Current, the sum of the phases, in mA; for tariffs that look at it."`
	Flow     loadFlag      `placeholder:"mL" help:"Flow in mL per minute; for tariffs of volume."`
	Start    string        `placeholder:"TIME" help:"When the session begins, as 2026-03-02T17:00:00+01:00, or without an offset as the clocks of the zone show it. Now unless told otherwise."`
	Timezone string        `placeholder:"ZONE" help:"Zone of the device, as Europe/Amsterdam. Without it the offset of --start, or UTC."`
	Horizon  time.Duration `default:"744h" help:"How far to look, at most 31 days (744h)."`
	Read     tariffFlags   `embed:""`
	JSON     bool          `help:"Print one JSON object."`
}

// Help is printed by stop-at --help.
func (*stopAtCmd) Help() string {
	return `Says how long a session may go on under a constant load so that its cost never exceeds the budget. There are three answers: too-dear (the first second costs more than the budget, and how much it costs), stop (the last second within the budget, and the energy and cost by then), and no-limit (within the budget up to the horizon).

A cost can fall as a session goes on, so this is the first crossing. Device latency is not in it: stop as much earlier as the device needs.

With --json: answer, currency, budget, start, timezone, and for stop and no-limit: at, seconds, energy_mWh, volume_mL, cost; for too-dear: needed; findings [{severity, code, path, message}]. Amounts are decimal strings.

` + formsHelp + `

Exit code 0: answered, whatever the answer. 2: an unreadable tariff, or one that no answer can be computed by. 3: wrong usage, such as a load that is negative or that delivers more within the horizon than can be measured, or a negative budget.`
}

var (
	errBudget   = errors.New("not an amount, as 20 or 19.90 or 19.90 EUR")
	errNegative = errors.New("a budget cannot be negative")
	errLoad     = errors.New("not a load: a whole number from 0 to 2147483647")
	errSupply   = errors.New("this load delivers more within the horizon than can be measured")
	errTooLate  = errors.New("the horizon is beyond the year 9999")
	errHorizon  = errors.New("not between 1 second and 31 days")
)

// loadFlag is a flag of a power, current or flow.
type loadFlag int32

// UnmarshalText reads digits.
func (l *loadFlag) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil {
		return fmt.Errorf("%q: %w", shortened(string(text), maxKey), errLoad)
	}
	*l = loadFlag(n)
	return nil
}

// Run answers the question.
func (c *stopAtCmd) Run(std *stdio) error {
	if err := c.check(); err != nil {
		return misuse(err)
	}
	start, zone, err := c.moment()
	if err != nil {
		return misuse(err)
	}
	file, err := c.Read.readSound(c.Tariff, std, ykc.LossRefused)
	if err != nil {
		return err
	}
	budget, err := parseBudget(c.Budget, file.tariff.Currency)
	if err != nil {
		return misuse(fmt.Errorf("--budget %q: %w", c.Budget, err))
	}
	stop, err := c.ask(file.tariff, budget, start)
	if err != nil {
		return c.unanswered(err)
	}
	if file.taxUnknown() {
		file.remarks = append(file.remarks, remark{Severity: sayWarning, Code: string(ocpi.TaxUnknown), File: c.Tariff, Message: "nothing is said about the tax of a price: the cost is without it"})
	}
	if zone == "" && looksAtClock(file.tariff) {
		file.remarks = append(file.remarks, noZoneRemark("there is no --timezone, and no offset in --start"))
	}
	return c.print(std, stopAnswer{stop: stop, budget: budget, start: start, zone: zone, remarks: file.remarks})
}

func (c *stopAtCmd) check() error {
	if c.Horizon < time.Second || c.Horizon > tariff.MaxHorizon*time.Second {
		return fmt.Errorf("--horizon %v: %w", c.Horizon, errHorizon)
	}
	return nil
}

// unanswered says whose fault it is that there is no answer: that of the flags
// or of the tariff, the prices of which may not fit any amount.
func (c *stopAtCmd) unanswered(err error) error {
	switch {
	case errors.Is(err, tariff.ErrAboveLimit):
		return misuse(fmt.Errorf("--power, --flow, --horizon: %w: %w", errSupply, err))
	case errors.Is(err, tariff.ErrReading):
		return misuse(fmt.Errorf("--start, --horizon: %w: %w", errTooLate, err))
	}
	return &failure{exitUnreadable, c.Tariff + ": no answer can be computed by it", err}
}

// moment is when the session begins, in the zone of the device. The name of the
// zone is empty where none is given.
func (c *stopAtCmd) moment() (time.Time, string, error) {
	loc := time.UTC
	if c.Timezone != "" {
		var err error
		if loc, err = loadZone(c.Timezone); err != nil {
			return time.Time{}, "", fmt.Errorf("--timezone %w", err)
		}
	}
	if c.Start == "" {
		return time.Now().In(loc).Truncate(time.Second), c.Timezone, nil
	}
	at, err := parseStart(c.Start, loc)
	switch {
	case err != nil:
		return at, "", fmt.Errorf("--start %w", err)
	case at.Unix() < 0:
		return at, "", fmt.Errorf("--start %s: %w", c.Start, tariff.ErrReading)
	case c.Timezone != "":
		return at.In(loc), c.Timezone, nil
	}
	_, east := at.Zone()
	if east == 0 {
		return at.In(loc), "", nil
	}
	name := "UTC" + zone(int32(east))
	return at.In(time.FixedZone(name, east)), name, nil
}

// ask compiles the tariff for the session and asks its meter.
func (c *stopAtCmd) ask(t *tariff.Tariff, budget tariff.Money, start time.Time) (tariff.Stop, error) {
	horizon := int64(c.Horizon / time.Second)
	limits := tariff.Limits{Energy: min(int64(c.Power)*horizon*10/36+1, tariff.MaxEnergy), Scale: orderScale(t)}
	offsets := tariff.OffsetsIn(start.Location(), start, start.Add(c.Horizon))
	plan, err := t.Compile(limits, offsets)
	if err != nil {
		return tariff.Stop{}, err
	}
	meter := plan.Meter()
	load := tariff.Load{Power: int32(c.Power), Current: int32(c.Current), Flow: int32(c.Flow), Phase: tariff.Charging}
	if err := meter.Add(tariff.Reading{At: start.Unix(), Power: load.Power, Current: load.Current, Phase: tariff.Charging}); err != nil {
		return tariff.Stop{}, err
	}
	stop, err := meter.StopAt(budget, load, horizon)
	if err != nil || stop.Kind != tariff.StopAfter || stop.Seconds > 0 {
		return stop, err
	}
	// Nothing costs nothing, but the budget is for a session: the first second
	// is what is too dear.
	next := tariff.Reading{At: start.Unix() + 1, Energy: int64(c.Power) * 10 / 36, Volume: int64(c.Flow) / 60,
		Power: load.Power, Current: load.Current, Phase: tariff.Charging}
	if err := meter.Add(next); err != nil {
		return tariff.Stop{}, err
	}
	return meter.StopAt(budget, load, 0)
}

// orderScale is the smallest scale of an order that the currency, the rounding
// and the limits of a tariff allow.
func orderScale(t *tariff.Tariff) uint8 {
	exponent, _ := t.Currency.Exponent()
	scale := max(uint8(exponent), t.Rounding.Payable)
	units := func(n int64) {
		decimals := t.Scale
		for ; n != 0 && decimals > 0 && n%10 == 0; decimals-- {
			n /= 10
		}
		if n != 0 {
			scale = max(scale, decimals)
		}
	}
	units(t.Limit.Min)
	units(t.Limit.Max)
	return scale
}

// parseBudget reads an amount exactly. A currency may follow it, and must then
// be the tariff's.
func parseBudget(text string, currency tariff.Currency) (tariff.Money, error) {
	number, code, named := strings.Cut(text, " ")
	units, scale, err := tariff.ParseDecimal(number)
	switch {
	case err != nil:
		return tariff.Money{}, fmt.Errorf("%w: %w", errBudget, err)
	case units < 0:
		return tariff.Money{}, errNegative
	case named && tariff.Currency(code) != currency:
		return tariff.Money{}, fmt.Errorf("%w: the tariff is in %s", tariff.ErrMixed, currency)
	}
	return tariff.Money{Units: units, Scale: scale, Currency: currency}, nil
}

// looksAtClock reports whether a price depends on the local time.
func looksAtClock(t *tariff.Tariff) bool {
	for i := range t.Elements {
		if w := &t.Elements[i].When; len(w.Windows) > 0 || w.Days != 0 || w.From != 0 || w.Until != 0 {
			return true
		}
	}
	return t.Idle.Period == tariff.PerLocalDay
}

func noZoneRemark(why string) remark {
	return remark{Severity: sayWarning, Code: "no-timezone", Message: why + ": prices by the local time are taken as UTC"}
}

// stopAnswer is an answer with the question.
type stopAnswer struct {
	stop    tariff.Stop
	budget  tariff.Money
	start   time.Time
	zone    string // empty for UTC
	remarks []remark
}

func (c *stopAtCmd) print(std *stdio, a stopAnswer) error {
	if c.JSON {
		return printJSON(std.out, a.json())
	}
	var out bytes.Buffer
	printRows(&out, "", a.rows())
	printRemarks(&out, a.remarks)
	_, err := std.out.Write(out.Bytes())
	return err
}

func (a *stopAnswer) end() time.Time {
	return a.start.Add(time.Duration(a.stop.Seconds) * time.Second)
}

const zoneLayout = "2006-01-02 15:04:05 -07:00"

func (a *stopAnswer) rows() []row {
	budget := row{name: "budget", text: a.budget.String()}
	begin := row{name: "start", text: a.start.Format(zoneLayout)}
	if a.stop.Kind == tariff.StopNone {
		return []row{{name: "answer", text: "too dear: the first second costs more"},
			budget, begin, {name: "needed", text: a.stop.Cost.String()}}
	}
	rows := []row{{name: "answer", text: "stop"}, budget, begin, {name: "end", text: a.end().Format(zoneLayout) + ", after " + clock(a.stop.Seconds)},
		{name: "energy", text: kilowattHours(a.stop.Energy)}}
	if a.stop.Kind == tariff.StopNoLimit {
		rows[0].text = "no limit: still within the budget at the horizon"
		rows[3].name = "horizon"
	}
	if a.stop.Volume > 0 {
		rows = append(rows, row{name: "volume", text: litres(a.stop.Volume)})
	}
	return append(rows, row{name: "cost", text: a.stop.Cost.String()})
}

// jsonStop is the object of stop-at --json; stop-at --help describes it.
type jsonStop struct {
	Answer   string   `json:"answer"`
	Currency string   `json:"currency"`
	Budget   string   `json:"budget"`
	Start    string   `json:"start"`
	Zone     string   `json:"timezone"`
	At       string   `json:"at,omitempty"`
	Seconds  *int64   `json:"seconds,omitempty"`
	Energy   *int64   `json:"energy_mWh,omitempty"`
	Volume   *int64   `json:"volume_mL,omitempty"`
	Cost     string   `json:"cost,omitempty"`
	Needed   string   `json:"needed,omitempty"`
	Findings []remark `json:"findings"`
}

func (a *stopAnswer) json() jsonStop {
	out := jsonStop{
		Answer: pick(a.stop.Kind, tariff.StopNone, "too-dear", "stop", "no-limit"), Currency: string(a.budget.Currency),
		Budget: decimal(a.budget.Units, a.budget.Scale), Start: a.start.Format(time.RFC3339), Zone: a.zone, Findings: append([]remark{}, a.remarks...),
	}
	if out.Zone == "" {
		out.Zone = "UTC"
	}
	cost := decimal(a.stop.Cost.Units, a.stop.Cost.Scale)
	if a.stop.Kind == tariff.StopNone {
		out.Needed = cost
		return out
	}
	out.At, out.Cost = a.end().Format(time.RFC3339), cost
	out.Seconds, out.Energy, out.Volume = &a.stop.Seconds, &a.stop.Energy, &a.stop.Volume
	return out
}
