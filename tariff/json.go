// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"bytes"
	"encoding/json"
)

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
	if err := unmarshalStrict(text, &form); err != nil {
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

// UnmarshalJSON reads the form of MarshalJSON and no other field. Follow it by
// [Bill.Check]: a text may be well formed and still contradict itself.
func (b *Bill) UnmarshalJSON(text []byte) error {
	var form billJSON
	if err := unmarshalStrict(text, &form); err != nil {
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

// unmarshalStrict refuses fields that dst does not have.
func unmarshalStrict(text []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}
