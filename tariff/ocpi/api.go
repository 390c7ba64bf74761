// SPDX-License-Identifier: Apache-2.0

package ocpi

import "github.com/seed81979277/qrcharge/tariff"

// Zone returns the name of the zone of c's location: its time_zone, else that
// of a country that has one zone; false where neither says.
func (c *CDR) Zone() (name string, ok bool) { return "", false }

// Lint returns what looks wrong in t.
func (t *Tariff) Lint(p Profile) []Finding { return nil }

// FromModel makes an OCPI tariff; head gives its version, id and whatever else package tariff has no field for.
func FromModel(t *tariff.Tariff, head Tariff) (*Tariff, []Finding, error) {
	return nil, nil, ErrVersion
}

// WriteTariff writes t in the JSON of its version.
func WriteTariff(t *Tariff) ([]byte, error) { return nil, ErrVersion }

// WriteCDR writes c with the costs of r.
func WriteCDR(c *CDR, r *Result) ([]byte, error) { return nil, ErrVersion }
