// SPDX-License-Identifier: Apache-2.0

// Section 14.4: the normal form, step by step as it is described there.

import { ALL_DAYS, DAY, IDLE, always, checkRules, components, isOccupancy, key, need, noIdle, noLimit } from './tariff.mjs';

export function normal(given) {
  const tariff = { ...given, elements: given.elements.map(tidy) };
  checkRules(tariff); // also what is left out below keeps to the rules
  const { elements } = tariff;
  const found = [];
  for (let dimension = 1; dimension <= 5; dimension++) {
    const columns = [1, 2, 3, 4].map((c) => column(elements, dimension, c)).filter((c) => c.length > 0);
    found.push(...cut(columns.filter(isPlain)), ...merge(columns.filter((c) => !isPlain(c))));
  }
  const made = leastScale(effective({ ...tariff, elements: found }));
  checkRules(made);
  return made;
}

// ---- step 1

function tidy({ name, when, components: list }) {
  for (const [from, until] of when.windows) need(from >= 0 && from < DAY && until > 0 && until <= DAY && from !== until, 'a window');
  need(new Set(list.map((c) => key([c.dimension, c.class]))).size === list.length, 'two components for one dimension and class');
  const days = when.days === ALL_DAYS ? 0n : when.days;
  return {
    name,
    when: { ...when, days, windows: joinWindows(when.windows) },
    components: list.map((c) => ({ ...c, taxes: tidyTaxes(c.taxes) })),
  };
}

export function joinWindows(windows) {
  // Those over midnight in two; none is longer than the day then.
  const parts = windows.flatMap(([from, until]) => (from < until ? [[from, until]] : [[from, DAY], [0, until]]));
  const joined = [];
  for (const [from, until] of parts.filter(([f, u]) => f < u).sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], until);
    else joined.push([from, until]);
  }
  if (joined.length === 0) return [];
  const [first, last] = [joined[0], joined.at(-1)];
  if (first[0] !== 0 || last[1] !== DAY) return joined;
  if (first === last) return [];
  return [...joined.slice(1, -1), [last[0], first[1]]];
}

function tidyTaxes(taxes) {
  const order = (a, b) => a.stack - b.stack || compare(a.name, b.name) || compare(a.rate, b.rate);
  const sorted = [...taxes].sort(order);
  const stacks = [...new Set(sorted.map((t) => t.stack))];
  return sorted.map((t) => ({ ...t, stack: stacks.indexOf(t.stack) }));
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// ---- step 2

function column(elements, dimension, cls) {
  const kept = [];
  const seen = new Set();
  const shut = new Set(); // reservations behind which nothing is selected any more
  for (const { name, when, components: list } of elements) {
    const component = list.find((c) => c.dimension === dimension && c.class === cls);
    if (!component || seen.has(key(when)) || shut.has(when.reservation)) continue;
    kept.push({ name, when, component });
    seen.add(key(when));
    if (when.reservation !== 2n && isOpen(when)) shut.add(when.reservation);
  }
  return kept;
}

const noRange = (when) => when.ranges.every(([least, most]) => least === 0n && most === 0n);

// isOpen holds where nothing but perhaps a reservation restricts.
const isOpen = (when) => when.windows.length === 0 && onlyWindows({ ...when, reservation: 0n });

export const onlyWindows = (when) =>
  when.days === 0n && when.from === 0n && when.until === 0n && when.reservation === 0n && noRange(when);

const isPlain = (entries) => entries.every((e) => onlyWindows(e.when));

// ---- step 3

function cut(columns) {
  if (columns.length === 0) return [];
  const edges = columns.flat().flatMap((e) => e.when.windows.flat()).map((edge) => edge % DAY);
  const starts = [...new Set([0, ...edges])].sort((a, b) => a - b);
  const made = new Map();
  starts.forEach((start, i) => {
    const piece = [start, starts[i + 1] ?? DAY];
    for (const [name, list] of selected(columns, start)) {
      const id = key([name, list]);
      if (!made.has(id)) made.set(id, { name, components: list, windows: [] });
      made.get(id).windows.push(piece);
    }
  });
  return [...made.values()].map(asElement).sort((a, b) => a.name - b.name || begin(a) - begin(b));
}

// selected gives the components that hold at a time of day, by name.
function selected(columns, at) {
  const names = new Map();
  for (const entries of columns) {
    const entry = entries.find((e) => holds(e.when.windows, at));
    if (!entry) continue;
    if (!names.has(entry.name)) names.set(entry.name, []);
    names.get(entry.name).push(entry.component);
  }
  return names;
}

function holds(windows, at) {
  if (windows.length === 0) return true;
  return windows.some(([from, until]) => (from < until ? from <= at && at < until : from <= at || at < until));
}

function asElement({ name, components: list, windows }) {
  return { name, components: list, when: { ...always(), windows: joinWindows(windows) } };
}

const begin = (element) => element.when.windows[0]?.[0] ?? 0;

// ---- step 4

function merge(columns) {
  const made = new Map();
  for (const entries of columns) {
    const id = key(entries.map((e) => [e.name, e.when]));
    if (!made.has(id)) made.set(id, entries.map(({ name, when }) => ({ name, when, components: [] })));
    entries.forEach((e, i) => made.get(id)[i].components.push(e.component));
  }
  return [...made.values()].flat();
}

// ---- steps 5 and 6

function effective(tariff) {
  const list = components(tariff);
  const taxed = list.some((c) => c.taxes.length > 0);
  const { gross, min, max } = tariff.limit;
  const limited = min !== 0n || max !== 0n;
  return {
    ...tariff,
    included: tariff.included && taxed,
    limit: limited ? { gross: gross && taxed, min, max } : noLimit(),
    idle: effectiveIdle(tariff.idle, list),
  };
}

function effectiveIdle(idle, list) {
  if (!list.some((c) => c.dimension === IDLE)) return noIdle();
  const made = { ...idle };
  if (made.grace === 0n) Object.assign(made, { episode: false, retroactive: false });
  if (!list.some(isOccupancy)) Object.assign(made, { period: 0n, cap: 0n, periodCap: 0n });
  return made;
}

const amounts = (t) => [...components(t).map((c) => c.price), t.limit.min, t.limit.max, t.idle.cap, t.idle.periodCap];

function leastScale(tariff) {
  let power = 1n;
  let scale = tariff.scale;
  while (scale > 0n && amounts(tariff).every((a) => a % (power * 10n) === 0n)) {
    power *= 10n;
    scale--;
  }
  need(scale <= 9n, 'more than nine decimals');
  const less = (c) => ({ ...c, price: c.price / power });
  const { gross, min, max } = tariff.limit;
  return {
    ...tariff,
    scale,
    elements: tariff.elements.map((e) => ({ ...e, components: e.components.map(less) })),
    limit: { gross, min: min / power, max: max / power },
    idle: { ...tariff.idle, cap: tariff.idle.cap / power, periodCap: tariff.idle.periodCap / power },
  };
}
