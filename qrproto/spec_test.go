// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// SPEC.md has parts that are computed, between "<!-- begin name -->" and
// "<!-- end name -->". The tests below fail when one of them is not what it must
// be; with -update they write it. What the parts say is then checked by code of
// this file alone, which follows the text of SPEC.md.
var update = flag.Bool("update", false, "write the computed parts of SPEC.md")

const specFile = "SPEC.md"

func readSpec(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(specFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// part returns a computed part and what stands before and behind it.
func part(t testing.TB, name string) (before, body, behind string) {
	t.Helper()
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok1 := strings.Cut(readSpec(t), begin)
	body, behind, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no part %q", specFile, name)
	}
	return before + begin, body, end + behind
}

func holdPart(t *testing.T, name, want string) {
	t.Helper()
	before, got, behind := part(t, name)
	if got == want {
		return
	}
	if !*update {
		t.Errorf("%s, part %q is out of date (go test -run %s -update):\n%s\nwant\n%s", specFile, name, t.Name(), got, want)
		return
	}
	if err := os.WriteFile(specFile, []byte(before+want+behind), 0o644); err != nil {
		t.Fatal(err)
	}
}

func fenced(lines ...string) string { return "```\n" + strings.Join(lines, "\n") + "\n```\n" }

// entries returns the keys and raw values of a map, in the order of its bytes.
func entries(t testing.TB, b []byte) (keys []int, values map[int]cbor.RawMessage) {
	t.Helper()
	if err := cbor.Unmarshal(b, &values); err != nil {
		t.Fatal(err)
	}
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys, values
}

func diagnose(t testing.TB, b []byte) string {
	t.Helper()
	text, err := cbor.Diagnose(b)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// fieldOf names the field of a kind under a key.
func fieldOf(p qrproto.Payload, key int) (reflect.StructField, bool) {
	t := reflect.TypeOf(p).Elem()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("cbor"), ","); name == strconv.Itoa(key) {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// exampleParts returns the parts of the envelope of the example: header,
// payload, signature. The lengths are those that SPEC.md shows.
func exampleParts(t testing.TB) (protected, payload, signature []byte) {
	t.Helper()
	return envelopeOf(t, seal(t, startOrder(t)).Bytes())
}

func TestSpecExampleDiagnostic(t *testing.T) {
	_, payload, _ := exampleParts(t)
	keys, values := entries(t, payload)
	lines := []string{"{"}
	for _, key := range keys {
		field, ok := fieldOf(startOrder(t), key)
		if !ok {
			t.Fatal("no field", key)
		}
		value := diagnose(t, values[key]) + ","
		lines = append(lines, fmt.Sprintf("  %3s %-40s / %s /", strconv.Itoa(key)+":", value, field.Name))
		if field.Name == "Tariff" {
			lines = append(lines, fmt.Sprintf("      %-40s / = %s /", "", diagnose(t, startOrder(t).Tariff)))
		}
	}
	holdPart(t, "order-diagnostic", fenced(append(lines, "}")...))
}

// annotated wraps bytes as hex with a comment behind the first line.
func annotated(indent int, b []byte, comment string) []string {
	var lines []string
	for chunk := range slices.Chunk(b, 20) {
		line := fmt.Sprintf("%*s%-*s # %s", indent, "", 64-indent, fmt.Sprintf("% x", chunk), comment)
		if comment == "" {
			line = strings.TrimRight(strings.TrimSuffix(line, "# "), " ")
		}
		lines, comment = append(lines, line), ""
	}
	return lines
}

func TestSpecExampleEnvelope(t *testing.T) {
	protected, payload, signature := exampleParts(t)
	lines := slices.Concat(
		annotated(0, []byte{0xd2}, "tag 18: COSE_Sign1"),
		annotated(0, []byte{0x84}, "array of 4"),
		annotated(2, byteString(protected)[:1], fmt.Sprintf("protected: byte string of %d", len(protected))),
		annotated(4, protected[:3], "map of 2; 1 (alg): -19, Ed25519"),
		annotated(4, protected[3:], "4 (kid): 'iss1'"),
		annotated(2, []byte{0xa0}, "unprotected: empty"),
		annotated(2, byteString(payload)[:2], fmt.Sprintf("payload: byte string of %d", len(payload))),
		annotated(4, payload[:1], fmt.Sprintf("map of %d", payload[0]&31)))
	keys, values := entries(t, payload)
	for _, key := range keys {
		field, _ := fieldOf(startOrder(t), key)
		lines = append(lines, annotated(6, append([]byte{byte(key)}, values[key]...), fmt.Sprintf("%d: %s", key, field.Name))...)
	}
	lines = append(lines, annotated(2, byteString(signature)[:2], "signature: byte string of 64")...)
	lines = append(lines, annotated(4, signature, "")...)
	holdPart(t, "order-envelope", fenced(lines...))
}

func TestSpecExampleSigned(t *testing.T) {
	protected, payload, _ := exampleParts(t)
	hash, err := qrproto.Sum(startOrder(t))
	if err != nil {
		t.Fatal(err)
	}
	signed := toBeSigned(qrproto.KindStartOrder, protected, payload)
	covered := slices.Concat([]byte("\x83\x6cqrcharge/1/O\x40"), byteString(payload))
	lines := slices.Concat(
		[]string{"signed:"}, annotated(2, signed[:len(signed)-len(payload)], "… and the payload, "+strconv.Itoa(len(payload))+" bytes"),
		[]string{"public key:"}, annotated(2, testKey(2).Public().(ed25519.PublicKey), ""),
		[]string{"hashed:"}, annotated(2, covered[:len(covered)-len(payload)], "… and the payload"),
		[]string{"hash:"}, annotated(2, hash[:], ""))
	holdPart(t, "order-signed", fenced(lines...))
}

func TestSpecExampleText(t *testing.T) {
	var lines []string
	for chunk := range slices.Chunk([]byte(seal(t, startOrder(t)).Text()), 100) {
		lines = append(lines, string(chunk))
	}
	holdPart(t, "order-text", fenced(lines...))
}

func TestSpecTariffExample(t *testing.T) {
	list := fourRates(t)
	b, err := qrproto.EncodeTariff(list)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := qrproto.TariffHash(list)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.IndexByte(b, 0x4c) // the slots: a byte string of 12
	lines := slices.Concat(
		annotated(0, b[:1], fmt.Sprintf("array of %d", b[0]&31)),
		annotated(2, b[1:2], "rules 1"),
		annotated(2, b[2:3], "scale 5"),
		annotated(2, b[3:at], "currency CNY"),
		annotated(2, b[at:at+13], "slots: 00:00–02:00 are ff, four times 3, valley"))
	rest := b[at+13:]
	for _, e := range list.Elements {
		n := intLen(rest)
		m := intLen(rest[n:])
		lines = append(lines, annotated(2, rest[:n+m], fmt.Sprintf("%v: %d, %d", e.Rate, e.Components[0].Price, e.Components[1].Price))...)
		rest = rest[n+m:]
	}
	if len(rest) > 0 {
		t.Fatalf("% x behind the rates", rest)
	}
	lines = append(lines, "hash:")
	holdPart(t, "tariff-example", fenced(append(lines, annotated(2, hash[:], "")...)...))
}

// intLen is the length of the integer that b begins with.
func intLen(b []byte) int {
	if more := b[0] & 31; more >= 24 {
		return 1 + 1<<(more-24)
	}
	return 1
}

func TestSpecCurrencies(t *testing.T) {
	byDecimals := map[int][]string{}
	for n := range 26 * 26 * 26 {
		code := string([]byte{'A' + byte(n/676), 'A' + byte(n/26%26), 'A' + byte(n%26)})
		if decimals, ok := tariff.Currency(code).Exponent(); ok {
			byDecimals[decimals] = append(byDecimals[decimals], code)
		}
	}
	var lines []string
	for decimals := range 10 {
		for i, codes := range slices.Collect(slices.Chunk(byDecimals[decimals], 26)) {
			head := fmt.Sprintf("%d:", decimals)
			if i > 0 {
				head = "  "
			}
			lines = append(lines, head+" "+strings.Join(codes, " "))
		}
	}
	holdPart(t, "currencies", fenced(lines...))
}

func TestSpecSizes(t *testing.T) { holdPart(t, "sizes", sizeTable(t)) }

// constants reads the error codes from the source, with their comments.
func constants(t testing.TB) (names []string, numbers []int, comments []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			number, err := strconv.Atoi(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names, numbers = append(names, v.Names[0].Name), append(numbers, number)
			comments = append(comments, strings.TrimSpace(v.Comment.Text()))
		}
	}
	return names, numbers, comments
}

func TestSpecErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString("| number | name | meaning |\n|---|---|---|\n")
	names, numbers, comments := constants(t)
	for i, number := range numbers {
		if number != 100+i {
			t.Errorf("%s is %d, the one before %d", names[i], number, 99+i)
		}
		if text := qrproto.ErrorCode(number).Error(); text == fmt.Sprintf("E-%d", number) {
			t.Errorf("%s has no text", names[i])
		}
		fmt.Fprintf(&b, "| %d | %s | %s |\n", number, names[i], strings.ReplaceAll(comments[i], "<", "&lt;"))
	}
	holdPart(t, "errors", b.String())
}

// The rest holds SPEC.md against itself and against the code.

// hexOf collects the bytes of a part, comments left out.
func hexOf(t testing.TB, text string) []byte {
	t.Helper()
	text = regexp.MustCompile("#.*|```").ReplaceAllString(text, "")
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// section returns what stands in a part behind a heading of its own.
func section(t testing.TB, body, heading string) []byte {
	t.Helper()
	_, rest, ok := strings.Cut(body, heading+":\n")
	if !ok {
		t.Fatal("no", heading)
	}
	rest, _, _ = strings.Cut(regexp.MustCompile(`\n[a-z ]+:\n`).ReplaceAllString(rest, "\x00"), "\x00")
	return hexOf(t, rest)
}

func TestSpecExampleHoldsByItsOwnText(t *testing.T) {
	_, envelope, _ := part(t, "order-envelope")
	_, signed, _ := part(t, "order-signed")
	_, text, _ := part(t, "order-text")
	whole := hexOf(t, envelope)
	shown := strings.Join(strings.Fields(strings.ReplaceAll(text, "```", "")), "")
	if want := digitText(qrproto.KindStartOrder, whole); shown != want {
		t.Errorf("text %s, by big numbers %s", shown, want)
	}
	payload := whole[15 : len(whole)-66] // behind the heads that the example shows
	message := append(section(t, signed, "signed"), payload...)
	if !ed25519.Verify(section(t, signed, "public key"), message, whole[len(whole)-64:]) {
		t.Error("the signature of the example does not verify")
	}
	hash := sha256.Sum256(append(section(t, signed, "hashed"), payload...))
	if !bytes.Equal(hash[:], section(t, signed, "hash")) {
		t.Errorf("hash %x", hash)
	}
	o, err := qrproto.As[*qrproto.StartOrder](qrproto.Open(shown, trusted()))
	if err != nil || !reflect.DeepEqual(o, startOrder(t)) {
		t.Errorf("opened %+v, %v", o, err)
	}
}

func TestSpecTariffExampleHoldsByItsOwnText(t *testing.T) {
	_, body, _ := part(t, "tariff-example")
	b := hexOf(t, body[:strings.Index(body, "hash:")])
	if want := startOrder(t).Tariff; !bytes.Equal(b, want) {
		t.Errorf("% x, want % x", b, want)
	}
	slots := b[8:20] // heads of array, rules and scale, currency, byte string
	for i, want := range fourRatesSlots(t) {
		if got := slots[i/4] >> (6 - 2*(i%4)) & 3; got != want {
			t.Errorf("slot %d is %d, want %d", i, got, want)
		}
	}
	hash := sha256.Sum256(slices.Concat([]byte("\x83\x71qrcharge/1/tariff\x40"), byteString(b)))
	if want := section(t, body, "hash"); !bytes.Equal(hash[:], want) {
		t.Errorf("hash %x, want %x", hash, want)
	}
}

func fourRatesSlots(t testing.TB) (out [48]uint8) {
	for i := range out {
		switch hour := i / 2; hour {
		case 23, 0, 1, 2, 3, 4, 5, 6:
			out[i] = 3
		case 11, 19, 20:
			out[i] = 0
		case 10, 12, 13, 14, 18:
			out[i] = 1
		default:
			out[i] = 2
		}
	}
	return out
}

func TestSpecDigitsExample(t *testing.T) {
	spec := readSpec(t)
	for _, want := range []string{
		"digits `" + digitText('O', []byte{1, 2, 3, 4, 5, 6, 7})[4:] + "`",
		"are `" + digitText('O', []byte{1, 2, 3, 4, 5, 6, 7, 255})[4:] + "`",
	} {
		if !strings.Contains(spec, want) {
			t.Errorf("section 4 does not say %s", want)
		}
	}
}

// cddlLine is an entry of a map as SPEC.md writes it: key, type and the name
// of the field.
var cddlLine = regexp.MustCompile(`(?m)^\s*([?(]?)\s*(\d+): (.*?)( \))?,?\s+; ([\w.]+)$`)

type cddlEntry struct {
	key      int
	kind     string // the type
	name     string
	optional bool
}

func cddlMap(t testing.TB, block string) []cddlEntry {
	t.Helper()
	_, rest, ok := strings.Cut(readSpec(t), "```cddl\n; "+block+"\n")
	if !ok {
		t.Fatalf("no block %q", block)
	}
	rest, _, _ = strings.Cut(rest, "```")
	var out []cddlEntry
	for _, m := range cddlLine.FindAllStringSubmatch(rest, -1) {
		key, _ := strconv.Atoi(m[2])
		out = append(out, cddlEntry{key, m[3], m[5], m[1] != "" || m[4] != ""})
	}
	return out
}

var cddlKinds = map[string]qrproto.Payload{
	"identity": new(qrproto.Identity), "order": new(qrproto.StartOrder),
	"settlement": new(qrproto.Settlement), "receipt": new(qrproto.Receipt),
	"stop": new(qrproto.StopOrder), "trust": new(qrproto.Trust), "voucher": new(qrproto.Voucher),
}

func TestSpecDefinesEachFieldOfEachKind(t *testing.T) {
	for block, p := range cddlKinds {
		told := map[string]bool{}
		for _, e := range cddlMap(t, block) {
			field, ok := fieldOf(p, e.key)
			if !ok || field.Name != e.name {
				t.Errorf("%s: key %d is %s, the spec says %s", block, e.key, field.Name, e.name)
			}
			if optional := strings.Contains(field.Tag.Get("cbor"), "omitempty"); optional != e.optional {
				t.Errorf("%s: %s optional %v, the spec says %v", block, e.name, optional, e.optional)
			}
			told[e.name] = true
		}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(p).Elem()) {
			if tag := field.Tag.Get("cbor"); tag != "-" && !told[field.Name] {
				t.Errorf("%s: the spec does not tell of %s", block, field.Name)
			}
		}
	}
}
