// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// anyProfile sets each switch at random but those that refuse.
func anyProfile(r *rand.Rand) Profile {
	return Profile{Decimals: Decimals(r.IntN(10)), Rounding: tariff.RoundingMode(r.IntN(5)), Selection: Selection(r.IntN(2)), Straddle: Straddle(r.IntN(2)),
		Multiple: Multiple(r.IntN(2)), Absorb: Absorb(r.IntN(2)), Flats: Flats(r.IntN(2)), Labels: Labels(r.IntN(2)), EqualTimes: EqualTimes(r.IntN(2)),
		Wrap: Wrap(r.IntN(2)), Origin: Origin(r.IntN(2)), MissingTax: MissingTax(r.IntN(3)), Digits: Digits(r.IntN(2)), Hours: Hours(r.IntN(2)),
		Expiry: Expiry(r.IntN(2)), Limits: Limits(r.IntN(2))}
}

// disorder makes periods of a world as real files have them: shuffled, with
// starts that are off, hours of few digits, of both kinds, or none.
func disorder(r *rand.Rand, periods []oraclePeriod, start time.Time) (texts []string) {
	at := start
	for _, p := range periods {
		begin := at
		if r.IntN(4) == 0 {
			begin = begin.Add(time.Duration(r.IntN(7200)-3600) * time.Second)
		}
		q := []string{fmt.Sprintf("ENERGY %d.%0*d", r.IntN(30), 1+r.IntN(7), r.IntN(10))}
		if r.IntN(6) > 0 {
			q = append(q, fmt.Sprintf("%s %.*f", p.kind, r.IntN(8), float64(p.seconds)/3600))
		}
		if r.IntN(6) == 0 {
			q = append(q, fmt.Sprintf("PARKING_TIME %d.%d", r.IntN(2), r.IntN(100)))
		}
		if r.IntN(2) == 0 {
			q = append(q, fmt.Sprintf("MAX_POWER %d", p.power))
		}
		text := period(begin.Format(time.RFC3339), q...)
		if r.IntN(3) == 0 {
			text = strings.Replace(text, `{"start`, fmt.Sprintf(`{"tariff_id": "T%d", "start`, 1+r.IntN(2)), 1)
		}
		texts = append(texts, text)
		at = at.Add(time.Duration(p.seconds) * time.Second)
	}
	r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	return texts
}

// Disordered sessions have a price under every profile, and lines that make it
// up; where one tariff charged all, package tariff's bill comes to the same.
func TestDisorder(t *testing.T) {
	n, bills := uint64(600), 0
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		r := rand.New(rand.NewPCG(seed, 2))
		var tariffs []*Tariff
		limited := false
		for i := range 1 + r.IntN(2) {
			elements, _, _ := world(r)
			texts := []string{perKWh1}
			for k := range elements {
				texts = append([]string{elements[k].json()}, texts...)
			}
			more := ""
			if r.IntN(3) == 0 {
				limited = true
				more = fmt.Sprintf(`"min_price": {"excl_vat": %d}, "max_price": {"excl_vat": %d, "incl_vat": %d}, `, r.IntN(5), 3+r.IntN(9), 3+r.IntN(12))
			}
			text := strings.Replace(tariffText(V221, more, strings.Join(texts, ",")), `"T1"`, fmt.Sprintf(`"T%d"`, 1+i), 1)
			tariffs = append(tariffs, mustTariff(t, V221, text))
		}
		_, periods, start := world(r)
		if len(periods) == 0 {
			continue
		}
		end := start.Add(time.Duration(r.IntN(20000)) * time.Second)
		c := mustCDR(t, V221, cdrText(V221, start.Format(time.RFC3339), end.Format(time.RFC3339), "", strings.Join(disorder(r, periods, start), ",")))
		for range 3 {
			p := anyProfile(r)
			result, err := Price(c, tariffs, PriceOptions{Profile: p, Offsets: utc})
			if len(tariffs) == 2 && errors.Is(err, ErrTariff) {
				continue
			}
			if err != nil {
				t.Fatalf("seed %d, %+v: %v", seed, p, err)
			}
			checkSums(t, result)
			if b := result.Bill; b != nil && !limited {
				bills++
				if b.Exact != result.Total.ExactExcl || !result.Total.TaxUnknown && b.ExactGross != result.Total.ExactIncl {
					t.Errorf("seed %d: total %v, %v; the bill says %v, %v", seed, result.Total.ExactExcl, result.Total.ExactIncl, b.Exact, b.ExactGross)
				}
				if err := b.Check(); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		}
	}
	if bills < int(n/8) {
		t.Errorf("only %d bills", bills)
	}
}
