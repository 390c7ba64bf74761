// SPDX-License-Identifier: Apache-2.0

// Section 14: what a tariff says, as both forms and the JSON of the vectors are
// read into it.
//
//   { currency, scale, rounding: [unit, mode, payable], included,
//     limit: { gross, min, max },
//     idle: { grace, episode, retroactive, period, cap, periodCap },
//     elements: [ { name, when, components } ] }
//   when: { windows: [ [from, until] ], days, from, until, reservation, ranges }
//   component: { dimension, class, price, step, taxes: [ { name, rate, stack } ] }
//
// Amounts are in units of 10^-scale. Amounts, quantities and dates are bigint,
// edges of windows are numbers, in s. What is 0, [] or null is none.

import { refuse } from './bytes.mjs';

export const ENERGY = 1;
export const TIME = 2;
export const IDLE = 3;
export const FLAT = 4;
export const VOLUME = 5;
export const OCCUPANCY = 3; // a class
export const DAY = 86400;
export const AMOUNT = 2n ** 63n - 1n;
export const ALL_DAYS = 127n;

// The ranges in the order of their keys, with the larger unit of each.
export const RANGES = [
  ['energy_mWh', 1000n], ['time_s', 60n], ['volume_mL', 1000n], ['power_W', 1000n],
  ['current_mA', 1000n], ['duration_s', 60n], ['idle_s', 60n],
];

// The larger unit of a step, and the most, by dimension.
export const STEPS = {
  [ENERGY]: [1000n, 10n ** 9n],
  [TIME]: [60n, 2678400n],
  [IDLE]: [60n, 2678400n],
  [VOLUME]: [1000n, 10n ** 9n],
};

const DECIMALS = new Map([
  [0n, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [2n, 'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF '
    + 'CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL '
    + 'HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU '
    + 'MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR '
    + 'SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED '
    + 'VES WST XAD XCD XCG YER ZAR ZMW ZWG'],
  [3n, 'BHD IQD JOD KWD LYD OMR TND'],
  [4n, 'CLF UYW'],
].flatMap(([decimals, codes]) => codes.split(' ').map((code) => [code, decimals])));

export function need(holds, why) {
  if (!holds) refuse(118, why);
}

export const isCurrency = (code) => DECIMALS.has(code);

// decimals of a currency; a code that has none is refused.
export function decimals(currency) {
  const found = DECIMALS.get(currency);
  need(found !== undefined, `the currency ${currency}`);
  return found;
}

// key is a text that two values share if they are the same.
export const key = (value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v));

export const noRanges = () => RANGES.map(() => [0n, 0n]);

export const always = () => ({ windows: [], days: 0n, from: 0n, until: 0n, reservation: 0n, ranges: noRanges() });

export const noIdle = () => ({ grace: 0n, episode: false, retroactive: false, period: 0n, cap: 0n, periodCap: 0n });

export const noLimit = () => ({ gross: false, min: 0n, max: 0n });

// kindsOf gives the rules of idle time as one number, as they are written.
export const kindsOf = (idle) => (idle.episode ? 1n : 0n) + (idle.retroactive ? 2n : 0n) + 4n * idle.period;

export function idleOf(grace, kinds, cap, periodCap) {
  return { grace, episode: (kinds & 1n) !== 0n, retroactive: (kinds & 2n) !== 0n, period: kinds >> 2n, cap, periodCap };
}

export const components = (tariff) => tariff.elements.flatMap((e) => e.components);

export const isOccupancy = (c) => c.dimension === IDLE && c.class === OCCUPANCY;

// written gives a quantity in its larger unit where that is whole, and else
// below zero; quantity is the way back.
export const written = (q, unit) => (q % unit === 0n ? q / unit : -q);
export const quantity = (value, unit) => (value >= 0n ? value * unit : -value);

// checkRules holds a tariff to the bounds of sections 14.1 and 14.3.
export function checkRules(tariff) {
  const { elements, idle } = tariff;
  need(elements.length >= 1 && elements.length <= 64, `${elements.length} elements`);
  need(elements.reduce((n, e) => n + e.when.windows.length, 0) <= 256, 'more than 256 windows');
  for (const element of elements) checkElement(element);
  const pairs = new Set(components(tariff).map((c) => key([c.class, c.taxes])));
  need(pairs.size <= 16, 'more than 16 pairs of class and taxes');
  need(tariff.limit.min >= 0n && tariff.limit.max >= 0n, 'a limit below zero');
  checkIdle(idle, components(tariff).filter(isOccupancy));
}

function checkElement({ when, components: list }) {
  need(list.length >= 1, 'an element without a component');
  for (const c of list) {
    if (when.reservation !== 0n) need(c.dimension === TIME || c.dimension === FLAT, 'a reservation of this dimension');
    need(c.step >= 0n && c.step <= (STEPS[c.dimension]?.[1] ?? 0n), `a step of ${c.step}`);
    need(c.taxes.length <= 4, 'more than four taxes');
  }
  if (when.until !== 0n) need(when.until > when.from, 'until the day from which it holds, or before');
  for (const [least, most] of when.ranges) {
    need(least >= 0n && most <= 2n ** 53n && least <= 2n ** 53n, 'a range that is too far');
    if (most !== 0n) need(most > least, 'a range of nothing');
  }
}

function checkIdle(idle, occupancy) {
  need(idle.grace >= 0n && idle.grace <= 316224000n, `a grace of ${idle.grace}`);
  need((idle.period === 0n) === (idle.periodCap === 0n), 'one of period and cap');
  need(idle.period <= 2n && idle.cap >= 0n && idle.periodCap >= 0n && idle.periodCap <= 2562047788015215n, 'a cap');
  if (idle.cap === 0n && idle.periodCap === 0n) return;
  need(occupancy.every((c) => c.price >= 0n), 'a cap of a price below zero');
  need(new Set(occupancy.map((c) => key(c.taxes))).size <= 1, 'a cap of prices under different taxes');
}
