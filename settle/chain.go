// SPDX-License-Identifier: Apache-2.0

package settle

import "github.com/seed81979277/qrcharge/qrproto"

// Head is the tip of a device's chain of settlements. The zero Head is that of
// a device which has settled nothing.
type Head struct {
	Seq   uint32
	Sum   qrproto.Ref // of the settlement Seq
	Total int64       // mWh or mL of all settlements so far
}

// Next returns the head after a settlement.
//
// A settlement that the head already is leaves it as it is, without error. It
// fails with ErrGap where settlements in between are missing, ErrFork where
// another one has this place or the one before, ErrTotals where the sum does
// not follow, and ErrPast for a place before the head's: whether that is a
// repetition or a fork shows only against what is stored there.
func Next(h Head, s *qrproto.Settlement) (Head, error) {
	sum, err := qrproto.Sum(s)
	if err != nil {
		return h, err
	}
	switch {
	case s.Seq == h.Seq && sum.Ref() == h.Sum:
		return h, nil
	case s.Seq == h.Seq:
		return h, chainError(ErrFork, s, h)
	case s.Seq < h.Seq:
		return h, chainError(ErrPast, s, h)
	case s.Seq > h.Seq+1:
		return h, chainError(ErrGap, s, h)
	case s.Previous != h.Sum:
		return h, chainError(ErrFork, s, h)
	case s.Total-s.Delivered != h.Total:
		return h, chainError(ErrTotals, s, h)
	}
	return Head{s.Seq, sum.Ref(), s.Total}, nil
}
