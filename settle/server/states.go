// SPDX-License-Identifier: Apache-2.0

package server

import "slices"

// State is where an order stands. The table of all changes is drawn in
// STATES.md.
type State uint8

// The states of an order.
const (
	// StatePlacing: stored, and a hold is asked for. Nothing is signed, so the
	// device cannot have it.
	StatePlacing State = 1 + iota
	// StateIssued: signed and given out.
	StateIssued
	// StateReplaced: another order of the same account stands in its place,
	// under the same hold. The device may have taken this one all the same.
	StateReplaced
	// StateRefused: the hold was declined. Final.
	StateRefused
	// StateSettled: its settlement is stored and agrees with it.
	StateSettled
	// StateDisputed: its settlement is stored and contradicts it, or stands at
	// a contested place of the device's chain. An operator must decide.
	StateDisputed
	// StatePaid: captured, and the rest of the hold released. Final.
	StatePaid
	// StateOwed: its bill is below zero. The hold is released, and the operator
	// owes the customer what Payable says, by other means. Final.
	StateOwed
	// StateDead: the device has shown that it will never settle it. Its hold is
	// being given back, and still keeps the account.
	StateDead
	// StateReleased: it was dead or void, and its money is given back. Final.
	StateReleased
	// StateSelling: a sale at a device without a display is stored, and its price is
	// being taken. Nothing is signed, so the device cannot have it, and it has no
	// number yet.
	StateSelling
	// StateSold: its price is taken; signed and given out. Nothing more is due, and
	// most often nothing more is ever heard of it.
	StateSold
	// StateVoid: a sale that was not signed in time. What was taken for it is being
	// given back.
	StateVoid
	lastState = StateVoid
)

// String is the state in lower case, as in STATES.md.
func (s State) String() string {
	names := [...]string{"none", "placing", "issued", "replaced", "refused", "settled", "disputed", "paid", "owed", "dead", "released",
		"selling", "sold", "void"}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// event is what can happen to an order.
type event uint8

const (
	eventPlace   event = 1 + iota // Issue stores it
	eventHold                     // the provider holds the money: it is signed
	eventDecline                  // the provider refuses
	eventReplace                  // the account takes another order in its place
	eventSettle                   // a settlement that agrees
	eventDispute                  // a settlement that does not
	eventPay                      // the provider has captured
	eventOwe                      // there is less than nothing to capture
	eventDie                      // the device has shown that it will never settle it
	eventRelease                  // the provider has given the money of a dead or void order back
	eventSell                     // Sell stores it
	eventTake                     // the provider has taken the price: it has a number and is signed
	lastEvent    = eventTake
)

func (e event) String() string {
	names := [...]string{"none", "place", "hold", "decline", "replace", "settle", "dispute", "pay", "owe", "die", "release", "sell", "take"}
	if int(e) < len(names) {
		return names[e]
	}
	return "unknown"
}

// transition is one row of the state machine.
type transition struct {
	from State // 0 is an order that does not exist yet
	on   event
	to   State
}

// transitions is all that can happen. What is not in it is ErrState.
var transitions = [...]transition{
	{0, eventPlace, StatePlacing},
	{StatePlacing, eventHold, StateIssued},
	{StatePlacing, eventDecline, StateRefused},
	{StatePlacing, eventReplace, StateReplaced},
	{StateIssued, eventReplace, StateReplaced},
	{StateIssued, eventSettle, StateSettled},
	{StateIssued, eventDispute, StateDisputed},
	{StateReplaced, eventSettle, StateSettled},
	{StateReplaced, eventDispute, StateDisputed},
	{StateSettled, eventPay, StatePaid},
	{StateSettled, eventOwe, StateOwed},
	{StatePlacing, eventDie, StateDead},
	{StateIssued, eventDie, StateDead},
	{StateDead, eventRelease, StateReleased},
	{0, eventSell, StateSelling},
	{StateSelling, eventTake, StateSold},
	{StateSelling, eventDecline, StateRefused},
	{StateSelling, eventDie, StateVoid},
	{StateVoid, eventRelease, StateReleased},
	{StateSold, eventSettle, StatePaid},
	{StateSold, eventDispute, StateDisputed},
}

// after returns the state that follows s on e.
func (s State) after(e event) (State, error) {
	for _, t := range transitions {
		if t.from == s && t.on == e {
			return t.to, nil
		}
	}
	return s, fail(ErrState, "%v in state %v", e, s)
}

// openStates are those that hold the account's claim: as long as an order is in
// one of them, the account gets no other. A sale at a device without a display is
// paid before it is signed, and keeps nobody from anything.
var openStates = [...]State{StatePlacing, StateIssued, StateSettled, StateDead}

// billed tells whether a settlement was taken for an order.
func (s State) billed() bool {
	return slices.Contains([]State{StateSettled, StateDisputed, StatePaid, StateOwed}, s)
}

// dead tells whether an order's hold was given back, or is about to be.
func (s State) dead() bool { return s == StateDead || s == StateReleased }
