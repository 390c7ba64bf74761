// SPDX-License-Identifier: Apache-2.0

// Tariffs as the vectors write them for people: `grid` and `tariff`, described in
// testdata/README.md. An unknown member is an error of this program or of the file.

import { always, DAY, idleOf, noIdle, noLimit, RANGES } from './tariff.mjs';

const NAMES = [undefined, 'sharp', 'peak', 'flat', 'valley', 'deep-valley', 'rate-6', 'rate-7', 'rate-8'];
const DIMENSIONS = [null, 'energy', 'time', 'idle', 'flat', 'volume'];
const CLASSES = [null, 'electricity', 'service', 'occupancy', 'other'];
const UNITS = [null, 'session', 'group', 'component'];
const MODES = [null, 'half-up', 'half-even', 'up', 'down'];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const RESERVATIONS = [undefined, 'reservation', 'expired-reservation'];
const PERIODS = [undefined, '24-hours', 'local-day'];
const PRICES = [null, 'price_per_kWh', 'price_per_hour', 'price_per_hour', 'price', 'price_per_L'];
const STEPS = [null, 'step_mWh', 'step_s', 'step_s', null, 'step_mL'];

// Amounts are read at this scale; the normal form finds the least one.
const SCALE = 9n;

function only(json, ...names) {
  for (const name of Object.keys(json)) if (!names.includes(name)) throw new Error(`the member ${name} is unknown`);
  return json;
}

function index(words, word) {
  const found = words.indexOf(word);
  if (found < 0) throw new Error(`the word ${word} is unknown`);
  return found;
}

function decimal(text, scale) {
  if (text === undefined) return 0n;
  const [, minus, whole, part = ''] = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  const number = BigInt(whole + part.padEnd(Number(scale), '0').slice(0, Number(scale)));
  if (/[1-9]/.test(part.slice(Number(scale)))) throw new Error(`${text} has too many decimals`);
  return minus ? -number : number;
}

const amount = (text) => decimal(text, SCALE);

export function fromGrid(grid) {
  only(grid, 'rules', 'scale', 'currency', 'slots', 'rates', 'rounding');
  const elements = grid.rates.map(({ name, electricity, service }, rate) => ({
    name,
    when: { ...always(), windows: [...grid.slots].flatMap((r, i) => (Number(r) === rate ? [[1800 * i, 1800 * (i + 1)]] : [])) },
    components: [electricity, service].map((price, i) => ({ dimension: 1, class: i + 1, price: BigInt(price), step: 0n, taxes: [] })),
  }));
  const { currency, scale, rounding } = grid;
  return { currency, scale: BigInt(scale), rounding: rounding.map(BigInt), included: false, limit: noLimit(), idle: noIdle(), elements };
}

export function fromJSON(json) {
  only(json, 'rules', 'currency', 'rounding', 'tax_included', 'limit', 'idle', 'elements');
  const { unit, mode, payable_decimals: payable } = json.rounding;
  return {
    currency: json.currency,
    scale: SCALE,
    rounding: [index(UNITS, unit), index(MODES, mode), payable].map(BigInt),
    included: json.tax_included === true,
    limit: limit(json.limit),
    idle: idle(json.idle),
    elements: json.elements.map(element),
  };
}

function limit(json) {
  if (!json) return noLimit();
  const { gross = false, min, max } = only(json, 'gross', 'min', 'max');
  return { gross, min: amount(min), max: amount(max) };
}

function idle(json) {
  if (!json) return noIdle();
  only(json, 'grace_s', 'per_episode', 'retroactive', 'session_cap', 'period', 'period_cap');
  const kinds = (json.per_episode ? 1 : 0) + (json.retroactive ? 2 : 0) + 4 * index(PERIODS, json.period);
  return idleOf(BigInt(json.grace_s ?? 0), BigInt(kinds), amount(json.session_cap), amount(json.period_cap));
}

function element(json) {
  const { rate, when: restrictions = {}, components } = only(json, 'rate', 'when', 'components');
  return { name: index(NAMES, rate), when: when(restrictions), components: components.map(component) };
}

function component(json) {
  const dimension = index(DIMENSIONS, json.dimension);
  const [price, step] = [PRICES[dimension], STEPS[dimension]];
  only(json, 'dimension', 'class', 'taxes', price, step);
  return {
    dimension,
    class: index(CLASSES, json.class),
    price: amount(json[price]),
    step: BigInt(json[step] ?? 0),
    taxes: (json.taxes ?? []).map(({ name = '', percent, stack = 0 }) => ({ name, rate: decimal(percent, 3n), stack })),
  };
}

function when(json) {
  only(json, 'windows', 'days', 'from', 'until', 'reservation', ...RANGES.map(([name]) => name));
  return {
    windows: (json.windows ?? []).map((w) => w.split('-').map(clock)).map(([from, until]) => [from, from > 0 && until === 0 ? DAY : until]),
    days: BigInt((json.days ?? []).reduce((sum, day) => sum | (1 << index(DAYS, day)), 0)),
    from: date(json.from),
    until: date(json.until),
    reservation: BigInt(index(RESERVATIONS, json.reservation)),
    ranges: RANGES.map(([name]) => ['min', 'max'].map((end) => BigInt(json[name]?.[end] ?? 0))),
  };
}

function clock(text) {
  const [hours, minutes, seconds = 0] = text.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}

const date = (text) => (text === undefined ? 0n : BigInt(Date.parse(`${text}T00:00:00Z`) / 86400000));
