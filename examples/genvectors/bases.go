// SPDX-License-Identifier: Apache-2.0

package main

// The payloads from which the vectors are made: of each kind the smallest, and
// one in which every field stands.

const (
	maxQuantity  = 1 << 60
	maxUnix      = 100_000_000_000
	maxDuration  = 366 * 86400
	maxUint32    = 1<<32 - 1
	maxTier      = 1 << 53
	maxPeriodCap = (1<<63 - 1) / 3600
)

func nonce() octets { return octets(unhex("0102030405060708")) }

func minimal(kind string) object {
	switch kind {
	case "I":
		return object{
			{1, number(1)}, {2, number(0)}, {4, list{number(1), nonce()}}, {5, number(1)}, {9, number(1)},
		}
	case "O":
		return object{
			{1, octets(unhex("1112131415161718"))}, {2, octets(deviceNumber())}, {3, number(1)},
			{4, list{number(1), nonce()}}, {5, number(1795348860)}, {7, number(60)}, {9, repeat(0xaa, 16)}, {14, number(1)},
		}
	case "S":
		return object{
			{1, number(1)}, {2, number(1)}, {3, repeat(0, 16)}, {4, repeat(6, 16)}, {5, number(1)}, {6, number(1795348899)},
			{7, number(0)}, {8, number(0)}, {9, number(0)}, {10, number(0)}, {14, number(0)}, {16, number(7)}, {17, number(0)},
		}
	case "X":
		return object{{1, repeat(6, 16)}}
	case "T":
		return object{{1, number(1)}}
	case "V":
		return fullVoucher().without(0).without(3)
	}
	return object{{1, repeat(5, 16)}, {2, number(0)}, {4, number(1795358811)}}
}

func full(kind string) object {
	switch kind {
	case "I":
		return fullIdentity()
	case "O":
		return fullOrder()
	case "S":
		return fullSettlement()
	case "X":
		return minimal("X").with(0, object{{7, octets("seven")}})
	case "T":
		return fullTrust()
	case "V":
		return fullVoucher()
	}
	return object{
		{0, object{{7, octets("seven")}}}, {1, repeat(5, 16)}, {2, number(3512)}, {3, number(6488)}, {4, number(1795358811)},
		{5, list{number(20346), repeat(5, 8)}}, {6, octets(unhex("0102030405060708090a0b0c"))},
	}
}

func fullIdentity() object {
	return object{
		{0, object{{7, octets("seven")}}}, {1, number(2)}, {2, number(1)}, {3, words("P2-A07")},
		{4, list{number(4711), nonce()}}, {5, number(1203)}, {6, number(1795348800)}, {7, number(2)}, {8, number(41)},
		{9, number(1)}, {10, octets(unhex("a1a2a3a4b1b2b3b4"))}, {11, number(1)}, {12, number(2)},
		{13, list{number(20345), repeat(9, 8), number(412_345_678_901)}}, {14, octets(unhex("c1c2c3c4d1d2d3d4"))},
		{15, number(9)}, {16, list{octets(plainSettlement().bytes())}},
	}
}

func fullOrder() object {
	return object{
		{0, object{{7, octets("seven")}}}, {1, octets(unhex("1112131415161718"))}, {2, octets(deviceNumber())}, {3, number(2)},
		{4, list{number(4711), nonce()}}, {5, number(1795348860)}, {6, number(58)}, {7, number(180)},
		{8, octets(fourRates().bytes())}, {10, numbers(28800)}, {11, number(2)}, {12, numbers(1, 30_000_000)},
		{13, numbers(80_000_000, 0, 43200, 10000)}, {14, number(2)}, {15, object{{1, number(600)}, {3, number(1_234_567)}}}, {16, number(30)},
		{17, number(41)}, {18, list{number(20344), repeat(8, 8)}},
	}
}

// byHash names the tariff by its hash instead.
func byHash(order object) object {
	return order.without(8).with(9, octets(sum("qrcharge/1/tariff", nil, fourRates().bytes())[:16]))
}

// plainSettlement is an ordinary one, as a journal or a carrying identity has it.
func plainSettlement() object {
	return object{
		{1, number(2)}, {2, number(20346)}, {3, repeat(7, 16)}, {4, repeat(6, 16)}, {5, number(1203)}, {6, number(1795348899)},
		{7, number(9876)}, {8, number(31)}, {9, number(412_345_678_901)}, {10, number(30_000_123)},
		{11, numbers(0, 7_000_000, 2, 8_000_000, 4, 9_000_000, 6, 6_000_123)}, {14, number(3512)}, {16, number(4)},
		{17, number(412_375_679_024)},
	}
}

func fullSettlement() object {
	return plainSettlement().with(0, object{{7, octets("seven")}}).with(12, numbers(6)).with(13, numbers(8, 9)).
		with(15, number(25)).with(18, numbers(0, 0, 1, 3600, 12_000_000, 2, 9876, 30_000_123, 3)).with(19, repeat(4, 16))
}

// fourRates is the canonical bytes of an ordinary tariff.
func fourRates() list { return chinese().write(nil) }

// packSlots writes the digits of slots as numbers of so many bits, from the
// highest bit of the first byte on.
func packSlots(slots string, bits int) []byte {
	out := make([]byte, len(slots)*bits/8)
	for i := range len(slots) * bits {
		if (slots[i/bits]-'0')>>(bits-1-i%bits)&1 == 1 {
			out[i/8] |= 0x80 >> (i % 8)
		}
	}
	return out
}
