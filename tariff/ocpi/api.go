// SPDX-License-Identifier: Apache-2.0

package ocpi

import "github.com/seed81979277/qrcharge/tariff"

type node struct{}

// ReadTariff reads a tariff.
func ReadTariff(data []byte, o Options) (*Tariff, []Finding, error) { return nil, nil, ErrVersion }

// ReadCDR reads a charge detail record, with the tariffs in it.
func ReadCDR(data []byte, o Options) (*CDR, []Finding, error) { return nil, nil, ErrVersion }

// Price prices a CDR by the tariffs given, or by those in it where none are given.
func Price(c *CDR, tariffs []*Tariff, o PriceOptions) (*Result, error) { return nil, ErrVersion }

// Span returns the first and the last moment that a price of c depends on, for tariff.OffsetsIn.
func (c *CDR) Span() (from, to int64) { return 0, 0 }

// Zone returns the name of the zone of c's location: its time_zone, else that
// of a country that has one zone; false where neither says.
func (c *CDR) Zone() (name string, ok bool) { return "", false }

// Lint returns what looks wrong in t.
func (t *Tariff) Lint(p Profile) []Finding { return nil }

// Model returns t as a tariff of package tariff.
func (t *Tariff) Model(p Profile) (*tariff.Tariff, []Finding, error) { return nil, nil, ErrVersion }

// FromModel makes an OCPI tariff; head gives its version, id and whatever else package tariff has no field for.
func FromModel(t *tariff.Tariff, head Tariff) (*Tariff, []Finding, error) {
	return nil, nil, ErrVersion
}

// WriteTariff writes t in the JSON of its version.
func WriteTariff(t *Tariff) ([]byte, error) { return nil, ErrVersion }

// WriteCDR writes c with the costs of r.
func WriteCDR(c *CDR, r *Result) ([]byte, error) { return nil, ErrVersion }
