// SPDX-License-Identifier: Apache-2.0

package keyform

import (
	"bytes"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
)

// Labels of a COSE_Key: RFC 9052, table 4; RFC 9053, tables 19 and 20. The last
// three are for private use, which begins below -65536.
const (
	labelType      = 1
	labelID        = 2
	labelAlg       = 3
	labelOps       = 4
	labelCurve     = -1
	labelX         = -2
	labelY         = -3
	labelD         = -4
	labelKinds     = -70001
	labelNumber    = -70002
	labelAgreement = -70003
)

// coseType is what a key says of its type and use.
type coseType struct{ kty, alg, crv, op int64 }

const (
	opSign   = 1
	opVerify = 2
)

func (p *parts) coseType() coseType {
	t := coseType{kty: 1, alg: -19, crv: 6, op: opVerify}
	if p.Y != nil {
		t = coseType{kty: 2, alg: -9, crv: 1, op: opVerify}
	}
	if p.D != nil {
		t.op = opSign
	}
	return t
}

// AppendCOSE appends the one COSE_Key of a key: in core deterministic encoding
// (RFC 8949, section 4.2.1), with exactly these labels, y only for P-256, d only
// in a private key, the number and the agreement key only where there is one:
//
//	{1: kty, 2: kid, 3: alg, 4: [op], -1: crv, -2: x, -3: y, -4: d,
//	 -70001: kinds, -70002: number, -70003: agreement key}
func (k *Key) AppendCOSE(dst []byte) ([]byte, error) {
	p, err := k.parts()
	if err != nil {
		return nil, err
	}
	t := p.coseType()
	numbers := []labelled{{labelX, p.X}, {labelY, p.Y}, {labelD, p.D}}
	device := []labelled{{labelNumber, k.Number}, {labelAgreement, p.A}}
	dst = canon.AppendHead(dst, canon.Map, 6+present(numbers)+present(device))
	dst = appendInts(dst, labelType, t.kty, labelID)
	dst = canon.AppendBytes(dst, k.ID)
	dst = appendInts(dst, labelAlg, t.alg, labelOps)
	dst = canon.AppendInt(canon.AppendHead(dst, canon.Array, 1), t.op)
	dst = appendInts(dst, labelCurve, t.crv)
	dst = appendPresent(dst, numbers)
	dst = canon.AppendText(canon.AppendInt(dst, labelKinds), k.Kinds)
	return appendPresent(dst, device), nil
}

// labelled is a member that is left out where it is empty.
type labelled struct {
	label int64
	value []byte
}

func present(members []labelled) (n uint64) {
	for _, m := range members {
		if len(m.value) > 0 {
			n++
		}
	}
	return n
}

func appendPresent(dst []byte, members []labelled) []byte {
	for _, m := range members {
		if len(m.value) > 0 {
			dst = canon.AppendBytes(canon.AppendInt(dst, m.label), m.value)
		}
	}
	return dst
}

func appendInts(dst []byte, ns ...int64) []byte {
	for _, n := range ns {
		dst = canon.AppendInt(dst, n)
	}
	return dst
}

// ReadCOSE takes a COSE_Key off r. Whoever calls compares with what AppendCOSE
// writes: there is one encoding.
func (k *Key) ReadCOSE(r *canon.Reader) error {
	var t coseType
	var p parts
	read := Key{PublicOnly: k.PublicOnly}
	for range r.Pairs() {
		if err := read.coseMember(r, &t, &p); err != nil {
			return err
		}
	}
	switch {
	case r.Failed():
		return fmt.Errorf("%w: not a COSE_Key of the labels used", ErrForm)
	case k.PublicOnly && p.D != nil:
		return ErrPrivate
	case t != p.coseType():
		return fmt.Errorf("%w: kty, alg, key_ops and crv are not those of a key that signs", ErrUse)
	}
	if err := read.join(p); err != nil {
		return err
	}
	if err := read.checkTrusted(); err != nil {
		return err
	}
	*k = read
	return nil
}

// coseMember reads a label and its value. A label that is not used is a fault.
func (k *Key) coseMember(r *canon.Reader, t *coseType, p *parts) error {
	take := func() []byte { return bytes.Clone(r.String(canon.Bytes)) }
	switch r.Int() {
	case labelType:
		t.kty = r.Int()
	case labelID:
		k.ID = take()
	case labelAlg:
		t.alg = r.Int()
	case labelOps:
		if n := r.Items(); n != 1 && !r.Failed() { // what is no array is of another form
			return fmt.Errorf("%w: key_ops names one operation", ErrUse)
		}
		t.op = r.Int()
	case labelCurve:
		t.crv = r.Int()
	case labelX:
		p.X = take()
	case labelY:
		p.Y = take() // a compressed point has a sign there, and fails
	case labelD:
		p.D = take()
	case labelKinds:
		k.Kinds = string(r.String(canon.Text))
	case labelNumber:
		k.Number = take()
	case labelAgreement:
		p.A = take()
	default:
		r.Fail()
	}
	return nil
}
