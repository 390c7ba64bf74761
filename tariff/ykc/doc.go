// SPDX-License-Identifier: Apache-2.0

// Package ykc reads and writes the prices and the records of the YKC 1.6
// protocol (云快充平台协议), which many Chinese piles and platforms speak: the
// billing model of the frames 0x0A and 0x58, 90 bytes, and the transaction
// record of the frame 0x3B, 158 bytes.
//
// It is for a server that has tariffs of package tariff and piles that speak
// YKC, or the other way round: it turns a model into a tariff and back, checks
// what a pile recorded against a tariff to the last digit, prices a pile's
// energies with package tariff, and makes the record of a session that was
// billed with it.
//
// # How to hold it
//
//	var m ykc.Model
//	err := m.UnmarshalBinary(body)               // 90 bytes, frame 0x0A or 0x58
//	t, findings, err := m.Tariff(rounding, ykc.Profile{})
//
//	var r ykc.Record
//	err = r.UnmarshalBinary(body)                // 158 bytes, frame 0x3B
//	findings, err = m.Verify(&r, ykc.Profile{})  // which fields differ
//
// [Model.SetTariff] and [FromTariff] go back to a model, [NewRecord] makes a
// record, and [Record.Quantities] gives a pile's energies to a tariff's plan.
//
// A body that was read is written back byte by byte: nothing is trimmed,
// normalised or guessed. Times keep their reserved bits, vehicle and card
// numbers the bytes of the wire, and codes that the protocol does not list
// their numbers. What is refused is a wrong length, a digit that is none, and a
// half hour under a fifth rate.
//
// # What the format cannot say
//
// There are four rates, 尖 峰 平 谷, with an electricity and a service fee of
// five decimals each, and half hours. A tariff with another rate, a fifth one,
// another currency, a price below zero or a finer one, a window that does not
// end on a half hour, or a part of the day without a price has no model:
// [Model.SetTariff] says which of these it is and where. Nothing is rounded to
// make it fit.
//
// A rate that no half hour names may have fees in a model, and cannot stand in
// a tariff. [Model.Tariff] leaves it out with a finding, and SetTariff on that
// same model keeps its fees: model → tariff → model is the identity. In the
// other direction only the rounding policy is lost, for which there is no field.
//
// A record holds amounts up to 429 496.7295 yuan and energies up to as many kWh,
// in steps of 0.0001 yuan and 0.1 Wh. What is larger, finer or negative is an
// error with the path of the field. The protocol
// has no field for an occupancy fee, a tax, a limit or what was waived; a record
// made here has the amount that is paid as its total, and a finding where that
// is not what its parts add up to.
//
// # What the protocol leaves open
//
// Rounding is not defined anywhere: neither the mode, nor whether the two fees
// of a rate are rounded as one, nor whether the total is the sum of the parts.
// The loss ratio (计损比例) has no unit, and platforms send 0; which of the two
// energies a pile then prices is seen only where they differ. All of these are
// switches of [Profile], with the first value of each as the default:
//
//	Mode    half up       or half even, up, down
//	Fees    together      or apart
//	Total   of the parts  or at once
//	Energy  adjusted      or metered
//	Finer   refused       or cut
//	Loss    refused       or ignored
//
// Times are local, without a zone; [Time.In] takes the zone from its caller.
// Their weekdays are carried and never compared, because piles that are a day
// off are in the field. The example of the 0x0A frame that circulates with the
// protocol writes its service fees high byte first and all else low byte first:
// read as the protocol says they are 0.16540 yuan and not the 0.40000 that must
// have been meant. This package reads as the protocol says.
//
// # What it does not do
//
// Frames are not wrapped or unwrapped: the start byte 0x68, length, sequence,
// encryption flag, type and CRC belong to a connection. There is nothing about
// what a pile does when the platform does not answer. Like
// package tariff it uses integers only, no clock and no zone of the host, and
// imports nothing but the standard library beside it.
package ykc
