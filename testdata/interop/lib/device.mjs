// SPDX-License-Identifier: Apache-2.0

// Sections 16, 22, 23.3 and 23.4: what a device decides of a code that it scans.
// It holds everything in memory, sells nothing, and has settled nothing: sales are
// taken back before they begin. It has a display.

import { refuse, unhex } from './bytes.mjs';
import { open } from './code.mjs';
import { decimals, components, ENERGY, VOLUME } from './tariff.mjs';
import { readTariff } from './tariff-read.mjs';
import { TrustStore } from './trust.mjs';

const [HELD, WINDOW, HIDDEN] = [480, 180, 2]; // s
const MOST_OPEN = 16;
const MOST_ENERGY = 10n ** 12n;
const ZERO = '0'.repeat(16);
const RIGHTS = { O: 1, X: 2, R: 4 };
const ACKNOWLEDGE = 8;

// no is a refusal that has no number on the wire.
const no = (why) => refuse(100, why);

export class Device {
  constructor({ number, connectors, measures, keys }) {
    Object.assign(this, { number, connectors, measures });
    this.store = new TrustStore(keys);
    this.accepted = new Map(); // hash of an order: its connector while its sale runs, else 0
    this.counts = new Map(); // orders by kid
    this.boots();
  }

  boots() {
    this.open = [];
    for (const hash of this.accepted.keys()) this.accepted.set(hash, 0);
  }

  shows(connector, challenge, uptime) {
    if (this.sale(connector)) no('a connector that is not idle shows no identity');
    this.open.push({ connector, ...challenge, uptime });
    const own = this.open.filter((c) => c.connector === connector);
    if (own.length > MOST_OPEN) this.open.splice(this.open.indexOf(own[0]), 1);
  }

  sale(connector) {
    return [...this.accepted].find(([, on]) => on === connector)?.[0];
  }

  ends(connector) {
    const hash = this.sale(connector);
    if (hash) this.accepted.set(hash, 0);
    this.closes(connector);
  }

  closes(connector) {
    this.open = this.open.filter((c) => c.connector !== connector);
  }

  async scans(text, uptime) {
    const { roots, trusted } = this.store;
    const code = await open(text, [...roots, ...trusted]);
    if (code.kind === 'T') return this.snapshot(code, text);
    const bounds = this.store.delegations.find((d) => d.kid === code.kid) ?? null;
    if (bounds && !this.number.startsWith(bounds.fleet)) no('the fleet of the key');
    if (bounds && !(bounds.rights & RIGHTS[code.kind])) no('a right of the key');
    if (code.kind === 'O') return this.order(code, bounds, uptime);
    if (code.kind === 'X') return this.stop(code);
    return no(`a device takes no ${code.kind}`);
  }

  async snapshot({ hash }, text) {
    if (hash === this.store.hash) return; // the very same: no error, no effect
    await this.store.show(text);
    this.counts.clear();
  }

  stop({ fields }) {
    const hash = [...this.accepted.keys()].find((h) => h.startsWith(fields.order));
    if (!this.accepted.get(hash)) no('no such sale');
    this.ends(this.accepted.get(hash));
  }

  order({ fields, hash, kid }, bounds, uptime) {
    this.addressed(fields, hash);
    this.fresh(fields, uptime);
    const tariff = this.sold(fields);
    if (bounds) this.within(fields, tariff, bounds);
    this.acknowledged(fields, bounds);
    this.counts.set(kid, (this.counts.get(kid) ?? 0) + 1);
    this.accepted.set(hash, fields.connector);
    this.closes(fields.connector);
  }

  addressed({ charger, connector, epoch = 0, challenge }, hash) {
    if (charger !== this.number) no('another device');
    if (connector > this.connectors || this.sale(connector)) no('no such connector, or not idle');
    if (this.accepted.has(hash)) no('accepted before');
    if (epoch > this.store.epoch || epoch < this.store.least) no(`epoch ${epoch}`);
    if (challenge.nonce === ZERO) no('for a device without a display');
  }

  // fresh takes times in ms.
  fresh({ connector, challenge, held_s: held = 0, window_s: window, uncertainty_s: most }, uptime) {
    const { counter, nonce } = challenge;
    const shown = this.open.find((c) => c.connector === connector && c.counter === counter && c.nonce === nonce);
    if (!shown || held > HELD) no('no open challenge');
    const age = uptime - shown.uptime - 1000 * held;
    if (age < -1000 * HIDDEN || age > 1000 * Math.min(window, WINDOW - HIDDEN)) no(`an age of ${age} ms`);
    if (most !== undefined && age > 1000 * most) no('time is not as certain as that');
  }

  // sold is the tariff of an order that this device can sell under.
  sold({ tariff: bytes, scale = 0, target, limits }) {
    if (bytes === undefined) no('a tariff that is not held');
    const tariff = readTariff(unhex(bytes));
    const foreign = this.measures === 'energy' ? VOLUME : ENERGY;
    if (components(tariff).some((c) => Number(c.dimension) === foreign)) no('prices what is not measured');
    if (target?.kind === (foreign === VOLUME ? 2 : 1)) no('a target of what is not measured');
    if (BigInt(scale) < tariff.rounding[2]) no('a scale below the payable decimals');
    if (limits && BigInt(limits.energy_mwh) > MOST_ENERGY) no('too much energy');
    return tariff;
  }

  within({ scale = 0, limits }, { currency }, bounds) {
    if (bounds.currency && bounds.currency !== currency) no('the currency of the key');
    const most = BigInt(bounds.amount);
    if (most > 0n) {
      const amount = BigInt(limits?.amount ?? 0);
      const exponent = BigInt(decimals(bounds.currency));
      if (amount === 0n || amount * 10n ** exponent > most * 10n ** BigInt(scale)) no('the amount of the key');
    }
    if (bounds.quota && (this.counts.get(bounds.kid) ?? 0) >= bounds.quota) no('the quota of the key');
  }

  acknowledged({ ack }, bounds) {
    if (!ack) return;
    if (bounds && !(bounds.rights & ACKNOWLEDGE)) no('no right to acknowledge');
    no('an acknowledgement above the head: nothing was settled'); // sales here settle at zero, and are not chained
  }
}
