// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// ReadCDR reads a charge detail record, and the tariffs in it. It reports and
// fails as [ReadTariff] does.
func ReadCDR(data []byte, o Options) (*CDR, []Finding, error) {
	n, err := open(data, o)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{version: o.Version}
	if r.version == Detect {
		r.version = cdrVersion(n)
	}
	c, err := r.cdr(n)
	if err != nil {
		return nil, nil, err
	}
	return c, r.findings, nil
}

// cdrVersion finds out which version a CDR is of: by the form of its cost, or
// by names that only one version has.
func cdrVersion(n *node) Version {
	cost := n.get("total_cost")
	for _, t := range n.list("tariffs") {
		if tariffVersion(t) == V230 {
			return V230
		}
	}
	switch {
	case cost.has("before_taxes") || n.has("booking_id"):
		return V230
	case cost.has("excl_vat"):
		return V221
	case cost != nil && cost.kind == number, n.has("stop_date_time", "auth_id", "location"):
		return V211
	}
	return V221
}

func (r *reader) cdr(n *node) (*CDR, error) {
	if err := r.object(n, cdrFields); err != nil {
		return nil, err
	}
	c := &CDR{Version: r.version, doc: n}
	var err error
	if c.ID, err = str(n, "id"); err != nil {
		return nil, err
	}
	if c.Currency, err = currency(n); err != nil {
		return nil, err
	}
	if err := r.session(c, n); err != nil {
		return nil, err
	}
	if err := c.place(n); err != nil {
		return nil, err
	}
	if err := r.totals(c, n); err != nil {
		return nil, err
	}
	if credit := n.get("credit"); credit != nil && credit.kind == boolean && credit.text == "true" {
		r.find(n.member("credit"), tariff.Warning, CreditCDR, "")
	}
	if err := r.tariffs(c, n.get("tariffs")); err != nil {
		return nil, err
	}
	return c, r.periods(c, n)
}

// session reads start and end.
func (r *reader) session(c *CDR, n *node) error {
	start, err := required(n, "start_date_time")
	if err != nil {
		return err
	}
	if c.Start, err = r.moment(start); err != nil {
		return err
	}
	end := n.get("end_date_time")
	if end == nil {
		end = n.get("stop_date_time")
	}
	if end == nil {
		name := "end_date_time"
		if r.version == V211 {
			name = "stop_date_time"
		}
		r.find(n.path()+"."+name, tariff.Warning, MissingField, "")
	}
	c.End, err = r.moment(end)
	return err
}

// place reads what the location says of local time.
func (c *CDR) place(n *node) (err error) {
	for _, key := range [...]string{"cdr_location", "location"} {
		place := n.get(key)
		if place == nil {
			continue
		}
		if err := place.want(object); err != nil {
			return err
		}
		if c.Country, err = str(place, "country"); err != nil {
			return err
		}
		if c.TimeZone, err = str(place, "time_zone"); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) totals(c *CDR, n *node) (err error) {
	if c.TotalCost, err = r.limit(n.get("total_cost")); err != nil {
		return err
	}
	if c.TotalEnergy, err = optional(n.get("total_energy")); err != nil {
		return err
	}
	if c.TotalTime, err = optional(n.get("total_time")); err != nil {
		return err
	}
	c.TotalParkingTime, err = optional(n.get("total_parking_time"))
	return err
}

func (r *reader) tariffs(c *CDR, list *node) error {
	if list == nil {
		return nil
	}
	if err := list.want(array); err != nil {
		return err
	}
	for _, item := range list.kids {
		t, err := r.tariff(item)
		if err != nil {
			return err
		}
		c.Tariffs = append(c.Tariffs, t)
	}
	return nil
}

func (r *reader) periods(c *CDR, n *node) (err error) {
	c.Periods, err = items(n, "charging_periods", r.period)
	return err
}

func (r *reader) period(n *node) (p Period, err error) {
	if err := r.object(n, periodFields); err != nil {
		return p, err
	}
	start, err := required(n, "start_date_time")
	if err != nil {
		return p, err
	}
	if p.Start, err = r.moment(start); err != nil {
		return p, err
	}
	if p.TariffID, err = str(n, "tariff_id"); err != nil {
		return p, err
	}
	list, err := required(n, "dimensions")
	if err != nil {
		return p, err
	}
	if err := list.want(array); err != nil {
		return p, err
	}
	for _, item := range list.kids {
		q, err := r.quantity(item)
		if err != nil {
			return p, err
		}
		p.Dimensions = append(p.Dimensions, q)
	}
	return p, nil
}

// quantityTypes are all dimensions of a period, whether or not a price depends on them.
var quantityTypes = []string{"CURRENT", "ENERGY", "ENERGY_EXPORT", "ENERGY_IMPORT", "FLAT", "MAX_CURRENT", "MIN_CURRENT",
	"MAX_POWER", "MIN_POWER", "PARKING_TIME", "POWER", "RESERVATION_TIME", "STATE_OF_CHARGE", "TIME"}

func (r *reader) quantity(n *node) (q Quantity, err error) {
	if err := r.object(n, quantityFields); err != nil {
		return q, err
	}
	kind, err := required(n, "type")
	if err != nil {
		return q, err
	}
	if err := kind.want(text); err != nil {
		return q, err
	}
	if q.Type = kind.text; !slices.Contains(quantityTypes, q.Type) {
		r.find(kind.path(), tariff.Warning, UnknownValue, "")
	}
	volume, err := required(n, "volume")
	if err != nil {
		return q, err
	}
	if q.Volume, err = volume.decimal(); err != nil {
		return q, err
	}
	if priced := q.Type != "CURRENT" && q.Type != "POWER" && slices.Contains(quantityTypes, q.Type); priced && q.Volume.Units < 0 {
		return q, fail(ErrRange, "%s", volume.path())
	}
	return q, nil
}
