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
	Rules    Rules        `json:"rules"`
	Rounding roundingJSON `json:"rounding"`
	Exact    Exact        `json:"exact"`
	Net      Money        `json:"net"`
	Gross    Money        `json:"gross"`
	Payable  Money        `json:"payable"`
	Waived   Money        `json:"waived"`
	Lines    []Line       `json:"lines"`
}

// MarshalJSON returns the bill with amounts as decimal strings, exact amounts
// as fractions, and quantities as integers with the unit in the key. The same
// bill gives the same bytes.
func (b Bill) MarshalJSON() ([]byte, error) {
	lines := b.Lines
	if lines == nil {
		lines = []Line{}
	}
	return json.Marshal(billJSON{b.Rules, roundingJSON(b.Rounding), b.Exact,
		b.Net, b.Gross, b.Payable, b.Waived, lines})
}

// UnmarshalJSON reads the form of MarshalJSON and no other field. Follow it by
// [Bill.Check]: a text may be well formed and still contradict itself.
func (b *Bill) UnmarshalJSON(text []byte) error {
	var form billJSON
	if err := unmarshalStrict(text, &form); err != nil {
		return err
	}
	*b = Bill{form.Rules, Rounding(form.Rounding), form.Exact,
		form.Net, form.Gross, form.Payable, form.Waived, form.Lines}
	return nil
}

// lineJSON is the form of Line in JSON. A charge has all fields; the others
// have the kind, the class where they have one, and the amount.
type lineJSON struct {
	Kind        LineKind  `json:"kind"`
	Rate        Rate      `json:"rate,omitempty"`
	Dimension   Dimension `json:"dimension,omitempty"`
	Class       Class     `json:"class,omitempty"`
	Element     *int      `json:"element,omitempty"`
	Component   *int      `json:"component,omitempty"`
	Windows     []Window  `json:"windows,omitempty"`
	MeasuredMWh *int64    `json:"measured_mWh,omitempty"`
	BilledMWh   *int64    `json:"billed_mWh,omitempty"`
	PerKWh      *Money    `json:"price_per_kWh,omitempty"`
	Exact       *Exact    `json:"exact,omitempty"`
	Amount      Money     `json:"amount"`
}

// MarshalJSON returns the line as an object; see [Bill.MarshalJSON].
func (l Line) MarshalJSON() ([]byte, error) {
	form := lineJSON{Kind: l.Kind, Rate: l.Rate, Dimension: l.Dimension, Class: l.Class,
		Windows: l.Windows, Amount: l.Amount}
	if l.Kind == ChargeLine {
		form.Element, form.Component = &l.Element, &l.Component
		form.MeasuredMWh, form.BilledMWh = &l.Measured, &l.Billed
		form.PerKWh, form.Exact = &l.Price, &l.Exact
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads the form of MarshalJSON and no other field.
func (l *Line) UnmarshalJSON(text []byte) error {
	var read Line
	form := lineJSON{Element: &read.Element, Component: &read.Component,
		MeasuredMWh: &read.Measured, BilledMWh: &read.Billed, PerKWh: &read.Price, Exact: &read.Exact}
	if err := unmarshalStrict(text, &form); err != nil {
		return err
	}
	read.Kind, read.Rate, read.Dimension, read.Class = form.Kind, form.Rate, form.Dimension, form.Class
	read.Windows, read.Amount = form.Windows, form.Amount
	*l = read
	return nil
}

// unmarshalStrict refuses fields that dst does not have.
func unmarshalStrict(text []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}
