// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed81979277/qrcharge/tariff"
)

// versions is a set of versions: bit n is Version n.
type versions uint8

const (
	in211  versions = 1 << V211
	in221  versions = 1 << V221
	in230  versions = 1 << V230
	newer           = in221 | in230
	always          = in211 | newer
)

func (s versions) has(v Version) bool { return s>>v&1 == 1 }

// newest names the newest version of a set.
func (s versions) newest() string {
	for v := V230; v > Detect; v-- {
		if s.has(v) {
			return v.String()
		}
	}
	return ""
}

// field is a field of an object: the versions that have it, and those that
// require it.
type field struct {
	name     string
	in, must versions
}

// The fields of the objects, from the OCPI documents.
var (
	tariffFields = []field{
		{"country_code", newer, newer}, {"party_id", newer, newer}, {"id", always, always},
		{"currency", always, 0}, {"type", newer, 0}, {"tariff_alt_text", always, 0}, {"tariff_alt_url", always, 0},
		{"min_price", newer, 0}, {"max_price", newer, 0}, {"preauthorize_amount", in230, 0},
		{"elements", always, 0}, {"tax_included", in230, in230},
		{"start_date_time", newer, 0}, {"end_date_time", newer, 0}, {"energy_mix", always, 0}, {"last_updated", always, always},
	}
	elementFields   = []field{{"price_components", always, 0}, {"restrictions", always, 0}}
	componentFields = []field{{"type", always, 0}, {"price", always, 0}, {"vat", newer, 0}, {"step_size", always, always}}
	whenFields      = []field{
		{"start_time", always, 0}, {"end_time", always, 0}, {"start_date", always, 0}, {"end_date", always, 0},
		{"min_kwh", always, 0}, {"max_kwh", always, 0}, {"min_current", newer, 0}, {"max_current", newer, 0},
		{"min_power", always, 0}, {"max_power", always, 0}, {"min_duration", always, 0}, {"max_duration", always, 0},
		{"day_of_week", always, 0}, {"reservation", newer, 0},
	}
	costFields = []field{
		{"excl_vat", in221, 0}, {"incl_vat", in221, 0}, {"before_taxes", in230, 0}, {"after_taxes", in230, 0}, {"taxes", in230, 0},
	}
	cdrFields = []field{
		{"country_code", newer, newer}, {"party_id", newer, newer}, {"id", always, always},
		{"start_date_time", always, 0}, {"stop_date_time", in211, 0}, {"end_date_time", newer, 0},
		{"session_id", newer, 0}, {"auth_id", in211, in211}, {"cdr_token", newer, newer}, {"auth_method", always, always},
		{"authorization_reference", newer, 0}, {"location", in211, in211}, {"cdr_location", newer, newer},
		{"meter_id", always, 0}, {"currency", always, 0}, {"tariffs", always, 0}, {"charging_periods", always, 0},
		{"signed_data", newer, 0}, {"total_cost", always, always}, {"total_fixed_cost", newer, 0},
		{"total_energy", always, always}, {"total_energy_cost", newer, 0}, {"total_time", always, always},
		{"total_time_cost", newer, 0}, {"total_parking_time", always, 0}, {"total_parking_cost", newer, 0},
		{"total_reservation_cost", newer, 0}, {"remark", always, 0}, {"invoice_reference_id", newer, 0}, {"credit", newer, 0},
		{"credit_reference_id", newer, 0}, {"home_charging_compensation", newer, 0}, {"booking_id", in230, 0},
		{"last_updated", always, always},
	}
	periodFields   = []field{{"start_date_time", always, 0}, {"dimensions", always, 0}, {"tariff_id", newer, 0}}
	quantityFields = []field{{"type", always, 0}, {"volume", always, 0}}
)

// reader reads one document and collects what is found.
type reader struct {
	version  Version
	findings []Finding
}

func (r *reader) find(path string, s tariff.Severity, code Code, hint string) {
	r.findings = append(r.findings, Finding{path, s, code, hint})
}

// maxKeys is how many keys of one object are reported. The rest is counted: a
// document of nothing but unknown keys has no findings longer than itself.
const maxKeys = 100

// object checks that n is an object and holds its keys against the fields it can have.
func (r *reader) object(n *node, fields []field) error {
	if err := n.want(object); err != nil {
		return err
	}
	seen, reported := make(map[string]bool, len(n.keys)), 0
	for _, key := range n.keys {
		f, found := Finding{Severity: tariff.Warning, Code: DuplicateField}, true
		if !seen[key] {
			f, found = r.key(key, fields, reported < maxKeys)
		}
		seen[key] = true
		if !found {
			continue
		}
		if reported++; reported <= maxKeys {
			r.find(n.member(key), f.Severity, f.Code, f.Hint)
		}
	}
	if more := reported - maxKeys; more > 0 {
		r.find(n.path(), tariff.Warning, MoreFields, "and "+strconv.Itoa(more)+" more")
	}
	for _, f := range fields {
		if f.must.has(r.version) && n.get(f.name) == nil {
			r.find(n.member(f.name), tariff.Info, MissingField, "")
		}
	}
	return nil
}

// key returns what is to be said of a key that is no field of the version. The
// field that was meant is looked for only where that is to be told.
func (r *reader) key(key string, fields []field, told bool) (f Finding, found bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
	switch {
	case i >= 0 && fields[i].in.has(r.version):
		return f, false
	case i >= 0:
		return Finding{Severity: tariff.Info, Code: OtherVersion, Hint: fields[i].in.newest()}, true
	case told:
		if near := nearest(key, fields); near != "" {
			return Finding{Severity: tariff.Warning, Code: MisspeltField, Hint: near}, true
		}
	}
	return Finding{Severity: tariff.Info, Code: UnknownField}, true
}

// nearest returns the field that a key was probably meant to be, or "".
func nearest(key string, fields []field) (name string) {
	if len(key) > maxKey {
		return "" // no name
	}
	best := min(3, 1+len(key)/4) // so many edits are another word
	for _, f := range fields {
		distance := edits(plain(key), plain(f.name))
		if distance < best {
			name, best = f.name, distance
		}
	}
	return name
}

// plain drops what a naming style adds: capitals, underscores, hyphens.
func plain(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(key))
}

// edits is the number of single bytes to insert, delete or change that make b of
// a (Levenshtein).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
