// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A reader of CDDL (RFC 8610) for as much of it as SPEC.md uses: integers and
// ranges, bstr, tstr and int, .size and .cbor, arrays, maps, one tag, choices of
// types and of groups, occurrences, and groups that are named.

type schema map[string]*cddlRule

// cddlRule is a type or, where group is not nil, a group.
type cddlRule struct {
	typ   *cddlType
	group *cddlGroup
}

type cddlOp uint8

const (
	opName   cddlOp = iota // of a rule, or bstr, tstr, int
	opRange                // least to most; an integer by itself is a range too
	opChoice               // of list
	opArray
	opMap
	opEnum // & in front of a group: one of its values
	opTag  // least is the number, list the content
)

type cddlType struct {
	op          cddlOp
	name        string
	least, most int64
	list        []*cddlType
	group       *cddlGroup
	size, inner *cddlType // .size and .cbor
}

// cddlGroup is the alternatives of a group, each a row of entries.
type cddlGroup struct{ choices [][]cddlEntryOf }

// cddlEntryOf is one entry: a group, or a type with a key or without one.
type cddlEntryOf struct {
	least, most int
	key         *cddlType // nil also for a name that only people read
	typ         *cddlType
	group       *cddlGroup
}

var cddlToken = regexp.MustCompile(`;[^\n]*|\d*\*\d*|=>|//|\.\.|\.[a-z]+|#6\.\d+|-?\d+|[A-Za-z][A-Za-z0-9-]*|\S`)

// parseCDDL reads rules; a name that is defined twice is an error.
func parseCDDL(text string) (s schema, err error) {
	p := &cddlParser{}
	for _, t := range cddlToken.FindAllString(text, -1) {
		if t[0] != ';' {
			p.rest = append(p.rest, t)
		}
	}
	defer func() {
		if r := recover(); r != nil {
			s, err = nil, fmt.Errorf("%v, before %q", r, p.rest[:min(len(p.rest), 6)])
		}
	}()
	s = schema{}
	for len(p.rest) > 0 {
		name := p.take()
		p.want("=")
		if s[name] != nil {
			panic("two rules are called " + name)
		}
		s[name] = p.rule()
	}
	return s, nil
}

type cddlParser struct{ rest []string }

func (p *cddlParser) next() string {
	if len(p.rest) == 0 {
		return ""
	}
	return p.rest[0]
}

func (p *cddlParser) take() string {
	t := p.next()
	if t == "" {
		panic("it ends")
	}
	p.rest = p.rest[1:]
	return t
}

// taken takes a token if it is the next one.
func (p *cddlParser) taken(t string) bool {
	if p.next() != t {
		return false
	}
	p.take()
	return true
}

func (p *cddlParser) want(t string) {
	if !p.taken(t) {
		panic("no " + t)
	}
}

func (p *cddlParser) rule() *cddlRule {
	if p.next() != "(" {
		return &cddlRule{typ: p.typ()}
	}
	p.take()
	g := p.group(")")
	if t := g.asType(); t != nil {
		return &cddlRule{typ: p.choice(t)}
	}
	return &cddlRule{group: g}
}

// asType is a group of one type alone, in brackets, as that type.
func (g *cddlGroup) asType() *cddlType {
	if len(g.choices) == 1 && len(g.choices[0]) == 1 {
		if e := g.choices[0][0]; e.key == nil && e.group == nil && e.least == 1 && e.most == 1 {
			return e.typ
		}
	}
	return nil
}

func (p *cddlParser) typ() *cddlType { return p.choice(p.single()) }

func (p *cddlParser) choice(first *cddlType) *cddlType {
	list := []*cddlType{first}
	for p.taken("/") {
		list = append(list, p.single())
	}
	if len(list) == 1 {
		return first
	}
	return &cddlType{op: opChoice, list: list}
}

// single is a type that is no choice, with what stands behind it.
func (p *cddlParser) single() *cddlType {
	t := p.plain()
	if p.taken(".size") {
		t.size = p.plain()
	}
	if p.taken(".cbor") {
		t.inner = p.plain()
	}
	return t
}

func (p *cddlParser) plain() *cddlType {
	switch t := p.take(); {
	case t == "(":
		g := p.group(")").asType()
		if g == nil {
			panic("a group where a type belongs")
		}
		return g
	case t == "[":
		return &cddlType{op: opArray, group: p.group("]")}
	case t == "{":
		return &cddlType{op: opMap, group: p.group("}")}
	case t == "&":
		p.want("(")
		return &cddlType{op: opEnum, group: p.group(")")}
	case strings.HasPrefix(t, "#6."):
		p.want("(")
		content := p.typ()
		p.want(")")
		return &cddlType{op: opTag, least: integer(t[3:]), list: []*cddlType{content}}
	case isInteger(t):
		out := &cddlType{op: opRange, least: integer(t), most: integer(t)}
		if p.taken("..") {
			out.most = integer(p.take())
		}
		return out
	case isName(t):
		return &cddlType{op: opName, name: t}
	default:
		panic("no type: " + t)
	}
}

// group reads up to the bracket that closes it.
func (p *cddlParser) group(end string) *cddlGroup {
	g := &cddlGroup{choices: [][]cddlEntryOf{nil}}
	for !p.taken(end) {
		if p.taken("//") {
			g.choices = append(g.choices, nil)
			continue
		}
		last := len(g.choices) - 1
		g.choices[last] = append(g.choices[last], p.entry())
		if !p.taken(",") && p.next() != end && p.next() != "//" {
			panic("no comma")
		}
	}
	return g
}

func (p *cddlParser) entry() cddlEntryOf {
	e := cddlEntryOf{}
	e.least, e.most = p.occurrence()
	if p.taken("(") {
		e.group = p.group(")")
		if e.typ = e.group.asType(); e.typ == nil {
			return e
		}
		e.group, e.typ = nil, p.choice(e.typ)
	} else {
		e.typ = p.typ()
	}
	switch {
	case p.taken("=>"):
		e.key, e.typ = e.typ, p.typ()
	case p.taken(":"):
		if e.typ.op != opName {
			e.key = e.typ
		}
		e.typ = p.typ()
	}
	return e
}

func (p *cddlParser) occurrence() (least, most int) {
	t := p.next()
	from, to, star := strings.Cut(t, "*")
	switch {
	case t == "?":
		least, most = 0, 1
	case t == "+":
		least, most = 1, math.MaxInt
	case star:
		least, most = 0, math.MaxInt
		if from != "" {
			least = int(integer(from))
		}
		if to != "" {
			most = int(integer(to))
		}
	default:
		return 1, 1
	}
	p.take()
	return least, most
}

func isInteger(t string) bool {
	return regexp.MustCompile(`^-?\d+$`).MatchString(t)
}

func isName(t string) bool { return regexp.MustCompile(`^[A-Za-z]`).MatchString(t) }

func integer(t string) int64 {
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}
