// SPDX-License-Identifier: Apache-2.0

package tariff

import "strings"

// Currency is the alphabetic code of a currency in ISO 4217, in capitals.
type Currency string

// currencies lists by number of decimals the active codes of ISO 4217 as of
// January 2026: national currencies and fund codes. Codes without a defined
// number of decimals (metals, XDR, XTS, XXX …) are left out: nothing can be
// paid in them.
var currencies = [...]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD " +
		"BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP " +
		"DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF " +
		"IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL " +
		"MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR " +
		"NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP " +
		"SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD " +
		"USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ",
	3: "BHD IQD JOD KWD LYD OMR TND ",
	4: "CLF UYW ",
}

// Exponent returns the number of decimals of the currency's minor unit (2 for
// CNY, 0 for JPY, 3 for KWD), and false where c is no active currency.
func (c Currency) Exponent() (int, bool) {
	if !c.wellFormed() {
		return 0, false
	}
	for exponent, codes := range currencies {
		if strings.Contains(codes, string(c)) { // three letters in a row are one code
			return exponent, true
		}
	}
	return 0, false
}

// wellFormed reports whether c is three capital letters.
func (c Currency) wellFormed() bool {
	for i := range len(c) {
		if c[i] < 'A' || c[i] > 'Z' {
			return false
		}
	}
	return len(c) == 3
}
