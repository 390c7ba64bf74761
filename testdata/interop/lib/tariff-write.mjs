// SPDX-License-Identifier: Apache-2.0

// Sections 14.2 and 14.3: the bytes of a tariff in its normal form.

import { writeCBOR } from './cbor.mjs';
import { components, DAY, decimals, ENERGY, isOccupancy, key, kindsOf, need, RANGES, STEPS, written } from './tariff.mjs';
import { normal, onlyWindows } from './normal.mjs';

const SLOT = 1800;
const SLOTS = DAY / SLOT;

export function writeTariff(tariff) {
  const t = normal(tariff);
  const front = [1n, t.scale, t.currency];
  const bytes = writeCBOR([...front, ...(gridForm(t) ?? generalForm(t))]);
  need(bytes.length <= 20480, 'a tariff that is too large');
  return bytes;
}

const edge = (s) => written(BigInt(s), 900n);

// withoutZeros leaves out the zeros at the end, but for the first items.
function withoutZeros(list, keep) {
  let n = list.length;
  while (n > keep && list[n - 1] === 0n) n--;
  return list.slice(0, n);
}

function optionRounding(t) {
  const usual = [1n, 1n, decimals(t.currency)];
  return key(t.rounding) === key(usual) ? [] : [[2n, t.rounding]];
}

const asOptions = (entries) => (entries.length === 0 ? [] : [new Map(entries)]);

// ---- the grid form

// gridForm gives what stands behind the front, or null where the tariff has the
// other form.
function gridForm(t) {
  const end = t.elements.findIndex((e) => e.components[0].dimension !== ENERGY);
  const rates = end < 0 ? t.elements : t.elements.slice(0, end);
  const behind = t.elements.slice(rates.length);
  const taxed = components(t).some((c) => c.taxes.length > 0);
  if (taxed || t.limit.min !== 0n || t.limit.max !== 0n) return null;
  if (behind.length > 1 || !behind.every(isFee) || !rates.every(isRate)) return null;
  const slots = slotsOf(rates);
  if (!slots || !namesFit(rates) || rates.length > 8) return null;
  const entries = [...optionNames(rates), ...optionRounding(t), ...behind.map((e) => [3n, occupancy(e, t.idle)])];
  const prices = rates.flatMap((e) => e.components.map((c) => c.price));
  return [packed(slots, rates.length), ...prices, ...asOptions(entries)];
}

const isRate = (e) => onlyWindows(e.when) && e.components.length === 2
  && e.components.every((c, i) => c.dimension === ENERGY && c.class === i + 1 && c.step === 0n);

const isFee = (e) => e.name === 0 && onlyWindows(e.when) && e.components.length === 1 && isOccupancy(e.components[0]);

function namesFit(rates) {
  const names = rates.map((e) => e.name).filter((name) => name !== 0);
  return new Set(names).size === names.length;
}

// slotsOf gives the rate of each half hour, or null where the windows have other
// edges or do not fill the day.
function slotsOf(rates) {
  const slots = Array(SLOTS).fill(-1);
  for (const [rate, { when }] of rates.entries()) {
    if (when.windows.flat().some((s) => s % SLOT !== 0)) return null;
    const all = when.windows.length === 0 ? [[0, DAY]] : when.windows;
    for (const [from, until] of all) {
      for (let s = from; s !== until; s = s + SLOT === until ? until : (s + SLOT) % DAY) slots[s / SLOT] = rate;
    }
  }
  return rates.length > 0 && slots.every((rate) => rate >= 0) ? slots : null;
}

export const slotBits = (rates) => [0, 0, 1, 2, 2, 3, 3, 3, 3][rates];

function packed(slots, rates) {
  const bits = slots.map((rate) => rate.toString(2).padStart(3, '0').slice(3 - slotBits(rates))).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}

function optionNames(rates) {
  const names = rates.map((e) => e.name);
  return names.every((name, i) => name === i + 1) ? [] : [[1n, Uint8Array.from(names)]];
}

function occupancy({ when, components: [c] }, idle) {
  const amounts = [c.price, idle.cap, idle.periodCap];
  let [zeros, power] = [0n, 1n];
  while (amounts.some((a) => a !== 0n) && amounts.every((a) => a % (power * 10n) === 0n)) {
    zeros++;
    power *= 10n;
  }
  const edges = when.windows.flat().map(edge);
  const step = written(c.step, 60n);
  const list = [zeros, c.price / power, step, written(idle.grace, 60n), kindsOf(idle), idle.cap / power, idle.periodCap / power];
  return edges.length > 0 ? [...list, ...edges] : withoutZeros(list, 2);
}

// ---- the general form

function generalForm(t) {
  const sets = taxSets(t);
  const elements = t.elements.map((e) => {
    const when = whenOf(e);
    const list = e.components.flatMap((c) => component(c, sets));
    return when.size > 0 ? [...list, when] : list;
  });
  return [elements, ...asOptions([...optionRounding(t), ...optionTaxes(t, sets), ...optionLimit(t), ...optionIdle(t)])];
}

// taxSets gives the sets in the order of their use; none where nothing is taxed.
function taxSets(t) {
  const sets = new Map(components(t).map((c) => [key(c.taxes), c.taxes]));
  return [...sets.values()].every((taxes) => taxes.length === 0) ? [] : [...sets.values()];
}

function component(c, sets) {
  const set = Math.max(sets.findIndex((taxes) => key(taxes) === key(c.taxes)), 0);
  const kind = 4 * (c.dimension - 1) + c.class - 1 + (c.step !== 0n ? 20 : 0) + (set > 0 ? 40 : 0);
  const step = c.step !== 0n ? [written(c.step, STEPS[c.dimension][0])] : [];
  return [BigInt(kind), c.price, ...step, ...(set > 0 ? [BigInt(set)] : [])];
}

function whenOf({ name, when }) {
  const all = [[1n, BigInt(name)], [2n, when.windows.flat().map(edge)], [3n, when.days], [4n, when.from], [5n, when.until], [6n, when.reservation]];
  RANGES.forEach(([, unit], i) => {
    const [least, most] = when.ranges[i];
    all.push([BigInt(7 + 2 * i), written(least, unit)], [BigInt(8 + 2 * i), written(most, unit)]);
  });
  return new Map(all.filter(([, value]) => value !== 0n && value.length !== 0));
}

function optionTaxes(t, sets) {
  if (sets.length === 0) return [];
  const table = sets.map((taxes) => taxes.flatMap((tax, i) => {
    const next = tax.stack !== (i === 0 ? 0 : taxes[i - 1].stack);
    return [tax.name, next ? -1n - tax.rate : tax.rate];
  }));
  return [[t.included ? 5n : 4n, table]];
}

function optionLimit({ limit: { gross, min, max } }) {
  const list = withoutZeros([min, max], 0);
  return list.length === 0 ? [] : [[gross ? 7n : 6n, list]];
}

function optionIdle({ idle }) {
  const list = withoutZeros([written(idle.grace, 60n), kindsOf(idle), idle.cap, idle.periodCap], 0);
  return list.length === 0 ? [] : [[8n, list]];
}
