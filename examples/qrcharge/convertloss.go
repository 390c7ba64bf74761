// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

// Codes of what a conversion changes that prices depend on.
const (
	emptySession = "empty-session"
	stepWritten  = "step-written"
)

// roundingLost tells that a form has no field for the rounding policy, and what
// a reader makes of that.
func roundingLost(r tariff.Rounding, reader string) remark {
	return remark{Severity: sayWarning, Code: string(ocpi.RoundingLost), Path: "Rounding", Message: fmt.Sprintf(
		"the form has no field for the rounding policy %v,%v,%d: %s, so that prices may differ from those of the tariff that was read", r.Unit, r.Mode, r.Payable, reader)}
}

// ocpiLosses are the findings of a tariff of ours that was made one of OCPI, and
// those of what is written below. A missing step is written as one of 1, for of
// a step_size of 0 some readers make no step, and others none at all.
func ocpiLosses(file *tariffFile, to *ocpi.Tariff, findings []ocpi.Finding) []remark {
	findings = slices.DeleteFunc(slices.Clone(findings), func(f ocpi.Finding) bool {
		return f.Code == ocpi.RoundingLost || f.Code == emptySession
	})
	remarks := ocpiRemarks("", findings)
	if r := file.tariff.Rounding; r != (tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 4}) {
		remarks = append(remarks, roundingLost(r, "OCPI names no other, and its readers round as they like, here by default session,half-up,4"))
	}
	if file.tariff.Limit.Min != 0 {
		remarks = append(remarks, remark{Severity: sayWarning, Code: emptySession, Path: "Limit.Min",
			Message: "a minimum of OCPI is due for a session in which nothing was charged for too; that of the tariff that was read is not"})
	}
	if writeSteps(to) {
		remarks = append(remarks, remark{Severity: sayWarning, Code: stepWritten, Path: "Elements",
			Message: "energy without a step gets a step_size of 1: a session's sum is rounded up to the next Wh, where the meter tells less than that"})
	}
	return remarks
}

// writeSteps gives components without a step one of 1. Time counts in whole
// seconds, so of it this says nothing new; it reports whether energy got one.
func writeSteps(to *ocpi.Tariff) (energy bool) {
	for i := range to.Elements {
		for j := range to.Elements[i].Components {
			if c := &to.Elements[i].Components[j]; c.StepSize == 0 && c.Type != "FLAT" {
				c.StepSize = 1
				energy = energy || c.Type == "ENERGY" && c.Price.Units != 0
			}
		}
	}
	return energy
}

// fromOCPILosses tells what only OCPI has: dates between which a tariff is
// valid, and a minimum for nothing.
func (f *tariffFile) fromOCPILosses() []remark {
	if f.ocpi == nil {
		return nil
	}
	var remarks []remark
	if f.ocpi.Start != 0 || f.ocpi.End != 0 {
		remarks = append(remarks, remark{Severity: sayWarning, Code: "not-carried", File: f.name, Message: "the dates between which the tariff is valid are not carried over"})
	}
	if f.tariff.Limit.Min != 0 {
		remarks = append(remarks, remark{Severity: sayWarning, Code: emptySession, File: f.name, Path: "$.min_price",
			Message: "a minimum of OCPI is due for a session in which nothing was charged for too; that of the other form is not"})
	}
	return remarks
}
