// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

// remark is a finding about a tariff or a price. In JSON it stands under
// "findings".
type remark struct {
	Severity string `json:"severity"` // see severities
	Code     string `json:"code"`
	File     string `json:"file,omitempty"`
	Path     string `json:"path,omitempty"` // within File, where there is one
	Message  string `json:"message"`
}

// The severities of remarks, from the mildest on.
const (
	sayInfo    = "info"
	sayWarning = "warning"
	sayFault   = "fault"
)

func severityName(s tariff.Severity) string {
	return pick(s, tariff.Info, sayInfo, sayWarning, sayFault)
}

// worstFirst sorts remarks by severity, leaves them in order otherwise, and says
// nothing twice in a row.
func worstFirst(remarks []remark) []remark {
	order := []string{sayFault, sayWarning, sayInfo}
	slices.SortStableFunc(remarks, func(a, b remark) int {
		return cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity))
	})
	return slices.Compact(remarks)
}

// printRemarks writes one remark a line.
func printRemarks(w io.Writer, remarks []remark) {
	for _, r := range remarks {
		path := strings.TrimSpace(r.File + " " + r.Path)
		if path != "" {
			path = " at " + path
		}
		fmt.Fprintln(w, printable(fmt.Sprintf("%s: %s%s: %s", r.Severity, r.Code, path, r.Message)))
	}
}

// lintRemarks are what the library finds in a tariff.
func lintRemarks(t *tariff.Tariff) []remark {
	remarks := []remark{}
	for _, f := range t.Lint() {
		r := remark{Severity: severityName(f.Severity), Code: string(f.Code), Path: f.Path, Message: lintMessage(f.Code)}
		var fault *tariff.Error
		if f.Code == tariff.Invalid && errors.As(t.Check(), &fault) {
			r.Message = fault.Err.Error()
		}
		remarks = append(remarks, r)
	}
	return remarks
}

// lintMessage says for an author what a code says for a program.
func lintMessage(code tariff.Code) string {
	switch code {
	case tariff.NeverApplies:
		return "an element before it, or some together, always goes first, or it cannot hold"
	case tariff.Overlap:
		return "at some times an earlier element with another price goes first"
	case tariff.Gap:
		return "at some times this fee has no price at all: nothing is charged then"
	case tariff.MinAboveMax:
		return "the minimum is above the maximum and is ignored"
	case tariff.MaxBelowFlat:
		return "the flat fee alone is above the maximum"
	case tariff.LargeStep:
		return "a step of more than 1 kWh, 1 h or 10 L: the wrong unit?"
	case tariff.FineStep:
		return "a step below 1 Wh: the wrong unit?"
	case tariff.StepsDiffer:
		return "the steps differ: the last one that applies rounds the sum of all"
	case tariff.TaxesDiffer:
		return "other taxes than elsewhere in the same class of fee"
	case tariff.NegativePrice:
		return "a negative price pays the customer"
	case tariff.NoEffect:
		return "a rule about something that has no price"
	case tariff.NightAndDays:
		return "what comes after midnight counts as the new day of the week"
	case tariff.ZeroTax:
		return "a tax of 0 % is not the same as no tax"
	case tariff.GraceAboveCap:
		return "once grace is over, the fee is at its cap at once"
	}
	return "see the documentation of the code"
}

// modelRemarks are what was found when a YKC model was made a tariff.
func modelRemarks(file string, findings []ykc.Finding) []remark {
	var remarks []remark
	for _, f := range findings {
		r := remark{Severity: sayWarning, Code: "ykc-" + f.Code.String(), File: file, Path: f.Path, Message: f.String()}
		switch f.Code {
		case ykc.UnusedRate:
			r.Severity, r.Message = sayInfo, "no half hour is under this rate: its fees are left out"
		case ykc.LossUnknown:
			r.Message = fmt.Sprintf("the loss ratio %d has no defined unit and is ignored", f.Got)
		}
		remarks = append(remarks, r)
	}
	return remarks
}

// ocpiRemarks are findings of package ocpi about a file.
func ocpiRemarks(file string, findings []ocpi.Finding) []remark {
	var remarks []remark
	for _, f := range findings {
		r := remark{Severity: severityName(f.Severity), Code: string(f.Code), File: file, Path: shortened(f.Path, maxPath), Message: ocpiMessage(f.Code)}
		if f.Hint != "" {
			r.Message += ": " + shortened(f.Hint, maxPath)
		}
		remarks = append(remarks, r)
	}
	return remarks
}
