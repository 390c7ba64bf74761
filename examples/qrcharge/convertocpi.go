// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

var (
	errParty = errors.New("OCPI 2.2.1 and 2.3.0 require --country-code and --party-id")
	errID    = errors.New("the tariff has no hash to be named by: give --id")
)

// writeOCPI writes a tariff of OCPI, of this or another version, or one of ours.
func (c *convertCmd) writeOCPI(file *tariffFile) ([]byte, error) {
	t, err := c.ocpiTariff(file)
	if err != nil {
		return nil, err
	}
	b, err := ocpi.WriteTariff(t)
	if err != nil {
		return nil, c.inexpressible(err)
	}
	if file.ocpi != nil {
		file.remarks = append(file.remarks, notCarried(file.name, file.text, b)...)
	}
	return b, nil
}

// notCarried names the members of a tariff that did not make it into another of
// its versions: texts and the like.
func notCarried(file string, from, to []byte) []remark {
	var remarks []remark
	kept := members(to)
	before := members(from)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, ok := kept[key]; !ok {
			remarks = append(remarks, remark{Severity: sayInfo, Code: "not-carried", File: file, Path: shortened("$."+key, maxPath), Message: "this is not carried over"})
		}
	}
	return remarks
}

// members are those of a tariff, without the envelope of a response.
func members(text []byte) map[string]json.RawMessage {
	var top map[string]json.RawMessage
	if json.Unmarshal(text, &top) != nil {
		return nil
	}
	data, wrapped := top["data"]
	var list []json.RawMessage
	switch {
	case !wrapped:
		return top
	case json.Unmarshal(data, &list) == nil && len(list) == 1:
		return members(list[0])
	}
	return members(data)
}

func (c *convertCmd) ocpiTariff(file *tariffFile) (*ocpi.Tariff, error) {
	var head ocpi.Tariff
	if file.ocpi != nil {
		head = *file.ocpi
	}
	if err := c.head(&head, file); err != nil {
		return nil, misuse(err)
	}
	if file.ocpi != nil {
		return &head, nil
	}
	t, findings, err := ocpi.FromModel(file.tariff, head)
	if err != nil {
		return nil, c.inexpressible(err)
	}
	file.remarks = append(file.remarks, ocpiLosses(file, t, findings)...)
	return t, nil
}

// head writes what the flags say over the head of a tariff, and fills in what
// its version requires.
func (c *convertCmd) head(t *ocpi.Tariff, file *tariffFile) error {
	t.Version = versionOf(c.To)
	for _, field := range []struct {
		to   *string
		flag string
	}{{&t.ID, c.ID}, {&t.CountryCode, c.Country}, {&t.PartyID, c.Party}, {&t.LastUpdated, c.Updated}} {
		if field.flag != "" {
			*field.to = field.flag
		}
	}
	if t.Version == ocpi.V211 {
		t.CountryCode, t.PartyID = "", ""
	} else if t.CountryCode == "" || t.PartyID == "" {
		return errParty
	}
	if t.LastUpdated == "" {
		t.LastUpdated = time.Now().UTC().Format(time.RFC3339)
	}
	if _, err := time.Parse(time.RFC3339, t.LastUpdated); c.Updated != "" && err != nil {
		return fmt.Errorf("--last-updated %q: %w", c.Updated, errTime)
	}
	if t.ID == "" {
		if err := file.resolve(); err != nil {
			return errors.Join(errID, err)
		}
		sum, err := qrproto.TariffHash(file.tariff)
		if err != nil {
			return errors.Join(errID, err)
		}
		t.ID = sum.String()[:16]
	}
	return nil
}
