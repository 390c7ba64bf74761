// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"crypto"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// The payloads of this file have values that are pessimistic and still real: a
// device that was not rebooted for a month, that has settled 20 times a day for
// eight years and metered 2 GWh; amounts of three digits before the point.

const (
	largeCounter = 60_000            // challenges, 45 s each, in a month of uptime
	largeSeq     = 60_000            // settlements
	largeTotal   = 2_000_000_000_000 // mWh
)

func largeIdentity() *qrproto.Identity {
	i := identity()
	i.Challenge.Counter, i.Back = largeCounter, 31
	i.Alarms, i.Epoch = qrproto.AlarmTemperature|qrproto.AlarmStorage, 1000
	i.Head.Seq, i.Head.Total = largeSeq, largeTotal
	return i
}

// largeSettlement has four rates, whose two fees share a cell, and idle time.
func largeSettlement() *qrproto.Settlement {
	s := settlement()
	s.Seq, s.Duration, s.Uncertainty = largeSeq, 43_000, 180
	s.Register, s.Total = largeTotal-100_000_000, largeTotal
	s.Delivered = 95_000_123
	s.Cells = qrproto.Cells{0, 20_000_000, 2, 25_000_000, 4, 25_000_000, 6, 25_000_123, 8, 3_600}
	s.Payable, s.Waived = 65_000, 12
	return s
}

func largeOrder(t testing.TB) *qrproto.StartOrder {
	o := startOrder(t)
	o.Tariff = encoded(t, occupied(t, fourRates(t)))
	o.Challenge.Counter = largeCounter
	o.Held, o.Epoch, o.Uncertainty = 480, 1000, 180
	o.Limits.Amount, o.Limits.Duration = 65_000, 43_200
	o.Ack.Seq = largeSeq
	return o
}

func largeReceipt() *qrproto.Receipt {
	r := receipt()
	r.Paid, r.Refunded = 65_000, 65_000
	r.Ack.Seq = largeSeq
	return r
}

// largeTrust has one delegation with a bound of each sort, of an epoch that a root
// reaches in twenty years of a snapshot a week. The key is the issuer's, of either
// algorithm: one of P-256 takes a byte more.
func largeTrust(t testing.TB, public crypto.PublicKey) *qrproto.Trust {
	key := qrproto.Key{ID: issuerID, Public: public, Caps: &qrproto.Caps{
		Fleet: number[:3], Currency: "CNY", Amount: 65_000, Quota: 10_000, Acknowledge: true,
	}, Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindStopOrder, qrproto.KindReceipt}}
	d, err := qrproto.Delegate(&key)
	if err != nil {
		t.Fatal(err)
	}
	return &qrproto.Trust{Epoch: 1000, Least: 1000, Delegations: []qrproto.Delegation{d}}
}

func largeVoucher() *qrproto.Voucher {
	v := voucher()
	v.Amount = 65_000
	return v
}

// measured is a row of the table: one code as it is shown.
type measured struct {
	name   string
	bytes  int
	digits int
	shown  string // text or link
	most   int    // QR version
}

func (m measured) version() int { return qrVersion(m.shown) }

func measure(t testing.TB, name string, p qrproto.Payload, link bool, most int) measured {
	t.Helper()
	code := seal(t, p)
	text := code.Text()
	m := measured{name, len(code.Bytes()), len(text) - len("QI1/"), text, most}
	if link {
		m.shown = linkBase + text
	}
	return m
}

func sizes(t testing.TB) []measured {
	t.Helper()
	record, err := qrproto.EncodeRecord(largeSettlement())
	if err != nil {
		t.Fatal(err)
	}
	carrying := largeIdentity()
	carrying.Records = [][]byte{record}
	byHash := largeOrder(t)
	byHash.Tariff, byHash.TariffHash = nil, orderByHash(t).TariffHash
	return []measured{
		measure(t, "`I`, as a link", largeIdentity(), true, 10),
		measure(t, fmt.Sprintf("`I` with a record of %d bytes, as a link", len(record)), carrying, true, 14),
		measure(t, "`O` with a tariff of 48 slots and occupancy fee", largeOrder(t), false, 12),
		measure(t, "`O` with a tariff by hash", byHash, false, 10),
		measure(t, "`S` with four rates and idle time, as a link", largeSettlement(), true, 11),
		measure(t, "`R`", largeReceipt(), false, 9),
		measure(t, "`X`", stopOrder(), false, 7),
		measure(t, "`T` with one key for Ed25519", largeTrust(t, testKey(2).Public()), false, 9),
		measure(t, "`T` with one key for ESP256", largeTrust(t, p256Key(t, 2).Public()), false, 9),
		measure(t, "`V`", largeVoucher(), false, 8),
	}
}

// sizeTable is the table of SPEC.md, section 18.
func sizeTable(t testing.TB) string {
	var b strings.Builder
	b.WriteString("| code | bytes | digits | QR version at M | at most |\n|---|---|---|---|---|\n")
	for _, m := range sizes(t) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", m.name, m.bytes, m.digits, m.version(), m.most)
	}
	return b.String()
}

// dataCodewords is the capacity of a symbol at level M by version, ISO/IEC 18004,
// table 7.
var dataCodewords = []int{1: 16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669}

// qrVersion is the smallest version at level M that holds a text as two
// segments, alphanumeric up to the last slash and numeric behind it. 0 is none
// up to 20.
func qrVersion(text string) int {
	front, digits := strings.LastIndexByte(text, '/')+1, len(text)-strings.LastIndexByte(text, '/')-1
	data := 11*(front/2) + 6*(front%2) + 10*(digits/3) + []int{0, 4, 7}[digits%3]
	for v := 1; v < len(dataCodewords); v++ {
		heads := 4 + 9 + 4 + 10 // ISO/IEC 18004, table 3
		if v > 9 {
			heads = 4 + 11 + 4 + 12
		}
		if heads+data <= 8*dataCodewords[v] {
			return v
		}
	}
	return 0
}

func TestSizesKeepToTheirBudgets(t *testing.T) {
	for _, m := range sizes(t) {
		if v := m.version(); v == 0 || v > m.most {
			t.Errorf("%s: version %d, at most %d", m.name, v, m.most)
		}
		symbol, err := qrimage.Encode(m.shown)
		if err != nil {
			t.Fatal(err)
		}
		if symbol.Version() != m.version() {
			t.Errorf("%s: the encoder takes version %d, reckoned %d", m.name, symbol.Version(), m.version())
		}
	}
	t.Log("\n" + sizeTable(t))
	if os.Getenv("QRCHARGE_TABLE") == "1" {
		fmt.Print(sizeTable(t))
	}
}

// What counters of 5 bytes cost: none of the codes may grow by more than a
// version when a device outlives the month and the years assumed above.
func TestSizesWithCountersBeyond16Bits(t *testing.T) {
	const beyond = 1 << 16
	i, s, o := largeIdentity(), largeSettlement(), largeOrder(t)
	i.Challenge.Counter, i.Boot, i.Head.Seq = beyond, beyond, beyond
	s.Seq, s.Boot = beyond, beyond
	o.Challenge.Counter, o.Ack.Seq = beyond, beyond
	for _, m := range []measured{
		measure(t, "I", i, true, 11), measure(t, "S", s, true, 12), measure(t, "O", o, false, 13),
	} {
		if v := m.version(); v == 0 || v > m.most {
			t.Errorf("%s: version %d, at most %d", m.name, v, m.most)
		}
		t.Logf("%s: %d bytes, version %d", m.name, m.bytes, m.version())
	}
}

func TestRecordIsSmallEnoughToBeCarried(t *testing.T) {
	record, err := qrproto.EncodeRecord(largeSettlement())
	if err != nil || len(record) > 124 {
		t.Errorf("%d bytes (%v), at most 124", len(record), err)
	}
}
