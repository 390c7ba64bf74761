// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
	"github.com/seed81979277/qrcharge/tariff/ykc"
)

// The forms of a tariff, as --from and --to name them.
const (
	formOCPI         = "ocpi" // of a version that is not known yet
	formOCPI211      = "ocpi-2.1.1"
	formOCPI221      = "ocpi-2.2.1"
	formOCPI230      = "ocpi-2.3.0"
	formJSON         = "json"
	formCanonical    = "canonical"
	formCanonicalHex = "canonical-hex"
	formYKC          = "ykc"
	formYKCHex       = "ykc-hex"
)

// formsHelp explains them; it is a part of several help texts.
const formsHelp = `Forms: ocpi-2.1.1, ocpi-2.2.1 and ocpi-2.3.0 (JSON); json, the form of this project; canonical, the bytes that a start order carries and that are hashed, and canonical-hex; ykc, the 90 bytes of a billing model of YKC 1.6 (frames 0x0A and 0x58), and ykc-hex.`

var (
	errForm     = errors.New("no tariff in a known form: neither JSON nor canonical bytes nor the 90 bytes of a YKC model, bare or in hex")
	errProfile  = errors.New("no such profile")
	errRounding = errors.New("not UNIT,MODE,DECIMALS, as session,half-up,2")
)

// tariffFlags say how a tariff is read. They are a part of several commands.
type tariffFlags struct {
	From     string `enum:"auto,ocpi-2.1.1,ocpi-2.2.1,ocpi-2.3.0,json,canonical,canonical-hex,ykc,ykc-hex" default:"auto" placeholder:"FORM" help:"Form of the file, where its content does not tell."`
	Profile  string `default:"ocpi" placeholder:"NAME" help:"How to decide what OCPI leaves open: ${profiles}; ${default} unless told otherwise."`
	Rounding string `default:"session,half-up,2" placeholder:"POLICY" help:"Rounding of a YKC tariff, which has no field for it: unit (session, group, component), mode (half-up, half-even, up, down), payable decimals; ${default} unless told otherwise."`
}

// tariffFile is a tariff and what it was read from.
type tariffFile struct {
	name    string
	text    []byte // as it was read
	form    string
	tariff  *tariff.Tariff // nil for an OCPI tariff that is not resolved
	model   *ykc.Model     // where it was one
	ocpi    *ocpi.Tariff   // where it was one
	profile ocpi.Profile
	remarks []remark // about the reading
}

// read reads a tariff of any form from a file, or from standard input for "-".
// It need not be one that prices can be made with.
func (f *tariffFlags) read(name string, std *stdio, loss ykc.LossRatio) (*tariffFile, error) {
	rounding, err := parseRounding(f.Rounding)
	if err != nil {
		return nil, misuse(fmt.Errorf("--rounding %q: %w", f.Rounding, err))
	}
	profile, err := parseProfile(f.Profile)
	if err != nil {
		return nil, misuse(err)
	}
	b, err := readInput(name, std.in, maxTariff)
	if err != nil {
		return nil, unreadable(err)
	}
	out := &tariffFile{name: name, text: withoutMark(b), form: f.From, profile: profile}
	if out.form == "auto" {
		out.form, err = detectForm(b)
	}
	if err == nil {
		err = out.parse(b, rounding, ykc.Profile{Loss: loss})
	}
	if err != nil {
		return nil, unreadable(fmt.Errorf("%s: %w", name, err))
	}
	return out, nil
}

// readSound reads a tariff that prices can be made with.
func (f *tariffFlags) readSound(name string, std *stdio, loss ykc.LossRatio) (*tariffFile, error) {
	file, err := f.read(name, std, loss)
	if err != nil {
		return nil, err
	}
	if err := file.resolve(); err != nil {
		return nil, unreadable(fmt.Errorf("%s: %w", name, err))
	}
	return file, nil
}

// resolve makes a tariff of this project of what was read, and checks it.
func (f *tariffFile) resolve() error {
	if f.ocpi != nil && f.tariff == nil {
		t, findings, err := f.ocpi.Model(f.profile)
		if err != nil {
			return err
		}
		f.tariff = t
		f.remarks = append(f.remarks, ocpiRemarks(f.name, findings)...)
	}
	return f.tariff.Check()
}

// taxUnknown reports whether a tariff of OCPI says nothing about the tax of a
// price that may have one: 2.1.1 cannot, and 2.3.0 may announce taxes on top.
func (f *tariffFile) taxUnknown() bool {
	if f.ocpi == nil || f.ocpi.Version != ocpi.V211 && f.ocpi.TaxIncluded != ocpi.TaxNo {
		return false
	}
	return slices.ContainsFunc(f.ocpi.Elements, func(e ocpi.Element) bool {
		return slices.ContainsFunc(e.Components, func(c ocpi.PriceComponent) bool { return c.VAT == nil && c.Price.Units != 0 })
	})
}

// detectForm tells the form of a tariff by its content.
func detectForm(b []byte) (string, error) {
	if text := bytes.TrimLeft(withoutMark(b), " \t\r\n"); len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return detectJSON(b)
	}
	if canonical(b) {
		return formCanonical, nil
	}
	if len(b) == ykc.ModelSize {
		return formYKC, nil
	}
	bare, err := unhex(b)
	switch {
	case err != nil || len(bare) == 0:
		return "", errForm
	case len(bare) == ykc.ModelSize && !canonical(bare):
		return formYKCHex, nil
	}
	return formCanonicalHex, nil
}

// canonical bytes cannot be taken for anything else: only one encoding is read.
func canonical(b []byte) bool {
	_, err := qrproto.DecodeTariff(b)
	return err == nil
}

// unhex reads hex with any white space in it.
func unhex(b []byte) ([]byte, error) {
	return hex.DecodeString(strings.Join(strings.Fields(string(b)), ""))
}

// parse reads the bytes of a tariff of a form.
func (f *tariffFile) parse(b []byte, rounding tariff.Rounding, p ykc.Profile) (err error) {
	if f.form == formYKCHex || f.form == formCanonicalHex {
		if b, err = unhex(b); err != nil {
			return err
		}
	}
	switch f.form {
	case formYKC, formYKCHex:
		f.model = new(ykc.Model)
		if err := f.model.UnmarshalBinary(b); err != nil {
			return err
		}
		var findings []ykc.Finding
		f.tariff, findings, err = f.model.Tariff(rounding, p)
		f.remarks = modelRemarks(f.name, findings)
	case formCanonical, formCanonicalHex:
		f.tariff, err = qrproto.DecodeTariff(b)
	case formJSON:
		f.tariff, err = parseTariffJSON(b)
	default:
		err = f.parseOCPI(b)
	}
	return err
}

// parseTariffJSON reads a tariff in the JSON of this project.
func parseTariffJSON(b []byte) (*tariff.Tariff, error) {
	if err := checkJSON(b); err != nil {
		return nil, err
	}
	t := new(tariff.Tariff)
	err := json.Unmarshal(withoutMark(b), t)
	return t, err
}

// parseOCPI reads an OCPI tariff, of the version of the form where it names one.
func (f *tariffFile) parseOCPI(b []byte) error {
	var options ocpi.Options
	if f.form != formOCPI {
		options.Version = versionOf(f.form)
	}
	if err := checkJSON(b); err != nil {
		return err
	}
	t, findings, err := ocpi.ReadTariff(withoutMark(b), options)
	if err != nil {
		return err
	}
	f.ocpi, f.form, f.remarks = t, formOCPI+"-"+t.Version.String(), ocpiRemarks(f.name, findings)
	return nil
}

// versionOf is the version of OCPI that a form names.
func versionOf(form string) ocpi.Version {
	v, err := ocpi.ParseVersion(strings.TrimPrefix(form, formOCPI+"-"))
	if err != nil {
		panic(err) // forms are constants
	}
	return v
}

func parseProfile(name string) (ocpi.Profile, error) {
	p, ok := ocpi.ProfileNamed(name)
	if !ok {
		return p, fmt.Errorf("--profile %q: %w; there are %s", name, errProfile, strings.Join(ocpi.ProfileNames(), ", "))
	}
	return p, nil
}

// parseRounding reads a rounding policy as --rounding has it.
func parseRounding(text string) (r tariff.Rounding, err error) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return r, errRounding
	}
	decimals, err := strconv.ParseUint(parts[2], 10, 8)
	if err != nil || r.Unit.UnmarshalText([]byte(parts[0])) != nil || r.Mode.UnmarshalText([]byte(parts[1])) != nil {
		return r, errRounding
	}
	r.Payable = uint8(decimals)
	return r, nil
}
