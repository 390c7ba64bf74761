// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

// ocpiMessages say for people what the codes of package ocpi say for programs.
// A hint may follow.
func ocpiMessages() map[ocpi.Code]string {
	return map[ocpi.Code]string{
		"unknown-field":    "this version has no such field: it is not read",
		"misspelt-field":   "this version has no such field and it is not read; it is nearly the name of one",
		"other-version":    "a field of another version",
		"duplicate-field":  "the field stands more than once: the last one counts",
		"missing-field":    "the version requires this field",
		"incl-below-excl":  "the amount with tax is below the one without",
		"min-above-max":    "the minimum is above the maximum and is ignored",
		"never-applies":    "this can never apply",
		"no-model":         "no price can be made of this",
		"unknown-value":    "not a value of this field: it is not read",
		"second-price":     "another price for the same dimension before it goes first",
		"step-ignored":     "a step size has no meaning here",
		"unsorted-periods": "the periods are not in order of time: they are taken in order",
		"overlap":          "this overlaps with another",
		"outside-session":  "the period is not within the session",
		"bad-session":      "the times of the session contradict its periods and are ignored",
		"volume-governs":   "the timestamps do not agree with the hours, which count",
		"sub-second":       "a fraction of a second is cut off",
		"rounded":          "finer than can be held: rounded",
		"no-power":         "a price depends on power, and a period does not tell its power",
		"no-current":       "a price depends on current, and a period does not tell its current",
		"no-time":          "there is a price for time, and no period with a time",
		"no-tariff-id":     "the period names no tariff: priced by the one at hand",
		"other-tariff-id":  "the period names another tariff than the only one at hand",
		"tariff-not-valid": "the session began outside the dates of the tariff",
		"total-differs":    "the total of the record is not the sum of its periods",
		"cost-differs":     "the cost of the record is not what the tariff makes of it",
		"tax-unknown":      "nothing is said about the tax of something that is charged for",
		"fees-joined":      "prices of several classes become their sum",
		"name-lost":        "the form has no field for this name",
		"rounding-lost":    "the form has no field for the rounding policy",
		"import-used":      "ENERGY is absent: ENERGY_IMPORT is taken",
	}
}

func ocpiMessage(code ocpi.Code) string {
	if text, ok := ocpiMessages()[code]; ok {
		return text
	}
	return lintMessage(tariff.Code(code))
}
