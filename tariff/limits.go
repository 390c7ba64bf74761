// SPDX-License-Identifier: Apache-2.0

package tariff

// Limits are the bounds of one order. 0 means no such limit.
//
// Amount is what the payer is protected by: what lies above it is waived. The
// others are where the device stops; what it delivered beyond, because a
// contactor opens late, is measured and priced (see [EnergyOverrun]). A limit of
// duration ends the charging, not the idling after it, so that it bounds no price.
//
// Feedback lets the energy register fall: the vehicle feeds back, and the
// register is net. Without it a register that falls is a faulty one, and
// [ErrBackwards].
type Limits struct {
	Energy   int64 // mWh
	Volume   int64 // mL
	Duration int64 // s
	Feedback int64 // mWh that may be fed back in all; 0 means none
	Amount   int64 // the most that may be paid, taxes included, at Scale
	Scale    uint8 // decimals of every amount of the order, at most MaxPriceScale
	Facts    Facts
}

func (l Limits) check(payable uint8) error {
	if l.Energy < 0 || l.Energy > MaxEnergy {
		return &Error{"Energy", ErrLimits}
	}
	if l.Feedback < 0 || l.Feedback > MaxEnergy {
		return &Error{"Feedback", ErrLimits}
	}
	for _, v := range [...]struct {
		name  string
		value int64
	}{{"Volume", l.Volume}, {"Duration", l.Duration}, {"Amount", l.Amount}} {
		if v.value < 0 {
			return &Error{v.name, ErrLimits}
		}
	}
	if l.Scale > MaxPriceScale || l.Scale < payable {
		return &Error{"Scale", ErrScale}
	}
	return l.Facts.check()
}

// Facts are what only the issuer of an order knows and the price depends on.
type Facts struct {
	// Reserved is how long the reservation lasted that the session's first
	// reading ends, in seconds; 0 for none, and where readings show it.
	Reserved int64
	// Expired says that the reservation ended without a session. Without Reserved
	// it says nothing: there is no fee for a reservation of no time.
	Expired bool
	// Energy (mWh), Time (s of charging) and Volume (mL) are what had been
	// taken before this session under the same graduated tiers, as of a month.
	Energy, Time, Volume int64
}

func (f Facts) check() error {
	for _, v := range [...]struct {
		name  string
		value int64
		most  int64
	}{{"Reserved", f.Reserved, MaxDuration}, {"Energy", f.Energy, MaxTier}, {"Time", f.Time, MaxTier}, {"Volume", f.Volume, MaxTier}} {
		if v.value < 0 || v.value > v.most {
			return &Error{"Facts." + v.name, ErrLimits}
		}
	}
	return nil
}
