// SPDX-License-Identifier: Apache-2.0

// Random tariffs in the JSON form of the vectors: few values for each thing, so
// that windows touch and overlap, restrictions repeat and prices are equal.

const WORDS = ['sharp', 'peak', 'flat', 'valley', 'deep-valley', 'rate-6'];
const CLASSES = ['electricity', 'service', 'occupancy', 'other'];
const PRICE = { energy: 'price_per_kWh', time: 'price_per_hour', idle: 'price_per_hour', flat: 'price', volume: 'price_per_L' };
const STEP = { energy: ['step_mWh', [1000, 1500]], time: ['step_s', [60, 61]], idle: ['step_s', [60, 900]], volume: ['step_mL', [500, 1000]] };
const RANGES = { energy_mWh: 1000, time_s: 60, volume_mL: 999, power_W: 1000, current_mA: 500, duration_s: 60, idle_s: 59 };

// source gives numbers from 0 to n − 1, the same for the same seed (mulberry32).
export function source(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

export function drawTariff(rnd) {
  const one = (list) => list[rnd(list.length)];
  const some = (n, make) => Array.from({ length: 1 + rnd(n) }, make);
  const chance = (n) => rnd(n) === 0;
  const amount = () => one(['0.00', '0.10', '0.20', '0.30', '1.00', '12.00', '0.05']);
  const plain = chance(2); // most of what is restricted by more is of the other form

  const clock = (step) => {
    const s = step * rnd(86400 / step);
    return [s / 3600, (s / 60) % 60].map((n) => String(Math.floor(n)).padStart(2, '0')).join(':');
  };
  const window = () => {
    const step = one([10800, 21600, 1800, 900]);
    const [from, until] = [clock(step), clock(step)];
    return `${from}-${from === until || until === '00:00' ? '24:00' : until}`;
  };
  const range = (unit) => one([{ min: unit }, { max: 2 * unit }, { min: unit, max: 3 * unit }]);

  const when = () => {
    const made = {};
    if (chance(2)) made.windows = some(3, window);
    if (plain) return made;
    if (chance(4)) made.days = one([['monday'], ['saturday', 'sunday'], ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']]);
    if (chance(6)) made.from = '2026-01-01';
    if (chance(6)) made.until = one(['2026-07-01', '2027-01-01']);
    if (chance(4)) made[one(Object.keys(RANGES))] = {};
    for (const name of Object.keys(made)) if (name in RANGES) made[name] = range(RANGES[name]);
    if (chance(5)) made.reservation = one(['reservation', 'expired-reservation']);
    return made;
  };

  const taxes = () => some(2, () => ({ name: one(['VAT', 'GST']), percent: one(['5', '19', '9.975']) })).map((t, i) => (i > 0 && chance(2) ? { ...t, stack: 1 } : t));
  const taxed = chance(3);

  const component = (dimension, cls) => {
    const made = { dimension, class: cls, [PRICE[dimension]]: amount() };
    if (dimension !== 'flat' && chance(5)) made[STEP[dimension][0]] = one(STEP[dimension][1]);
    if (taxed && chance(2)) made.taxes = taxes();
    return made;
  };

  const grid = plain && chance(2);
  const element = () => {
    const made = { when: when() };
    if (chance(2)) made.rate = one(WORDS);
    const dimensions = made.when.reservation ? ['time', 'flat'] : ['energy', 'energy', 'time', 'idle', 'flat', 'volume'];
    const pairs = new Set(grid ? ['energy electricity', 'energy service'] : some(3, () => `${one(dimensions)} ${one(CLASSES)}`));
    made.components = [...pairs].map((pair) => component(...pair.split(' ')));
    if (Object.keys(made.when).length === 0) delete made.when;
    return made;
  };

  const tariff = { rules: 1, currency: one(['EUR', 'CNY', 'JPY']), rounding: { unit: one(['session', 'group', 'component']), mode: one(['half-up', 'down']), payable_decimals: 2 } };
  if (taxed && chance(2)) tariff.tax_included = true;
  if (!grid && chance(4)) tariff.limit = { ...one([{ min: '0.50' }, { max: '9.00' }, { min: '0.50', max: '9.00' }]), ...(chance(2) ? { gross: true } : {}) };
  if (chance(3)) tariff.idle = one([{ grace_s: 900 }, { grace_s: 901, per_episode: true }, { session_cap: '9.00' }, { grace_s: 60, retroactive: true, period_cap: '5.00', period: 'local-day' }]);
  tariff.elements = some(7, element);
  if (grid && chance(2)) tariff.elements.push({ components: [component('idle', 'occupancy')] });
  return tariff;
}
