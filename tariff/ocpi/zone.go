// SPDX-License-Identifier: Apache-2.0

package ocpi

import "strings"

// Zone returns the name of the zone of c's location, as of the IANA database:
// its time_zone, else that of its country where all of the country keeps one
// time; false where neither says. The name is for the caller to load, or not to
// know: a time_zone is given back as it stands.
func (c *CDR) Zone() (name string, ok bool) {
	if c.TimeZone != "" {
		return c.TimeZone, true
	}
	return CountryZone(c.Country)
}

// CountryZone returns the zone of a country, by its ISO 3166 code of three
// letters as OCPI writes it, or of two, in capitals or not, where all of the
// country has kept one time since 2012, before OCPI existed; false for others.
// China is Asia/Shanghai, its only legal time.
func CountryZone(country string) (name string, ok bool) {
	country = strings.ToUpper(country)
	for item := range strings.FieldsSeq(zones) {
		codes, zone, _ := strings.Cut(item, "=")
		if two, three, _ := strings.Cut(codes, "/"); country == two || country == three {
			return zone, true
		}
	}
	return "", false
}
