// SPDX-License-Identifier: Apache-2.0

package tariff

import "encoding/json"

// moneyJSON is the form of Money in JSON. The digits after the point are the scale.
type moneyJSON struct {
	Amount   string   `json:"amount"`
	Currency Currency `json:"currency"`
}

// MarshalJSON returns {"amount":"12.34","currency":"CNY"}: never a number, so
// that no reader puts it into a float. It fails as AppendText does.
func (m Money) MarshalJSON() ([]byte, error) {
	if _, err := m.AppendText(nil); err != nil {
		return nil, err
	}
	return json.Marshal(moneyJSON{string(AppendDecimal(nil, m.Units, m.Scale)), m.Currency})
}

// UnmarshalJSON reads the form of MarshalJSON and no other field.
func (m *Money) UnmarshalJSON(text []byte) error {
	var form moneyJSON
	if err := unmarshalStrict(text, &form, may("amount", skip), must("currency", skip)); err != nil {
		return err
	}
	units, scale, err := ParseDecimal(form.Amount)
	if err != nil {
		return err
	}
	if !form.Currency.wellFormed() {
		return ErrCurrency
	}
	*m = Money{Units: units, Scale: scale, Currency: form.Currency}
	return nil
}

// roundingJSON is the form of Rounding in JSON.
type roundingJSON struct {
	Unit    RoundingUnit `json:"unit"`
	Mode    RoundingMode `json:"mode"`
	Payable uint8        `json:"payable_decimals"`
}

// billJSON is the form of Bill in JSON.
type billJSON struct {
	Rules       Rules        `json:"rules"`
	Rounding    roundingJSON `json:"rounding"`
	TaxIncluded bool         `json:"tax_included,omitempty"`
	Limit       *limitJSON   `json:"limit,omitempty"`
	Exact       Exact        `json:"exact"`
	ExactGross  *Exact       `json:"exact_gross,omitempty"` // where it differs
	Net         Money        `json:"net"`
	Gross       Money        `json:"gross"`
	Payable     Money        `json:"payable"`
	Waived      Money        `json:"waived"`
	Lines       []Line       `json:"lines"`
}

// limitJSON is the form of PriceLimit in JSON, in units of the bill's scale.
type limitJSON struct {
	Min   int64 `json:"min_units,omitempty"`
	Max   int64 `json:"max_units,omitempty"`
	Gross bool  `json:"gross,omitempty"`
}

// MarshalJSON returns the bill with amounts as decimal strings, exact amounts
// as fractions, and quantities as integers with the unit in the key. The same
// bill gives the same bytes.
func (b Bill) MarshalJSON() ([]byte, error) {
	form := billJSON{Rules: b.Rules, Rounding: roundingJSON(b.Rounding), TaxIncluded: b.TaxIncluded,
		Exact: b.Exact, Net: b.Net, Gross: b.Gross, Payable: b.Payable, Waived: b.Waived, Lines: b.Lines}
	if form.Lines == nil {
		form.Lines = []Line{}
	}
	if b.ExactGross != b.Exact {
		form.ExactGross = &b.ExactGross
	}
	if b.Limit != (PriceLimit{}) {
		limit := limitJSON(b.Limit)
		form.Limit = &limit
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads the form of MarshalJSON and no other field, with the
// errors of [Tariff.UnmarshalJSON]. Follow it by [Bill.Check]: a text may be well formed and still contradict itself.
func (b *Bill) UnmarshalJSON(text []byte) error {
	var form billJSON
	rounding := object(must("unit", skip), must("mode", skip), must("payable_decimals", skip))
	limit := object(may("min_units", skip), may("max_units", skip), may("gross", skip))
	if err := unmarshalStrict(text, &form, must("rules", skip), must("rounding", rounding), may("tax_included", skip),
		may("limit", limit), must("exact", skip), may("exact_gross", skip), must("net", skip), must("gross", skip),
		must("payable", skip), must("waived", skip), must("lines", skip)); err != nil {
		return err
	}
	*b = Bill{Rules: form.Rules, Rounding: Rounding(form.Rounding), TaxIncluded: form.TaxIncluded,
		Exact: form.Exact, ExactGross: form.Exact, Net: form.Net, Gross: form.Gross,
		Payable: form.Payable, Waived: form.Waived, Lines: form.Lines}
	if form.ExactGross != nil {
		b.ExactGross = *form.ExactGross
	}
	if form.Limit != nil {
		b.Limit = PriceLimit(*form.Limit)
	}
	return nil
}

// unmarshalStrict reads an object that has these fields and no others, each once
// and in this spelling, into dst.
func unmarshalStrict(text []byte, dst any, fields ...field) error {
	if err := readObject(text, fields...); err != nil {
		return err
	}
	return json.Unmarshal(text, dst)
}

// skip leaves a field to the reader that follows.
func skip([]byte) error { return nil }

// object holds a field to the fields of its own.
func object(fields ...field) reader {
	return func(text []byte) error { return readObject(text, fields...) }
}
