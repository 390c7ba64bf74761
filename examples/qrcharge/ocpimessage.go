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
		ocpi.UnknownField:   "this version has no such field: it is not read",
		ocpi.MisspeltField:  "this version has no such field and it is not read; it is nearly the name of one",
		ocpi.OtherVersion:   "a field of another version",
		ocpi.DuplicateField: "the field stands more than once: the last one counts",
		ocpi.MissingField:   "the version requires this field",
		ocpi.BelowTax:       "the amount with tax is below the one without",
		ocpi.MinAboveMax:    "the minimum is above the maximum and is ignored",
		ocpi.NeverApplies:   "this can never apply",
		ocpi.StepIgnored:    "a step size has no meaning here",
		ocpi.Unsorted:       "the periods are not in order of time: they are taken in order",
		ocpi.Overlap:        "this overlaps with another",
		ocpi.OutsideSession: "the period is not within the session",
		ocpi.BadSession:     "the times of the session contradict its periods and are ignored",
		ocpi.VolumeGoverns:  "the timestamps do not agree with the hours, which count",
		ocpi.SubSecond:      "a fraction of a second is cut off",
		ocpi.Rounded:        "finer than can be held: rounded",
		ocpi.NoPower:        "a price depends on power, and a period does not tell its power",
		ocpi.NoCurrent:      "a price depends on current, and a period does not tell its current",
		ocpi.NoTime:         "there is a price for time, and no period with a time",
		ocpi.NoTariffID:     "the period names no tariff: priced by the one at hand",
		ocpi.OtherTariffID:  "the period names another tariff than the only one at hand",
		ocpi.NotValid:       "the session began outside the dates of the tariff",
		ocpi.TotalDiffers:   "the total of the record is not the sum of its periods",
		ocpi.CostDiffers:    "the cost of the record is not what the tariff makes of it",
		ocpi.TaxUnknown:     "nothing is said about the tax of something that is charged for",
		ocpi.FeesJoined:     "prices of several classes become their sum",
		ocpi.TextLost:       "the form has no field for this name",
		ocpi.RoundingLost:   "the form has no field for the rounding policy",
		ocpi.ImportUsed:     "ENERGY is absent: ENERGY_IMPORT is taken",
	}
}

func ocpiMessage(code ocpi.Code) string {
	if text, ok := ocpiMessages()[code]; ok {
		return text
	}
	return lintMessage(tariff.Code(code))
}
