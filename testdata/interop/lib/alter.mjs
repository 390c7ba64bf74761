// SPDX-License-Identifier: Apache-2.0

// Alters the payload of a vector at random, as a decoded value and now and then
// as bytes: most results break one rule, some none.

import { readCBOR, writeCBOR } from './cbor.mjs';

const EDGES = [0n, 1n, 2n, 3n, 6n, 8n, 10n, 11n, 15n, 16n, 180n, 181n, 255n, 256n, 480n, 481n, 511n, 512n, 65535n, 65536n, 64800n, 64801n,
  31622400n, 31622401n, 2n ** 32n - 2n, 2n ** 32n - 1n, 2n ** 32n, 10n ** 11n, 10n ** 11n + 1n, 2n ** 53n, 2n ** 53n + 1n,
  2n ** 60n, 2n ** 60n + 1n, 2n ** 63n, 2n ** 64n - 1n];

// Currencies with and without decimals, and what is none.
const CODES = ['CNY', 'JPY', 'XAU', 'XXX', 'eur', 'EURO', ''];

const ODD = [null, true, 1.5, 'x', '', '\u{202e}', '\u{fffd}', '桩', new Uint8Array(0), new Uint8Array(8), [], [0n], [28800n], new Map(), new Map([[1n, new Uint8Array(1)]]), new Map([[-1n, new Uint8Array(1)]])];

export function alterPayload(payload, rnd) {
  const one = (list) => list[rnd(list.length)];
  if (rnd(8) === 0) return alterBytes(payload, rnd);

  const integer = (n) => one([n + 1n, n - 1n, -n, n * 2n, one(EDGES), -1n - one(EDGES)]);
  const bytes = (b) => {
    const [made, change] = [Uint8Array.from(b), rnd(4)];
    if (change === 0) return made.subarray(0, made.length - 1 - rnd(4));
    if (change === 1) return Uint8Array.from([...made, ...new Uint8Array(1 + rnd(4))]);
    if (change === 2) return new Uint8Array(made.length);
    if (made.length > 0) made[rnd(made.length)] ^= 1 << rnd(8);
    return made;
  };
  const list = (items) => {
    const made = [...items];
    const [i, change] = [rnd(made.length || 1), rnd(7)];
    if (change === 0) made.splice(i, 1);
    else if (change === 1) made.push(made[i]);
    else if (change === 2) made.push(...made);
    else if (change === 3) [made[0], made[i]] = [made[i], made[0]];
    else made[i] = value(made[i]);
    return made;
  };
  const map = (entries) => {
    const made = new Map(entries);
    const [key, change] = [one([...made.keys()]), rnd(8)];
    if (change === 0) made.delete(key);
    else if (change === 1) made.set(BigInt(rnd(22)), one([one(EDGES), one(ODD)]));
    else if (change === 2) made.set(-1n - BigInt(rnd(40000)), new Uint8Array(1));
    else if (key !== undefined) made.set(key, value(made.get(key)));
    return made;
  };
  const value = (v) => {
    if (rnd(12) === 0) return one(ODD);
    if (typeof v === 'bigint') return integer(v);
    if (typeof v === 'string') return one([`${v}${one(['a', '\n', '\u{200d}', '\u{ad}', '\u{1f50c}', '\u{10fffd}', '\u{feff}'])}`, v.slice(1), v.repeat(6), one(CODES)]);
    if (v instanceof Uint8Array) return bytes(v);
    return Array.isArray(v) ? list(v) : v instanceof Map ? map(v) : one(ODD);
  };

  const whole = readCBOR(payload, 16, Infinity);
  return writeCBOR(rnd(60) === 0 ? value(whole) : map(whole));
}

function alterBytes(payload, rnd) {
  const made = Uint8Array.from(payload);
  made[rnd(made.length)] ^= 1 << rnd(8);
  return made;
}
