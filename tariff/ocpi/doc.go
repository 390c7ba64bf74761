// SPDX-License-Identifier: Apache-2.0

// Package ocpi reads and writes the tariffs and charge detail records (CDRs) of
// OCPI 2.1.1, 2.2.1 and 2.3.0, and prices a CDR with package tariff.
//
// It is for whoever has to agree with a partner on what a session cost: it says
// what it comes to, exactly, how that was made, and everything about the two
// documents that makes it doubtful. It is also the way between tariffs of
// package tariff and those of OCPI.
//
// # How to hold it
//
//	t, findings, err := ocpi.ReadTariff(tariffJSON, ocpi.Options{})
//	c, findings, err := ocpi.ReadCDR(cdrJSON, ocpi.Options{})
//	r, err := ocpi.Price(c, []*ocpi.Tariff{t}, ocpi.PriceOptions{Offsets: offsets})
//
// Without tariffs, Price takes those in the CDR. What local time is comes from
// the caller: [CDR.Zone] names the zone of the location, [CDR.Span] the time
// that matters, and [tariff.OffsetsIn] makes offsets of both. [Tariff.Model]
// gives a tariff of package tariff, for [tariff.Tariff.Lint] or a plan;
// [FromModel] and [WriteTariff] go the other way; [WriteCDR] puts what Price
// found into the CDR.
//
// # What is read
//
// Numbers are read digit by digit, and come back as they were printed: .68625
// keeps its five decimals, and 2.50 its zero. An exponent, a number as a text,
// or one of more than 18 decimals is an error with its JSON path.
//
// Nothing is dropped in silence. A misspelt field ("dayOfWeek"), one of another
// version, one that is there twice or not at all is a [Finding], with the field
// that was probably meant. A misspelt field is not read. The version is found out
// from the fields of the document, or told in [Options]; it decides which
// fields are known and which required, and what a missing VAT means. Fields that
// no price depends on are not asked for: a CDR without its cdr_token is priced.
//
// # How a CDR is priced
//
// Each period lies between its start and the start of the next, or the end of
// the session. Where its hours agree with that difference, to within half of
// their last printed digit, its seconds are those of the timestamps; else the
// volume governs. Periods are sorted; where the volume is longer than the gap, the
// period overlaps the next, and where the session ends before it began, its times
// are ignored. All of this is told in findings.
//
// A period across a boundary (of the day, of a date, of a duration, of an energy
// tier) is cut there, its quantities in proportion to time: as fractions, a third
// of 10 kWh is 10/3 kWh. Only where many odd lengths make these larger than
// [tariff.Exact] are they whole milliwatt-hours and seconds, with a finding.
// What price holds in each part is asked of a plan of package tariff, what whole
// quantities cost is its bill. So an element is selected for each dimension apart, a step rounds
// the sum of a session, parking time alone where there is any, and only under the
// last tariff; energies are in mWh, times in seconds, or finer where hours that
// govern need it. Of a tariff with more elements than package tariff holds, as
// those of power exchanges have, only those take part that can apply while the
// session lasts.
//
// The minimum and the maximum of a tariff bind the amounts excluding and
// including tax each for itself, as OCPI puts it. A session of 12.00 at 20 % with
// a maximum of 10.00 and 11.00 costs 10.00 and 11.00: the line that says so is an
// [Adjustment] of −2.00 and −3.40. Unlike package tariff's own limit a minimum
// binds where nothing was charged for at all.
//
// [Result] has the total and its parts, each as an exact fraction and rounded
// once, and the lines that add up to both. An amount including tax is there
// only where taxes are known: 2.1.1 cannot tell them, and in 2.3.0 prices may
// exclude taxes that nobody tells. A VAT that 2.2.1 leaves away is no tax.
//
// # What OCPI leaves open
//
// Each question is a switch of [Profile]; the zero value is the default:
//
//	Selection   for each dimension apart        or the first element for all
//	Straddle    split in proportion to time     or judged at the period's start
//	Multiple    a multiple of its step stays    or gets a step more
//	Absorb      parking time is rounded         or what came last
//	ZeroStep    no rounding                     or refused
//	Flats       once for reservation and session, or once in all
//	Labels      unknown power meets nothing     or every restriction
//	EqualTimes  the whole day                   or never
//	Wrap        after midnight is the new day   or the day it began on
//	Origin      durations from the session's start, or its first period
//	MissingTax  by version                      or no tax, or unknown
//	Digits      all                             or four decimals of a price
//	Hours       seconds where they agree        or always the volume
//	NoID        the tariff at hand              or refused
//	Expiry      no period after the reservation or no energy
//	Limits      apart                           or without tax only
//	Decimals    4
//	Rounding    half up
//
// [ProfileNamed] knows sets of them by name. The word "session" of a duration is
// the session without its reservation; elements of a reservation count from the
// beginning of that. Which power a period had is its POWER, else MAX_POWER, else
// MIN_POWER, and so for CURRENT.
//
// # What OCPI cannot say
//
// OCPI has no fee classes, no price by volume, no stacked taxes, no grace and no
// caps, and each version lacks something more. What cannot be said is
// [ErrInexpressible] with its path; nothing is rounded or left out to make it
// fit but names and the rounding policy, with findings. A tariff for
// energy that flows back is refused; an ENERGY_EXPORT in a CDR, which OCPI has
// no price for, is not paid for, with a finding.
//
// Like package tariff this one uses no floating point, no clock and no zone of
// the host, and imports nothing but the standard library beside it.
package ocpi
