// SPDX-License-Identifier: Apache-2.0

// Sections 14.2 and 14.3: tariff bytes read, and refused where they are not what
// the tariff that they say is written as.

import { Refused, refuse, same } from './bytes.mjs';
import { readCBOR } from './cbor.mjs';
import { AMOUNT, always, decimals, IDLE, idleOf, need, noIdle, noLimit, OCCUPANCY, quantity, RANGES, STEPS } from './tariff.mjs';
import { slotBits, writeTariff } from './tariff-write.mjs';

const MOST = 20480;
const DEPTH = 7;

export function readTariff(bytes) {
  if (bytes.length > MOST) refuse(101, 'a tariff that is too large');
  const tariff = parse(decoded(bytes));
  need(same(writeTariff(tariff), bytes), 'not the one form of its meaning');
  return tariff;
}

// Whatever is wrong with the bytes of a tariff is number 118.
function decoded(bytes) {
  try {
    return readCBOR(bytes, DEPTH, Infinity);
  } catch (error) {
    if (error instanceof Refused) refuse(118, error.message);
    throw error;
  }
}

function parse(value) {
  need(Array.isArray(value) && value.length >= 4, 'no tariff');
  const [rules, scale, currency, ...rest] = value;
  within(rules, 1n, 1n);
  within(scale, 0n, 9n);
  const front = { scale, currency, rounding: [1n, 1n, decimals(currency)], included: false, limit: noLimit(), idle: noIdle() };
  const form = rest[0] instanceof Uint8Array ? grid : general;
  return { ...front, ...form(rest) };
}

function within(value, least, most) {
  need(typeof value === 'bigint' && value >= least && value <= most, `${value} is not in ${least}..${most}`);
  return value;
}

const amount = (value) => within(value, 0n, AMOUNT);
const price = (value) => within(value, -AMOUNT, AMOUNT);
const whole = (value, unit) => quantity(within(value, -AMOUNT, AMOUNT), unit);

function array(value, least, most) {
  need(Array.isArray(value) && value.length >= least && value.length <= most, 'not an array of this size');
  return value;
}

function options(value, known) {
  if (value === undefined) return new Map();
  need(value instanceof Map && value.size > 0, 'options that are none');
  for (const id of value.keys()) need(known.includes(id), `the option ${id}`);
  return value;
}

function rounding(found) {
  if (!found.has(2n)) return {};
  const [unit, mode, payable] = array(found.get(2n), 3, 3);
  return { rounding: [within(unit, 1n, 3n), within(mode, 1n, 4n), within(payable, 0n, 9n)] };
}

// windows of edges, flat.
function windows(edges) {
  need(edges.length % 2 === 0, 'a window without an end');
  const read = edges.map((edge) => Number(whole(edge, 900n)));
  return Array.from({ length: read.length / 2 }, (_, i) => [read[2 * i], read[2 * i + 1]]);
}

// ---- the grid form

function grid([slots, ...rest]) {
  const last = rest.at(-1);
  const found = options(last instanceof Map ? rest.pop() : undefined, [1n, 2n, 3n]);
  const n = rest.length / 2;
  need(Number.isInteger(n) && n >= 1 && n <= 8, 'no whole rates');
  const names = found.get(1n) ?? Uint8Array.from({ length: n }, (_, i) => i + 1);
  need(names instanceof Uint8Array && names.length === n && names.every((name) => name <= 8), 'names');
  const day = unpacked(slots, n);
  const elements = Array.from({ length: n }, (_, rate) => {
    const half = day.flatMap((r, i) => (r === rate ? [[1800 * i, 1800 * (i + 1)]] : []));
    need(half.length > 0, 'a rate at no half hour');
    const components = [1, 2].map((cls, i) => ({ dimension: 1, class: cls, price: price(rest[2 * rate + i]), step: 0n, taxes: [] }));
    return { name: names[rate], when: { ...always(), windows: half }, components };
  });
  if (!found.has(3n)) return { elements, ...rounding(found) };
  const { element, idle } = occupancy(found.get(3n));
  return { elements: [...elements, element], idle, ...rounding(found) };
}

function unpacked(slots, rates) {
  const size = slotBits(rates);
  need(slots.length === 6 * size, 'slots of another size');
  if (size === 0) return Array(48).fill(0);
  const bits = Array.from(slots, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const day = bits.match(new RegExp(`.{${size}}`, 'g')).map((bit) => parseInt(bit, 2));
  need(day.every((rate) => rate < rates), 'a rate that is not there');
  return day;
}

function occupancy(value) {
  const [zeros, first, step = 0n, grace = 0n, kinds = 0n, cap = 0n, periodCap = 0n, ...edges] = array(value, 2, Infinity);
  const power = 10n ** within(zeros, 0n, 18n);
  const component = {
    dimension: IDLE,
    class: OCCUPANCY,
    price: price(price(first) * power),
    step: whole(step, 60n),
    taxes: [],
  };
  const idle = idleOf(whole(grace, 60n), within(kinds, 0n, 11n), amount(amount(cap) * power), amount(amount(periodCap) * power));
  return { element: { name: 0, when: { ...always(), windows: windows(edges) }, components: [component] }, idle };
}

// ---- the general form

function general(rest) {
  need(rest.length <= 2, 'an item behind the options');
  const found = options(rest[1], [2n, 4n, 5n, 6n, 7n, 8n]);
  need(!(found.has(4n) && found.has(5n)) && !(found.has(6n) && found.has(7n)), 'two of what there is one of');
  const table = taxes(found.get(4n) ?? found.get(5n));
  const elements = array(rest[0], 1, 64).map((e) => element(e, table));
  return { elements, included: found.has(5n), ...rounding(found), ...limit(found), ...idle(found) };
}

function taxes(value) {
  if (value === undefined) return [[]];
  return array(value, 1, 16).map((set) => {
    let stack = 0;
    const flat = array(set, 0, 8);
    need(flat.length % 2 === 0, 'a tax without a rate');
    return Array.from({ length: flat.length / 2 }, (_, i) => {
      const [name, rate] = [flat[2 * i], within(flat[2 * i + 1], -1000001n, 1000000n)];
      need(typeof name === 'string' && /^[ -~]{0,24}$/.test(name), 'the name of a tax');
      if (rate < 0n) stack++;
      return { name, rate: rate < 0n ? -1n - rate : rate, stack };
    });
  });
}

function element(value, table) {
  const list = [...array(value, 1, Infinity)];
  const when = list.at(-1) instanceof Map ? list.pop() : new Map();
  if (list.length < value.length) need(when.size > 0, 'restrictions that are none');
  const components = [];
  while (list.length > 0) components.push(component(list, table));
  return { ...restrictions(when), components };
}

// component takes one off the list.
function component(list, table) {
  const kind = Number(within(list.shift(), 0n, 79n));
  const dimension = Math.floor((kind % 20) / 4) + 1;
  const made = { dimension, class: (kind % 4) + 1, price: price(list.shift()), step: 0n, taxes: table[0] };
  if (kind % 40 >= 20) {
    need(dimension in STEPS, 'a step of a flat fee');
    made.step = whole(list.shift(), STEPS[dimension][0]);
  }
  if (kind >= 40) made.taxes = table[Number(within(list.shift(), 1n, BigInt(table.length - 1)))];
  return made;
}

function restrictions(when) {
  const known = new Map(when);
  const take = (id, least, most) => {
    const value = known.get(id);
    known.delete(id);
    return value === undefined ? 0n : within(value, least, most);
  };
  const edges = known.get(2n);
  known.delete(2n);
  const made = {
    windows: edges === undefined ? [] : windows(array(edges, 2, 512)),
    days: take(3n, 1n, 126n),
    from: take(4n, 1n, 2932896n),
    until: take(5n, 1n, 2932896n),
    reservation: take(6n, 1n, 2n),
    ranges: RANGES.map(([, unit], i) => [7 + 2 * i, 8 + 2 * i].map((id) => quantity(take(BigInt(id), -AMOUNT, AMOUNT), unit))),
  };
  const name = Number(take(1n, 1n, 8n));
  need(known.size === 0, 'a restriction that is not known');
  return { name, when: made };
}

function limit(found) {
  const list = found.get(6n) ?? found.get(7n);
  if (list === undefined) return {};
  const [min, max = 0n] = array(list, 1, 2).map(amount);
  return { limit: { gross: found.has(7n), min, max } };
}

function idle(found) {
  if (!found.has(8n)) return {};
  const [grace, kinds = 0n, cap = 0n, periodCap = 0n] = array(found.get(8n), 1, 4);
  return { idle: idleOf(whole(grace, 60n), within(kinds, 0n, 11n), amount(cap), amount(periodCap)) };
}
