// SPDX-License-Identifier: Apache-2.0

// Shows that run.mjs can fail: vectors are altered one by one, and each has to be
// noticed. A judge that never disagrees would prove nothing.
//
//     node selftest.mjs [testdata/v1]

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FOLDERS } from './lib/judge.mjs';
import { vectors, walk } from './lib/walk.mjs';

const root = process.argv[2] ?? fileURLToPath(new URL('../v1', import.meta.url));

// flip alters the last hex or decimal digit of a text.
const flip = (text) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');

// OTHER gives a field of another value, one that each code of the kind has.
const OTHER = {
  I: (f) => ({ connector: f.connector ^ 1 }),
  O: (f) => ({ connector: f.connector ^ 1 }),
  S: (f) => ({ connector: f.connector ^ 1 }),
  R: (f) => ({ settlement: flip(f.settlement) }),
  X: (f) => ({ order: flip(f.order) }),
  T: (f) => ({ epoch: f.epoch ^ 1 }),
  V: (f) => ({ id: flip(f.id) }),
};

// step alters the last step of a sequence.
const step = (alter) => (v) => ({ ...v, steps: [...v.steps.slice(0, -1), { ...v.steps.at(-1), ...alter(v.steps.at(-1)) }] });

// Each alteration gives a copy that the judge has to disagree with.
const ALTERED = {
  positive: {
    'a digit of the text': (v) => ({ ...v, text: flip(v.text) }),
    'a digit of the link': (v) => ({ ...v, link: flip(v.link) }),
    'another field': (v) => ({ ...v, fields: { ...v.fields, ...OTHER[v.kind](v.fields) } }),
    'a field more': (v) => ({ ...v, fields: { ...v.fields, more: 1 } }),
    'another hash': (v) => ({ ...v, sum: flip(v.sum) }),
    'another payload': (v) => ({ ...v, payload_cbor: flip(v.payload_cbor) }),
    'another Sig_structure': (v) => ({ ...v, to_be_signed: flip(v.to_be_signed) }),
    'another envelope': (v) => ({ ...v, envelope: flip(v.envelope) }),
    'another notation': (v) => ({ ...v, diagnostic: `${v.diagnostic} ` }),
    'another signer': (v) => ({ ...v, signer: { ...v.signer, seed: flip(v.signer.seed) } }),
    'no keys': (v) => ({ ...v, keys: [] }),
    'keys for other kinds': (v) => ({ ...v, keys: v.keys.map((k) => ({ ...k, kinds: '' })) }),
    'a member more': (v) => ({ ...v, more: 1 }),
  },
  negative: {
    'the sound code': (v) => ({ ...v, text: v.sound.text, keys: v.sound.keys }),
    'another number': (v) => ({ ...v, error: v.error + 1 }),
    'no sound code': (v) => ({ ...v, sound: { text: v.text, keys: v.keys ?? [] } }),
  },
  'link-negative': {
    'the sound base': (v) => ({ ...v, base: v.sound }),
    'no sound base': (v) => ({ ...v, sound: v.base }),
  },
  'keys-positive': {
    'another key': (v) => ({ ...v, keys: [{ ...v.keys[0], kinds: 'V' }, ...v.keys.slice(1)] }),
    'another generation': (v) => ({ ...v, jwk_set: v.jwk_set.replace(/"kid":"([0-9a-f]+)"/, '"kid":"$1ff"') }),
    'a digit of the COSE_KeySet': (v) => ({ ...v, cose_key_set: flip(v.cose_key_set) }),
    'a member more': (v) => ({ ...v, more: 1 }),
  },
  'keys-negative': {
    'the sound set': (v) => ({ ...v, ...v.sound }),
    'no sound set': ({ jwk_set, cose_key_set, ...v }) => ({ ...v, ...(jwk_set ? { jwk_set, sound: { jwk_set } } : { cose_key_set, sound: { cose_key_set } }) }),
    'another number': (v) => ({ ...v, error: v.error + 1 }),
  },
  'parts-positive': {
    'another name': (v) => ({ ...v, set: flip(v.set) }),
    'a part less': (v) => ({ ...v, parts: v.parts.slice(1) }),
    'parts in another order': (v) => ({ ...v, parts: [...v.parts].reverse() }),
    'another envelope': (v) => ({ ...v, envelope: flip(v.envelope) }),
    'another base': (v) => ({ ...v, base: 'HTTPS://ELSEWHERE.EXAMPLE/' }),
  },
  'parts-negative': {
    'the sound parts': (v) => ({ ...v, texts: v.sound }),
    'another number': (v) => ({ ...v, error: v.error + 1 }),
    'a part less': (v) => ({ ...v, sound: v.sound.slice(1) }),
  },
  'parts-sequence': {
    'a part more': step((s) => ({ have: s.have + 1 })),
    'of more parts': step((s) => ({ count: s.count + 1 })),
    'another whole': step((s) => ({ whole: s.whole ? '' : s.text })),
    'another number': step((s) => ({ error: s.error + 1 })),
    'a step less': (v) => ({ ...v, steps: v.steps.slice(1) }),
  },
  'tariff-positive': {
    'a digit of the bytes': (v) => ({ ...v, bytes: flip(v.bytes) }),
    'another hash': (v) => ({ ...v, hash: flip(v.hash) }),
    'another currency': (v) => ('tariff' in v ? { ...v, tariff: { ...v.tariff, currency: 'XAF' } } : { ...v, grid: { ...v.grid, currency: 'XAF' } }),
    'another notation': (v) => ({ ...v, diagnostic: `${v.diagnostic} ` }),
  },
  'tariff-negative': {
    'the sound tariff': (v) => ({ ...v, bytes: v.sound }),
    'no sound tariff': (v) => ({ ...v, sound: v.bytes }),
    'another number': (v) => ({ ...v, error: v.error + 1 }),
  },
  trust: {
    'another epoch': step((s) => ({ epoch: s.epoch + 1 })),
    'another least epoch': step((s) => ({ least: s.least + 1 })),
    'another kind': step((s) => ({ text: s.text.replace('QT1', 'QO1') })),
    'another number': step((s) => ({ error: s.error + 1 })),
    'taken for refused, or refused for taken': step((s) => ({ error: s.error ? 0 : 129 })),
    'a key more': step((s) => ({ trusted: [...s.trusted, { kid: 'ff', alg: -19, kinds: 'O', number: '', public: '00'.repeat(32) }] })),
    'a member more': step(() => ({ more: 1 })),
    'no roots': (v) => ({ ...v, keys: v.keys.filter((k) => k.kinds !== 'T').map((k) => ({ ...k, kinds: '' })) }),
    'a root that sells': (v) => ({ ...v, keys: v.keys.map((k) => ({ ...k, kinds: `${k.kinds}OT` })) }),
  },
  device: {
    'taken for refused, or refused for taken': step((s) => ({ taken: !s.taken })),
    'another device': (v) => ({ ...v, device: { ...v.device, number: flip(v.device.number) } }),
    'nobody is trusted': (v) => ({ ...v, device: { ...v.device, keys: [] } }),
    'other nonces': (v) => ({ ...v, steps: v.steps.map((s) => (s.challenge ? { ...s, challenge: { ...s.challenge, nonce: flip(s.challenge.nonce) } } : s)) }),
    'all at another time': (v) => ({ ...v, steps: v.steps.map((s, i) => ({ ...s, uptime_ms: 700_000 * i })) }),
    'a member more': step(() => ({ more: 1 })),
  },
  carried: {
    'another record': (v) => ({ ...v, records: v.records.map((r) => ({ ...r, clear: flip(r.clear) })) }),
    'another info': (v) => ({ ...v, records: v.records.map((r) => ({ ...r, info: flip(r.info) })) }),
    'another key': (v) => ({ ...v, records: v.records.map((r) => ({ ...r, key: flip(r.key) })) }),
    'another server': (v) => ({ ...v, server_private: `32${v.server_private.slice(2)}` }),
    'another secret': (v) => ({ ...v, shared_secret: flip(v.shared_secret) }),
    'another salt': (v) => ({ ...v, salt: flip(v.salt) }),
    'a digit of the text': (v) => ({ ...v, text: flip(v.text) }),
  },
  'carried-negative': {
    'the sound code and keys': (v) => ({ ...v, ...v.sound }),
    'no sound code': (v) => ({ ...v, sound: { text: v.text, server_private: v.server_private, device_public: v.device_public } }),
    'refused for another reason': (v) => ({ ...v, refused: v.refused === 'key' ? 'record' : 'key' }),
  },
};

// A sample of each folder is enough where each vector goes the same way: some
// over all of it, and the first of each kind.
const SAMPLE = 12;

function sample(list) {
  const every = Math.max(1, Math.floor(list.length / SAMPLE));
  const kinds = list.map(([, { kind }]) => kind);
  return list.filter((_, i) => i % every === 0 || (kinds[i] && kinds.indexOf(kinds[i]) === i));
}

let failures = 0;
let noticed = 0;

function expect(holds, what) {
  if (holds) noticed++;
  else {
    failures++;
    console.log(`not noticed: ${what}`);
  }
}

for (const [folder, alterations] of Object.entries(ALTERED)) {
  for (const [name, vector] of sample(vectors(root, folder))) {
    for (const [what, alter] of Object.entries(alterations)) {
      expect((await FOLDERS[folder].judge(alter(vector))).length > 0, `${folder}/${name}: ${what}`);
    }
  }
}

// The walk itself: on a copy of the smallest folder.
const copy = mkdtempSync(join(tmpdir(), 'interop-'));
try {
  const folders = { 'link-negative': FOLDERS['link-negative'] };
  const problems = async () => (await walk(copy, folders)).problems;
  cpSync(join(root, 'link-negative'), join(copy, 'link-negative'), { recursive: true });
  expect((await problems()).length === 0, 'the copy is sound');
  mkdirSync(join(copy, 'vouchers'));
  expect((await problems()).length === 1, 'an unknown folder');
  rmSync(join(copy, 'vouchers'), { recursive: true });
  rmSync(join(copy, 'link-negative', `${vectors(copy, 'link-negative')[0][0]}.json`));
  expect((await problems()).length === 1, 'a vector less');
  rmSync(join(copy, 'link-negative'), { recursive: true });
  expect((await problems()).length === 1, 'a folder less');
} finally {
  rmSync(copy, { recursive: true });
}

console.log(`${noticed} alterations noticed, ${failures} not`);
process.exit(failures === 0 && noticed > 0 ? 0 : 1);
