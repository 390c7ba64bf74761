// SPDX-License-Identifier: Apache-2.0

package billtext

import "testing"

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "12.34": 5, "é": 1, "尖": 2, "深谷": 4, "费率6": 5, "电量(度)": 8, "，": 2, "（）": 4,
		"한글": 4, "カナ": 4, "—": 1, "𠀀": 2, "￥": 2, "¥": 1,
	} {
		if got := width(text); got != want {
			t.Errorf("%q is %d columns wide, want %d", text, got, want)
		}
	}
}
