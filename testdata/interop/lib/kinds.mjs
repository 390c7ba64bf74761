// SPDX-License-Identifier: Apache-2.0

// Sections 2, 10 to 13 and 22 to 24: the payloads of the seven kinds, with the
// rules that CDDL cannot say.

import { unhex } from './bytes.mjs';
import { faultOfEd25519 } from './keys.mjs';
import { also, bytes, extensions, int, list, record, tuple, wrong } from './shapes.mjs';
import { isCurrency } from './tariff.mjs';

const QUANTITY = 2n ** 60n;
const TIER = 2n ** 53n;
const YEAR = 31622400;
const OPTIONAL = true;

const quantity = int(0, QUANTITY);
const some = int(1, QUANTITY);
const signed = int(-QUANTITY, QUANTITY);
const unix = int(1, 100000000000n);
const duration = int(0, YEAR);
const counter = int(1, 4294967295);
const connector = int(1, 255);
const component = int(0, 65535);
const ref = bytes(16);
const short = bytes(8);
const challenge = tuple({ counter, nonce: bytes(8) });
const ack = tuple({ seq: counter, sum: short });
const EXT = [0, 'ext', extensions, OPTIONAL];

// No identity shows this nonce: an order with it answers none, section 25.
const NO_NONCE = '0000000000000000';

// What no display of a device can show, section 10.
const HIDDEN = /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{61c}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{fdd0}-\u{fdef}\u{feff}\u{fff0}-\u{ffff}\u{e0000}-\u{10ffff}]/u;

const place = {
  read(value) {
    if (typeof value !== 'string') wrong('not text');
    const size = Buffer.byteLength(value);
    if (size < 1 || size > 32) wrong(`a place of ${size} bytes`);
    if (HIDDEN.test(value)) wrong('a character that cannot be shown');
    return value;
  },
  write: (json) => json,
};

const ascending = (items) => items.every((item, i) => i === 0 || BigInt(items[i - 1]) < BigInt(item));
const each = (items, step, at) => items.filter((_, i) => i % step === at);
const climbs = (items) => items.every((item, i) => i === 0 || BigInt(items[i - 1]) <= BigInt(item));

const identity = record([
  EXT,
  [1, 'connector', connector],
  [2, 'state', int(0, 5)],
  [3, 'place', place, OPTIONAL],
  [4, 'challenge', challenge],
  [5, 'boot', counter],
  [6, 'wall_unix_s', unix, OPTIONAL],
  [7, 'clock', int(1, 3), OPTIONAL],
  [8, 'epoch', counter, OPTIONAL],
  [9, 'rules', int(1, 255)],
  [10, 'tariffs', bytes(4, 32, 4), OPTIONAL],
  [11, 'health', int(1, 3), OPTIONAL],
  [12, 'alarms', int(1, 511), OPTIONAL],
  [13, 'head', tuple({ seq: counter, sum: short, total_mwh_or_ml: quantity }), OPTIONAL],
  [14, 'open', also(bytes(4, 64, 4), (open) => !open.endsWith('00000000'), 'no order on the last connector'), OPTIONAL],
  [15, 'back', int(1, 4294967294), OPTIONAL],
  [16, 'records', list(1, 4, bytes(1, 256)), OPTIONAL],
]);

function checkIdentity(f) {
  if (f.challenge.nonce === NO_NONCE) wrong('the nonce of no identity');
  if (('wall_unix_s' in f) !== ('clock' in f)) wrong('one of Wall and Clock');
  if ('back' in f && f.back >= f.challenge.counter) wrong('Back is not below the counter');
  if ('records' in f && !('head' in f)) wrong('Records without a Head');
}

const offset = int(-64800, 64800);

// An offset, and up to two changes: moment, offset.
const offsets = {
  read(value) {
    if (!Array.isArray(value) || ![1, 3, 5].includes(value.length)) wrong('not 1, 3 or 5 offsets');
    const json = value.map((item, i) => (i % 2 === 0 ? offset : unix).read(item));
    if (json.length === 1 && json[0] === 0) wrong('UTC, written out');
    if (!ascending(each(json, 2, 1))) wrong('moments that do not ascend');
    const held = each(json, 2, 0);
    if (held.some((o, i) => i > 0 && o === held[i - 1])) wrong('a change that changes nothing');
    return json;
  },
  write: (json) => json.map(BigInt),
};

const TARGETS = { 1: some, 2: some, 3: some, 4: int(1, YEAR) };

const target = {
  read(value) {
    const { kind } = tuple({ kind: int(1, 4), value: quantity }).read(value);
    return { kind, value: TARGETS[kind].read(value[1]) };
  },
  write: (json) => [BigInt(json.kind), BigInt(json.value)],
};

const facts = record([
  [1, 'reserved_s', int(1, YEAR), OPTIONAL],
  [2, 'expired', int(1, 1), OPTIONAL],
  [3, 'energy_mwh', int(1, TIER), OPTIONAL],
  [4, 'time_s', int(1, TIER), OPTIONAL],
  [5, 'volume_ml', int(1, TIER), OPTIONAL],
]);

const limits = tuple({ energy_mwh: quantity, volume_ml: quantity, duration_s: duration, amount: quantity });

const order = record([
  EXT,
  [1, 'id', bytes(8)],
  [2, 'charger', bytes(1, 7)],
  [3, 'connector', connector],
  [4, 'challenge', challenge],
  [5, 'issued_unix_s', unix],
  [6, 'held_s', int(1, 480), OPTIONAL],
  [7, 'window_s', int(1, 180)],
  [8, 'tariff', bytes(1, 512), OPTIONAL],
  [9, 'tariff_hash', ref, OPTIONAL],
  [10, 'offsets', offsets, OPTIONAL],
  [11, 'scale', int(1, 6), OPTIONAL],
  [12, 'target', target, OPTIONAL],
  [13, 'limits', also(limits, (l) => Object.values(l).some((n) => n !== 0), 'limits that limit nothing'), OPTIONAL],
  [14, 'funding', int(1, 6)],
  [15, 'facts', also(facts, (f) => Object.keys(f).length > 0, 'facts that say nothing'), OPTIONAL],
  [16, 'uncertainty_s', int(1, 65535), OPTIONAL],
  [17, 'epoch', counter, OPTIONAL],
  [18, 'ack', ack, OPTIONAL],
]);

const PREPAID = 3;

function checkOrder(f) {
  if (('tariff' in f) === ('tariff_hash' in f)) wrong('not one of Tariff and TariffHash');
  if (f.challenge.nonce !== NO_NONCE) return;
  if (!f.limits || f.limits.amount === 0 || f.funding !== PREPAID || 'held_s' in f) wrong('an order that answers no identity, and is not paid');
}

const settlement = record([
  EXT,
  [1, 'connector', connector],
  [2, 'seq', counter],
  [3, 'previous', ref],
  [4, 'order', ref],
  [5, 'boot', counter],
  [6, 'start_unix_s', unix],
  [7, 'duration_s', duration],
  [8, 'uncertainty_s', int(0, 65535)],
  [9, 'register_mwh_or_ml', quantity],
  [10, 'delivered_mwh_or_ml', quantity],
  [11, 'cells', also(list(1, 32, component, some), (c) => ascending(each(c, 2, 0)), 'cells that do not ascend'), OPTIONAL],
  [12, 'last', also(list(1, 16, component), ascending, 'components that do not ascend'), OPTIONAL],
  [13, 'flats', also(list(1, 16, component), ascending, 'components that do not ascend'), OPTIONAL],
  [14, 'payable', signed],
  [15, 'waived', some, OPTIONAL],
  [16, 'reason', int(1, 10)],
  [17, 'total_mwh_or_ml', quantity],
  [18, 'marks', list(1, 16, duration, quantity, int(0, 255)), OPTIONAL],
  [19, 'evidence', ref, OPTIONAL],
]);

function checkSettlement(f) {
  if ((f.seq === 1) !== /^0+$/.test(f.previous)) wrong('Previous does not fit Seq');
  if (BigInt(f.total_mwh_or_ml) < BigInt(f.delivered_mwh_or_ml)) wrong('Total is below Delivered');
  if (!('marks' in f)) return;
  const [moments, deliveries] = [each(f.marks, 3, 0), each(f.marks, 3, 1)];
  if (!climbs([...moments, f.duration_s])) wrong('moments of marks');
  if (!climbs([...deliveries, f.delivered_mwh_or_ml])) wrong('deliveries of marks');
}

const receipt = record([
  EXT,
  [1, 'settlement', ref],
  [2, 'paid', signed],
  [3, 'refunded', some, OPTIONAL],
  [4, 'time_unix_s', unix],
  [5, 'ack', ack, OPTIONAL],
  [6, 'anchor', bytes(12), OPTIONAL],
]);

const stop = record([
  EXT,
  [1, 'order', ref],
]);

const currency = {
  read(value) {
    if (typeof value !== 'string' || !isCurrency(value)) wrong(`the currency ${value}`);
    return value;
  },
  write: (json) => json,
};

const anyCurrency = { ...currency, read: (value) => (value === '' ? '' : currency.read(value)) };

// Whether it is a point at all is for the device to find out.
const delegated = {
  read(value) {
    const json = bytes(32, 33).read(value);
    const fault = value.length === 32 ? faultOfEd25519(value) : ['02', '03'].includes(json.slice(0, 2)) ? '' : 'no compressed point';
    if (fault) wrong(fault);
    return json;
  },
  write: unhex,
};

const delegation = also(tuple({
  kid: bytes(1, 8),
  public: delegated,
  fleet: bytes(0, 7),
  currency: anyCurrency,
  amount: quantity,
  quota: int(0, 4294967295),
  rights: also(int(1, 15), (rights) => rights !== 8, 'a right to acknowledge, and to sign nothing'),
}), (d) => d.amount === 0 || d.currency !== '', 'an amount of no currency');

// Hex has two digits a byte, so it sorts as the bytes do.
const byKid = (list) => list.every((d, i) => i === 0 || list[i - 1].kid < d.kid);

const trust = record([
  EXT,
  [1, 'epoch', counter],
  [2, 'least', counter, OPTIONAL],
  [3, 'delegations', also(list(1, 16, delegation), byKid, 'kids that do not ascend'), OPTIONAL],
]);

function checkTrust(f) {
  if ('least' in f && f.least > f.epoch) wrong('Least is above Epoch');
}

const voucher = record([
  EXT,
  [1, 'id', bytes(16)],
  [2, 'amount', some],
  [3, 'scale', int(1, 6), OPTIONAL],
  [4, 'currency', currency],
  [5, 'from_unix_s', unix],
  [6, 'until_unix_s', unix],
]);

function checkVoucher(f) {
  if (f.until_unix_s <= f.from_unix_s) wrong('Until is not above From');
}

const nothingMore = () => {};

export const KINDS = {
  I: { shape: identity, check: checkIdentity, device: true },
  O: { shape: order, check: checkOrder, device: false },
  S: { shape: settlement, check: checkSettlement, device: true },
  R: { shape: receipt, check: nothingMore, device: false },
  X: { shape: stop, check: nothingMore, device: false },
  T: { shape: trust, check: checkTrust, device: false },
  V: { shape: voucher, check: checkVoucher, device: false },
};
