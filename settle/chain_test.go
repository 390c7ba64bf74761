// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// link is a settlement at a place of a chain.
func link(seq uint32, previous qrproto.Ref, delivered, total int64) *qrproto.Settlement {
	return &qrproto.Settlement{
		Number: number, Connector: 1, Seq: seq, Previous: previous, Order: qrproto.Ref{9}, Boot: 1, Start: issued,
		Delivered: delivered, Total: total, Reason: qrproto.StopUser,
	}
}

func ref(t testing.TB, s *qrproto.Settlement) qrproto.Ref {
	t.Helper()
	sum, err := qrproto.Sum(s)
	if err != nil {
		t.Fatal(err)
	}
	return sum.Ref()
}

func TestNextRunsAlong(t *testing.T) {
	var head settle.Head
	var previous qrproto.Ref
	for seq := uint32(1); seq <= 100; seq++ {
		// 0, 1, 2 … 99 delivered: the sum is a triangle.
		s := link(seq, previous, int64(seq-1), int64(seq-1)*int64(seq)/2)
		next, err := settle.Next(head, s)
		if err != nil {
			t.Fatal(err)
		}
		previous = ref(t, s)
		if want := (settle.Head{Seq: seq, Sum: previous, Total: int64(seq-1) * int64(seq) / 2}); next != want {
			t.Fatalf("got %+v, want %+v", next, want)
		}
		if again, err := settle.Next(next, s); err != nil || again != next {
			t.Fatalf("again: %+v, %v", again, err)
		}
		head = next
	}
}

func TestNextRefuses(t *testing.T) {
	first := link(1, qrproto.Ref{}, 500, 500)
	head := settle.Head{Seq: 7, Sum: qrproto.Ref{7}, Total: 1000}
	last := settle.Head{Seq: math.MaxUint32, Sum: qrproto.Ref{7}, Total: 1000}
	for _, c := range []struct {
		name string
		head settle.Head
		s    *qrproto.Settlement
		want error
	}{
		{"one is missing", head, link(9, qrproto.Ref{8}, 1, 1002), settle.ErrGap},
		{"all before are missing", settle.Head{}, link(2, qrproto.Ref{1}, 1, 501), settle.ErrGap},
		{"the last of all numbers", head, link(math.MaxUint32, qrproto.Ref{1}, 1, 2000), settle.ErrGap},
		{"another at the head's place", head, link(7, qrproto.Ref{6}, 1, 1000), settle.ErrFork},
		{"another before", head, link(8, qrproto.Ref{6}, 1, 1001), settle.ErrFork},
		{"all but the last byte the same", head, link(8, qrproto.Ref{0: 7, 15: 1}, 1, 1001), settle.ErrFork},
		{"the total is too high", head, link(8, qrproto.Ref{7}, 1, 1002), settle.ErrTotals},
		{"the total is too low", head, link(8, qrproto.Ref{7}, 1, 1000), settle.ErrTotals},
		{"the first begins with something", settle.Head{}, link(1, qrproto.Ref{}, 500, 501), settle.ErrTotals},
		{"long past", head, first, settle.ErrPast},
		{"just past", head, link(6, qrproto.Ref{5}, 1, 900), settle.ErrPast},
		{"nothing follows the last number", last, link(1, qrproto.Ref{}, 1, 1), settle.ErrPast},
		{"fork before totals", head, link(8, qrproto.Ref{6}, 1, 7777), settle.ErrFork},
		{"no settlement", head, link(0, qrproto.Ref{7}, 1, 1001), qrproto.ErrField},
		{"a total below what was delivered", head, link(8, qrproto.Ref{7}, 1001, 1000), qrproto.ErrField},
		{"one without a number", head, &qrproto.Settlement{Seq: 8}, qrproto.ErrField},
	} {
		got, err := settle.Next(c.head, c.s)
		if !errors.Is(err, c.want) || got != c.head {
			t.Errorf("%s: head %+v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

// TestNextCoversEveryField: no field of a record can change without the next
// one showing it.
func TestNextCoversEveryField(t *testing.T) {
	first := link(1, qrproto.Ref{}, 500, 500)
	second := link(2, ref(t, first), 1, 501)
	for name, change := range map[string]func(*qrproto.Settlement){
		"number":      func(s *qrproto.Settlement) { s.Number = []byte{1} },
		"connector":   func(s *qrproto.Settlement) { s.Connector++ },
		"order":       func(s *qrproto.Settlement) { s.Order[0]++ },
		"boot":        func(s *qrproto.Settlement) { s.Boot++ },
		"start":       func(s *qrproto.Settlement) { s.Start++ },
		"duration":    func(s *qrproto.Settlement) { s.Duration++ },
		"uncertainty": func(s *qrproto.Settlement) { s.Uncertainty++ },
		"register":    func(s *qrproto.Settlement) { s.Register++ },
		"cells":       func(s *qrproto.Settlement) { s.Cells = qrproto.Cells{0, 500} },
		"last":        func(s *qrproto.Settlement) { s.Last = []uint16{0} },
		"flats":       func(s *qrproto.Settlement) { s.Flats = []uint16{0} },
		"payable":     func(s *qrproto.Settlement) { s.Payable++ },
		"waived":      func(s *qrproto.Settlement) { s.Waived++ },
		"reason":      func(s *qrproto.Settlement) { s.Reason++ },
		"marks":       func(s *qrproto.Settlement) { s.Marks = []int64{0, 0, 0} },
		"evidence":    func(s *qrproto.Settlement) { s.Evidence = &qrproto.Ref{1} },
		"extension":   func(s *qrproto.Settlement) { s.Ext = qrproto.Extensions{1: {1}} },
	} {
		changed := *first
		change(&changed)
		head, err := settle.Next(settle.Head{}, &changed)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := settle.Next(head, second); !errors.Is(err, settle.ErrFork) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}
