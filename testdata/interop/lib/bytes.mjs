// SPDX-License-Identifier: Apache-2.0

// Byte strings, and the one error that every reader here throws.

// Refused says that a text, a payload or a tariff is refused, and under which
// number of section 17.
export class Refused extends Error {
  constructor(number, why) {
    super(`${number}: ${why}`);
    this.number = number;
  }
}

export function refuse(number, why) {
  throw new Refused(number, why);
}

export const hex = (bytes) => Buffer.from(bytes).toString('hex');

export function unhex(text) {
  if (typeof text !== 'string' || !/^([0-9a-f]{2})*$/.test(text)) throw new TypeError(`not hex: ${text}`);
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export const utf8 = (text) => new TextEncoder().encode(text);

export const join = (...parts) => Uint8Array.from(Buffer.concat(parts.map((p) => Buffer.from(p))));

export const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;

// little reads bytes as a number, the first byte the lowest.
export const little = (bytes) => bytes.reduceRight((n, b) => (n << 8n) | BigInt(b), 0n);

export const big = (bytes) => bytes.reduce((n, b) => (n << 8n) | BigInt(b), 0n);
