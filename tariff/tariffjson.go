// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"encoding/json"
	"strings"
)

// tariffJSON is the form of Tariff in JSON.
type tariffJSON struct {
	Rules       Rules          `json:"rules"`
	Currency    Currency       `json:"currency"`
	Rounding    roundingJSON   `json:"rounding"`
	TaxIncluded bool           `json:"tax_included,omitempty"`
	Limit       *priceRange    `json:"limit,omitempty"`
	Idle        *idleJSON      `json:"idle,omitempty"`
	Elements    []*elementJSON `json:"elements"`
}

// priceRange is the form of PriceLimit in a tariff.
type priceRange struct {
	Min   string `json:"min,omitempty"`
	Max   string `json:"max,omitempty"`
	Gross bool   `json:"gross,omitempty"`
}

type idleJSON struct {
	Grace       int64  `json:"grace_s,omitempty"`
	PerEpisode  bool   `json:"per_episode,omitempty"`
	Retroactive bool   `json:"retroactive,omitempty"`
	SessionCap  string `json:"session_cap,omitempty"`
	PeriodCap   string `json:"period_cap,omitempty"`
	Period      Period `json:"period,omitempty"`
}

type elementJSON struct {
	Rate       Rate             `json:"rate,omitempty"`
	When       *whenJSON        `json:"when,omitempty"`
	Components []*componentJSON `json:"components"`
}

type whenJSON struct {
	Windows     []Window    `json:"windows,omitempty"`
	Days        Days        `json:"days,omitempty"`
	From        Date        `json:"from,omitempty"`
	Until       Date        `json:"until,omitempty"`
	Energy      *spanJSON   `json:"energy_mWh,omitempty"`
	Time        *spanJSON   `json:"time_s,omitempty"`
	Volume      *spanJSON   `json:"volume_mL,omitempty"`
	Power       *spanJSON   `json:"power_W,omitempty"`
	Current     *spanJSON   `json:"current_mA,omitempty"`
	Duration    *spanJSON   `json:"duration_s,omitempty"`
	Idle        *spanJSON   `json:"idle_s,omitempty"`
	Reservation Reservation `json:"reservation,omitempty"`
}

type spanJSON struct {
	Min int64 `json:"min,omitempty"`
	Max int64 `json:"max,omitempty"`
}

type componentJSON struct {
	Dimension Dimension     `json:"dimension"`
	Class     Class         `json:"class"`
	PerKWh    string        `json:"price_per_kWh,omitempty"`
	PerHour   string        `json:"price_per_hour,omitempty"`
	PerLitre  string        `json:"price_per_L,omitempty"`
	Fee       string        `json:"price,omitempty"`
	StepMWh   int64         `json:"step_mWh,omitempty"`
	StepS     int64         `json:"step_s,omitempty"`
	StepML    int64         `json:"step_mL,omitempty"`
	Taxes     []percentJSON `json:"taxes,omitempty"`
}

// percentJSON is the form of Tax in a tariff.
type percentJSON struct {
	Name    string `json:"name,omitempty"`
	Percent string `json:"percent"`
	Stack   uint8  `json:"stack,omitempty"`
}

// MarshalJSON returns the tariff as people write it: words for enumerations,
// decimal strings for amounts and percentages, integers with the unit in the
// key for all else. What is zero or always is left out.
//
//	{
//	  "rules": 1,
//	  "currency": "EUR",
//	  "rounding": {"unit": "session", "mode": "half-up", "payable_decimals": 2},
//	  "limit": {"min": "0.50"},
//	  "elements": [{
//	    "rate": "peak",
//	    "when": {"windows": ["17:00-22:00"], "days": ["monday"], "energy_mWh": {"max": 20000000}},
//	    "components": [{"dimension": "energy", "class": "electricity", "price_per_kWh": "0.42",
//	      "step_mWh": 500000, "taxes": [{"name": "VAT", "percent": "19"}]}]
//	  }]
//	}
//
// All amounts have as many decimals as Scale says. A price's key follows its
// dimension: price_per_kWh, price_per_hour, price_per_L, and price for a flat
// fee. The same tariff gives the same bytes, and [Tariff.UnmarshalJSON] gives
// it back. It fails with the error of the first value that has no name, with
// [ErrElement] without any component, and with [ErrStep] for a step of a flat fee.
func (t Tariff) MarshalJSON() ([]byte, error) {
	form := tariffJSON{Rules: t.Rules, Currency: t.Currency, Rounding: roundingJSON(t.Rounding), TaxIncluded: t.TaxIncluded}
	if t.every(func(*Component) bool { return false }) {
		return nil, &Error{"Elements", ErrElement} // Scale would be lost
	}
	if t.Limit != (PriceLimit{}) {
		form.Limit = &priceRange{t.optional(t.Limit.Min), t.optional(t.Limit.Max), t.Limit.Gross}
	}
	if r := t.Idle; r != (IdleRule{}) {
		form.Idle = &idleJSON{r.Grace, r.PerEpisode, r.Retroactive, t.optional(r.SessionCap), t.optional(r.PeriodCap), r.Period}
	}
	for i := range t.Elements {
		e := &t.Elements[i]
		one := &elementJSON{Rate: e.Rate, When: e.When.form(), Components: []*componentJSON{}}
		for j := range e.Components {
			c, err := t.component(&e.Components[j])
			if err != nil {
				return nil, err
			}
			one.Components = append(one.Components, c)
		}
		form.Elements = append(form.Elements, one)
	}
	return json.Marshal(form)
}

// decimal returns an amount at the tariff's scale.
func (t *Tariff) decimal(units int64) string { return string(AppendDecimal(nil, units, t.Scale)) }

// optional returns an amount at the tariff's scale, and nothing for zero.
func (t *Tariff) optional(units int64) string {
	if units == 0 {
		return ""
	}
	return t.decimal(units)
}

// component returns the form of a component.
func (t *Tariff) component(c *Component) (*componentJSON, error) {
	form := &componentJSON{Dimension: c.Dimension, Class: c.Class}
	price := t.decimal(c.Price)
	switch c.Dimension {
	case Energy:
		form.PerKWh, form.StepMWh = price, c.Step
	case TimeSpent, IdleTime:
		form.PerHour, form.StepS = price, c.Step
	case Volume:
		form.PerLitre, form.StepML = price, c.Step
	default:
		form.Fee = price
		if c.Step != 0 {
			return nil, ErrStep
		}
	}
	for _, tax := range c.Taxes {
		form.Taxes = append(form.Taxes, percentJSON{tax.Name, appendPercent(tax.Rate), tax.Stack})
	}
	return form, nil
}

// appendPercent returns a rate in percent, without zeros at its end.
func appendPercent(rate int32) string {
	text := string(AppendDecimal(nil, int64(rate), 3))
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// MarshalJSON returns the restrictions as an element's "when" has them, see
// [Tariff.MarshalJSON], and {} where nothing restricts.
func (r Restrictions) MarshalJSON() ([]byte, error) {
	form := r.form()
	if form == nil {
		form = &whenJSON{}
	}
	return json.Marshal(form)
}

// form returns the form of restrictions, nil for none.
func (r *Restrictions) form() *whenJSON {
	if r.always() {
		return nil
	}
	form := &whenJSON{Windows: r.Windows, Days: r.Days, From: r.From, Until: r.Until, Reservation: r.Reservation}
	for i, dst := range [...]**spanJSON{&form.Energy, &form.Time, &form.Volume, &form.Power, &form.Current, &form.Duration, &form.Idle} {
		if s := r.spans()[i]; s != (Span{}) {
			form := spanJSON(s)
			*dst = &form
		}
	}
	return form
}
