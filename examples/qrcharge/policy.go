// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// policy is a trust snapshot as people write it. The package documentation
// describes it.
type policy struct {
	Epoch       uint32      `json:"epoch"`
	Least       uint32      `json:"least,omitempty"`
	Delegations []delegated `json:"delegations"`
}

type delegated struct {
	KeyID    string          `json:"key_id"`
	Public   string          `json:"public_key,omitempty"` // as in a snapshot, hex
	Fleet    string          `json:"fleet,omitempty"`
	Currency tariff.Currency `json:"currency,omitempty"`
	Amount   string          `json:"amount,omitempty"` // decimal
	Quota    uint32          `json:"quota,omitempty"`
	Rights   []string        `json:"rights"`
}

var (
	errNoPublic    = errors.New("no public_key, and no file of --keys has the key")
	errOtherPublic = errors.New("not the public key that a file of --keys has")
	errRight       = errors.New("no such right: order, stop, receipt or acknowledge")
	errNobody      = errors.New("no delegations: to trust nobody, say so by []")
	errDecimals    = errors.New("more decimals than the currency has")
	errZero        = errors.New("an amount of 0 would be no bound: leave it out")
	errTwiceThere  = errors.New("stands twice in one object")
	errNull        = errors.New("null says nothing: leave the member out")
)

// parsePolicy takes no member that it does not know: a bound whose name is
// misspelt would be none. It takes none twice either, however it is written: who
// signs the policy must not read another bound than the one that counts.
func parsePolicy(b []byte) (*policy, error) {
	if err := checkJSON(b); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(withoutMark(b)))
	d.DisallowUnknownFields()
	p := new(policy)
	if err := d.Decode(p); err != nil {
		return nil, err
	}
	if err := onceEach(withoutMark(b)); err != nil {
		return nil, err
	}
	if p.Delegations == nil {
		return nil, errNobody
	}
	return p, nil
}

// onceEach refuses an object with two members of one name, capitals or not, and
// null. The text is JSON.
func onceEach(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	var levels []map[string]bool // of each level the names, nil for an array
	name := true                 // whether the next token in an object is one
	for {
		token, err := d.Token()
		if err != nil {
			return nil // the end
		}
		last := len(levels) - 1
		key, isText := token.(string)
		switch {
		case token == nil:
			return errNull
		case token == json.Delim('{'):
			levels, name = append(levels, map[string]bool{}), true
			continue
		case token == json.Delim('['):
			levels = append(levels, nil)
			continue
		case token == json.Delim('}'), token == json.Delim(']'):
			levels = levels[:last]
		case isText && name && levels[last] != nil:
			if key = fold(key); levels[last][key] {
				return fmt.Errorf("%s %w", key, errTwiceThere)
			}
			levels[last][key], name = true, false
			continue
		}
		name = true
	}
}

// fold is one name for all that the decoder takes for the same: a long s (U+017F)
// is an s to it, and no capital.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// trust is the snapshot that the policy describes.
func (p *policy) trust(keys qrproto.KeyList) (*qrproto.Trust, error) {
	t := &qrproto.Trust{Epoch: p.Epoch, Least: p.Least}
	for i := range p.Delegations {
		d, err := p.Delegations[i].delegation(keys)
		if err != nil {
			return nil, fmt.Errorf("$.delegations[%d]: %w", i, err)
		}
		t.Delegations = append(t.Delegations, d)
	}
	slices.SortFunc(t.Delegations, func(a, b qrproto.Delegation) int { return bytes.Compare(a.ID, b.ID) })
	return t, nil
}

func (d *delegated) delegation(keys qrproto.KeyList) (out qrproto.Delegation, err error) {
	out = qrproto.Delegation{Currency: d.Currency, Quota: d.Quota}
	if out.ID, err = hexFlag("key_id", d.KeyID, 8); err != nil {
		return out, err
	}
	if out.Fleet, err = hexFlag("fleet", d.Fleet, qrproto.MaxNumber); err != nil {
		return out, err
	}
	if out.Amount, err = d.amount(); err != nil {
		return out, fmt.Errorf("amount %q: %w", d.Amount, err)
	}
	for _, name := range d.Rights {
		bit := slices.Index(rightNames(), name)
		if bit < 0 {
			return out, fmt.Errorf("rights: %q: %w", name, errRight)
		}
		out.Rights |= 1 << bit
	}
	out.Public, err = d.public(out.ID, keys, out.Rights)
	return out, err
}

// amount is the bound at the exponent of the currency, 0 for none.
func (d *delegated) amount() (int64, error) {
	if d.Amount == "" {
		return 0, nil
	}
	if _, known := d.Currency.Exponent(); !known {
		return 0, tariff.ErrCurrency
	}
	units, scale, err := tariff.ParseDecimal(d.Amount)
	if err != nil {
		return 0, err
	}
	exponent := exponentOf(d.Currency)
	at, err := tariff.Money{Units: units, Scale: scale}.Add(tariff.Money{Scale: exponent})
	switch {
	case err != nil:
		return 0, err
	case at.Scale > exponent:
		return 0, errDecimals
	case at.Units <= 0:
		return 0, errZero
	}
	return at.Units, nil
}

// public is the key of the policy, of a set, or of both. A key in a set must be
// one for what it is to be delegated.
func (d *delegated) public(id []byte, keys qrproto.KeyList, want qrproto.Rights) ([]byte, error) {
	given, err := hexFlag("public_key", d.Public, 33)
	if err != nil {
		return nil, err
	}
	key, _ := keys.Key(qrproto.KeyID(id))
	switch {
	case key == nil && given == nil:
		return nil, fmt.Errorf("%s: %w", d.KeyID, errNoPublic)
	case key == nil:
		return given, nil
	}
	whole, err := qrproto.Delegate(key)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", d.KeyID, err)
	case want&^whole.Rights != 0:
		return nil, fmt.Errorf("%s: %w: %s", d.KeyID, qrproto.ErrKeyUsage, letters(key.Kinds))
	case given != nil && !bytes.Equal(given, whole.Public):
		return nil, fmt.Errorf("%s: %w", d.KeyID, errOtherPublic)
	}
	return whole.Public, nil
}

// policyOf is the other way round.
func policyOf(t *qrproto.Trust) *policy {
	p := &policy{Epoch: t.Epoch, Least: t.Least, Delegations: []delegated{}}
	for i := range t.Delegations {
		d := &t.Delegations[i]
		out := delegated{
			KeyID: hex.EncodeToString(d.ID), Public: hex.EncodeToString(d.Public), Fleet: hex.EncodeToString(d.Fleet),
			Currency: d.Currency, Quota: d.Quota, Rights: rights(d.Rights),
		}
		if d.Amount > 0 {
			out.Amount = decimal(d.Amount, exponentOf(d.Currency))
		}
		p.Delegations = append(p.Delegations, out)
	}
	return p
}
