// SPDX-License-Identifier: Apache-2.0

package tariff

import "math"

// UnmarshalJSON reads the form of [Tariff.MarshalJSON] and nothing else: a
// field that is unknown, repeated, missing or of another dimension is
// [ErrField], a value of another type or form [ErrSyntax]. The [*Error] around
// them leads to the place in the JSON: "elements[0].when.day_of_week". Amounts
// may have different numbers of decimals, at most [MaxPriceScale]: Scale
// becomes the largest. Follow it by [Tariff.Check].
func (t *Tariff) UnmarshalJSON(text []byte) error {
	var first tariffReader // finds the scale
	if err := first.tariff(&Tariff{}, text); err != nil {
		return err
	}
	read := Tariff{Scale: first.most}
	if err := (&tariffReader{scale: first.most}).tariff(&read, text); err != nil {
		return err
	}
	*t = read
	return nil
}

// tariffReader reads a tariff whose amounts are wanted at a scale.
type tariffReader struct {
	scale uint8
	most  uint8 // decimals met so far
}

func (r *tariffReader) tariff(t *Tariff, text []byte) error {
	return readObject(text,
		must("rules", integer(&t.Rules)),
		must("currency", func(text []byte) error { return readString((*string)(&t.Currency), text) }),
		must("rounding", func(text []byte) error {
			return readObject(text,
				must("unit", word(&t.Rounding.Unit)),
				must("mode", word(&t.Rounding.Mode)),
				must("payable_decimals", integer(&t.Rounding.Payable)))
		}),
		may("tax_included", boolean(&t.TaxIncluded)),
		may("limit", func(text []byte) error {
			return readObject(text,
				may("min", r.amount(&t.Limit.Min)),
				may("max", r.amount(&t.Limit.Max)),
				may("gross", boolean(&t.Limit.Gross)))
		}),
		may("idle", func(text []byte) error { return r.idle(&t.Idle, text) }),
		must("elements", list(&t.Elements, r.element)))
}

func (r *tariffReader) idle(rule *IdleRule, text []byte) error {
	return readObject(text,
		may("grace_s", integer(&rule.Grace)),
		may("per_episode", boolean(&rule.PerEpisode)),
		may("retroactive", boolean(&rule.Retroactive)),
		may("session_cap", r.amount(&rule.SessionCap)),
		may("period_cap", r.amount(&rule.PeriodCap)),
		may("period", word(&rule.Period)))
}

func (r *tariffReader) element(e *Element, text []byte) error {
	return readObject(text,
		may("rate", word(&e.Rate)),
		may("when", func(text []byte) error { return e.When.read(text) }),
		must("components", list(&e.Components, r.component)))
}

// UnmarshalJSON reads the form of MarshalJSON and nothing else, with the errors
// of [Tariff.UnmarshalJSON].
func (r *Restrictions) UnmarshalJSON(text []byte) error {
	var read Restrictions
	if err := read.read(text); err != nil {
		return err
	}
	*r = read
	return nil
}

func (r *Restrictions) read(text []byte) error {
	return readObject(text,
		may("windows", list(&r.Windows, func(w *Window, text []byte) error { return word(w)(text) })),
		may("days", r.Days.UnmarshalJSON),
		may("from", word(&r.From)),
		may("until", word(&r.Until)),
		may("energy_mWh", span(&r.Energy)),
		may("time_s", span(&r.Time)),
		may("volume_mL", span(&r.Volume)),
		may("power_W", span(&r.Power)),
		may("current_mA", span(&r.Current)),
		may("duration_s", span(&r.Duration)),
		may("idle_s", span(&r.Idle)),
		may("reservation", word(&r.Reservation)))
}

func span(dst *Span) reader {
	return func(text []byte) error {
		return readObject(text, may("min", integer(&dst.Min)), may("max", integer(&dst.Max)))
	}
}

// component reads a component. The names of its price and step depend on its
// dimension, which may stand behind them.
func (r *tariffReader) component(c *Component, text []byte) error {
	if err := readObject(text, must("dimension", word(&c.Dimension)), may("class", skip), may("taxes", skip),
		may("price_per_kWh", skip), may("price_per_hour", skip), may("price_per_L", skip), may("price", skip),
		may("step_mWh", skip), may("step_s", skip), may("step_mL", skip)); err != nil {
		return err
	}
	price, step := "price", ""
	switch c.Dimension {
	case Energy:
		price, step = "price_per_kWh", "step_mWh"
	case TimeSpent, IdleTime:
		price, step = "price_per_hour", "step_s"
	case Volume:
		price, step = "price_per_L", "step_mL"
	}
	fields := []field{must("dimension", skip), must("class", word(&c.Class)), must(price, r.amount(&c.Price)),
		may("taxes", list(&c.Taxes, readTax))}
	if step != "" {
		fields = append(fields, may(step, integer(&c.Step)))
	}
	return readObject(text, fields...)
}

func readTax(tax *Tax, text []byte) error {
	return readObject(text,
		may("name", func(text []byte) error { return readString(&tax.Name, text) }),
		must("percent", func(text []byte) error {
			units, err := readDecimal(text, 3)
			if err == nil && (units < math.MinInt32 || units > math.MaxInt32) {
				err = ErrOverflow
			}
			tax.Rate = int32(units)
			return err
		}),
		may("stack", integer(&tax.Stack)))
}

// amount reads a decimal at the scale of the reader; one with more decimals
// raises what the next reader will read at.
func (r *tariffReader) amount(dst *int64) reader {
	return func(text []byte) error {
		var digits string
		if err := readString(&digits, text); err != nil {
			return err
		}
		units, scale, err := ParseDecimal(digits)
		switch {
		case err != nil:
			return err
		case scale > MaxPriceScale:
			return ErrScale
		}
		r.most = max(r.most, scale)
		if r.scale >= scale {
			*dst, err = rescale(units, r.scale-scale)
		}
		return err
	}
}

// readDecimal reads a decimal in units of 10^-scale. It may have more decimals
// where they are zeros.
func readDecimal(text []byte, scale uint8) (int64, error) {
	var digits string
	if err := readString(&digits, text); err != nil {
		return 0, err
	}
	units, decimals, err := ParseDecimal(digits)
	if err != nil {
		return 0, err
	}
	for ; decimals > scale; decimals-- {
		if units%10 != 0 {
			return 0, ErrScale
		}
		units /= 10
	}
	return rescale(units, scale-decimals)
}

// rescale returns units with so many decimals more, at most maxDecimals.
func rescale(units int64, more uint8) (int64, error) {
	result, ok := product(units, int64(pow10(more))).int64()
	if !ok {
		return 0, ErrOverflow
	}
	return result, nil
}
