// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

type lintCmd struct {
	File   string      `arg:"" name:"FILE" help:"Tariff in any form, or - for standard input."`
	Read   tariffFlags `embed:""`
	Strict bool        `help:"Exit code 1 for warnings too."`
	JSON   bool        `help:"Print one JSON object: {file, form, findings}."`
}

// Help is printed by lint --help.
func (*lintCmd) Help() string {
	return `Says what an author of a tariff should look at: prices that can never apply, overlaps, gaps, a minimum above the maximum, suspicious steps, taxes that differ within a class of fee, unknown or misspelt fields. One finding a line, on standard output:

severity: code at path: explanation

A fault means that nothing can be priced; a warning is probably not meant; info is probably meant, but often misunderstood. Paths of what was found in the file lead into the file; the others lead into the tariff that was made of it, and count from 0.

Exit code 0: no fault (with --strict: no warning either). 1: a fault. 2: unreadable.

` + formsHelp
}

var (
	errFault   = errors.New("the tariff has a fault")
	errWarning = errors.New("the tariff has warnings")
)

// jsonLint is the object of lint --json.
type jsonLint struct {
	File     string   `json:"file"`
	Form     string   `json:"form"`
	Findings []remark `json:"findings"`
}

// Run prints the findings. What it returns is why the exit code is 1.
func (c *lintCmd) Run(std *stdio) error {
	file, err := c.Read.read(c.File, std, ykc.LossIgnored)
	if err != nil {
		return err
	}
	remarks := worstFirst(file.lint())
	if c.JSON {
		err = printJSON(std.out, jsonLint{c.File, file.form, remarks})
	} else {
		var out bytes.Buffer
		printRemarks(&out, remarks)
		_, err = std.out.Write(out.Bytes())
	}
	if err != nil {
		return err
	}
	return c.verdict(remarks)
}

// lint returns what was found while reading, and what looks wrong in the tariff.
func (f *tariffFile) lint() []remark {
	remarks := append([]remark{}, f.remarks...) // never null in JSON
	if f.ocpi == nil {
		return append(remarks, lintRemarks(f.tariff)...)
	}
	remarks = append(remarks, ocpiRemarks(f.name, f.ocpi.Lint(f.profile))...)
	t, _, err := f.ocpi.Model(f.profile)
	if err != nil {
		return remarks // its two limits, which are no fault, or a fault that is told already
	}
	for _, r := range lintRemarks(t) {
		if r.Code != string(tariff.MinAboveMax) { // told already
			remarks = append(remarks, r)
		}
	}
	return remarks
}

func (c *lintCmd) verdict(remarks []remark) error {
	has := func(severity string) bool {
		return slices.ContainsFunc(remarks, func(r remark) bool { return r.Severity == severity })
	}
	switch {
	case has(sayFault):
		return &failure{exitUnverified, "", fmt.Errorf("%s: %w", c.File, errFault)}
	case c.Strict && has(sayWarning):
		return &failure{exitUnverified, "", fmt.Errorf("%s: %w", c.File, errWarning)}
	}
	return nil
}
