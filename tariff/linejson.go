// SPDX-License-Identifier: Apache-2.0

package tariff

import "encoding/json"

// lineJSON is the form of Line in JSON. Which fields a line has depends on its
// kind; quantities and prices have their unit in the key.
type lineJSON struct {
	Kind        LineKind      `json:"kind"`
	Rate        Rate          `json:"rate,omitempty"`
	Dimension   Dimension     `json:"dimension,omitempty"`
	Class       Class         `json:"class,omitempty"`
	Element     *int          `json:"element,omitempty"`
	Component   *int          `json:"component,omitempty"`
	When        *Restrictions `json:"when,omitempty"`
	Taxes       []taxJSON     `json:"taxes,omitempty"`
	MeasuredMWh *int64        `json:"measured_mWh,omitempty"`
	BilledMWh   *int64        `json:"billed_mWh,omitempty"`
	StepMWh     int64         `json:"step_mWh,omitempty"`
	PerKWh      *Money        `json:"price_per_kWh,omitempty"`
	MeasuredS   *int64        `json:"measured_s,omitempty"`
	BilledS     *int64        `json:"billed_s,omitempty"`
	StepS       int64         `json:"step_s,omitempty"`
	PerHour     *Money        `json:"price_per_hour,omitempty"`
	MeasuredML  *int64        `json:"measured_mL,omitempty"`
	BilledML    *int64        `json:"billed_mL,omitempty"`
	StepML      int64         `json:"step_mL,omitempty"`
	PerLitre    *Money        `json:"price_per_L,omitempty"`
	Measured    *int64        `json:"measured,omitempty"`
	Billed      *int64        `json:"billed,omitempty"`
	Fee         *Money        `json:"price,omitempty"`
	Tax         *taxJSON      `json:"tax,omitempty"`
	Exact       *Exact        `json:"exact,omitempty"`
	Amount      Money         `json:"amount"`
}

// taxJSON is the form of Tax in JSON.
type taxJSON struct {
	Name  string `json:"name,omitempty"`
	Rate  int32  `json:"rate_per_100000"`
	Stack uint8  `json:"stack,omitempty"`
}

// quantity returns where the form keeps the quantities of a dimension.
func (f *lineJSON) quantity(d Dimension) (measured, billed **int64, step *int64, price **Money) {
	switch d {
	case TimeSpent, IdleTime:
		return &f.MeasuredS, &f.BilledS, &f.StepS, &f.PerHour
	case FlatFee:
		return &f.Measured, &f.Billed, new(int64), &f.Fee
	case Volume:
		return &f.MeasuredML, &f.BilledML, &f.StepML, &f.PerLitre
	}
	return &f.MeasuredMWh, &f.BilledMWh, &f.StepMWh, &f.PerKWh
}

// MarshalJSON returns the line as an object; see [Bill.MarshalJSON].
func (l Line) MarshalJSON() ([]byte, error) {
	form := lineJSON{Kind: l.Kind, Rate: l.Rate, Dimension: l.Dimension, Class: l.Class,
		Amount: l.Amount}
	if !l.When.always() {
		form.When = &l.When
	}
	for _, tax := range l.Taxes {
		form.Taxes = append(form.Taxes, taxJSON(tax))
	}
	switch l.Kind {
	case ChargeLine:
		measured, billed, step, price := form.quantity(l.Dimension)
		*measured, *billed, *step, *price = &l.Measured, &l.Billed, l.Step, &l.Price
		form.Element, form.Component, form.Exact = &l.Element, &l.Component, &l.Exact
	case CapLine:
		form.Exact = &l.Exact
	case TaxLine:
		tax := taxJSON(l.Tax)
		form.Tax, form.Exact = &tax, &l.Exact
	}
	return json.Marshal(form)
}

// lineFields are the fields of a line of a dimension, 0 for none.
func lineFields(d Dimension) []field {
	tax := []field{may("name", skip), must("rate_per_100000", skip), may("stack", skip)}
	taxes := func(text []byte) error {
		return list(new([]struct{}), func(_ *struct{}, text []byte) error { return readObject(text, tax...) })(text)
	}
	fields := []field{must("kind", skip), may("rate", skip), may("dimension", skip), may("class", skip), may("element", skip),
		may("component", skip), may("when", skip), may("taxes", taxes), may("tax", object(tax...)), may("exact", skip), must("amount", skip)}
	names := [dimensions][]string{Energy: {"measured_mWh", "billed_mWh", "step_mWh", "price_per_kWh"},
		TimeSpent: {"measured_s", "billed_s", "step_s", "price_per_hour"}, IdleTime: {"measured_s", "billed_s", "step_s", "price_per_hour"},
		FlatFee: {"measured", "billed", "price"}, Volume: {"measured_mL", "billed_mL", "step_mL", "price_per_L"}}[d]
	for _, name := range names {
		fields = append(fields, may(name, skip))
	}
	return fields
}

// UnmarshalJSON reads the form of MarshalJSON and no other field, with the errors
// of [Tariff.UnmarshalJSON].
func (l *Line) UnmarshalJSON(text []byte) error {
	var form lineJSON
	if err := json.Unmarshal(text, &form); err != nil {
		return err
	}
	if err := readObject(text, lineFields(form.Dimension)...); err != nil {
		return err
	}
	read := Line{Kind: form.Kind, Rate: form.Rate, Dimension: form.Dimension, Class: form.Class,
		Amount: form.Amount}
	put(&read.When, form.When)
	for _, tax := range form.Taxes {
		read.Taxes = append(read.Taxes, Tax(tax))
	}
	if form.Tax != nil {
		read.Tax = Tax(*form.Tax)
	}
	measured, billed, step, price := form.quantity(form.Dimension)
	read.Step = *step
	put(&read.Element, form.Element)
	put(&read.Component, form.Component)
	put(&read.Measured, *measured)
	put(&read.Billed, *billed)
	put(&read.Price, *price)
	put(&read.Exact, form.Exact)
	*l = read
	return nil
}

// put sets dst where there is a value.
func put[T any](dst, value *T) {
	if value != nil {
		*dst = *value
	}
}
