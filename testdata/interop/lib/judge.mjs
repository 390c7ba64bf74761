// SPDX-License-Identifier: Apache-2.0

// One judge for each folder of vectors. A judge gets the JSON of a vector and
// gives what it disagrees with, as texts; none is agreement.

import { hex, refuse, unhex } from './bytes.mjs';
import { agree, apply, infoOf, keyOf, publicOf, SALT } from './carried.mjs';
import { showCBOR } from './cbor.mjs';
import { open, readPayload, seal } from './code.mjs';
import { Device } from './device.mjs';
import { source } from './draw.mjs';
import { hash } from './envelope.mjs';
import { readJWKSet, readKeySet, writeKeySet } from './keyfiles.mjs';
import { Assembly, cut } from './parts.mjs';
import { fromGrid, fromJSON } from './tariff-json.mjs';
import { readTariff } from './tariff-read.mjs';
import { writeTariff } from './tariff-write.mjs';
import { TrustStore } from './trust.mjs';
import { readText, writeLink, writeText } from './text.mjs';
import { attempt, Verdict } from './verdict.mjs';

async function positive(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'kind', 'signer', 'keys', 'fields', 'diagnostic', 'payload_cbor', 'to_be_signed', 'envelope', 'sum', 'text', 'base', 'link');
  for (const text of [v.text, v.link, `${v.text}\r\n`]) {
    await verdict.accepts('the code', () => open(text, v.keys), (code) => {
      verdict.equal('kind', code.kind, v.kind);
      verdict.equal('fields', code.fields, v.fields);
      verdict.equal('payload', hex(code.payload), v.payload_cbor);
      verdict.equal('diagnostic', showCBOR(code.payload), v.diagnostic);
      verdict.equal('to be signed', hex(code.signed), v.to_be_signed);
      verdict.equal('envelope', hex(code.envelope), v.envelope);
      verdict.equal('hash', code.hash, v.sum);
    });
  }
  await verdict.accepts('writing', () => seal(v.kind, v.fields, v.signer), (code) => {
    verdict.equal('envelope written', hex(code.envelope), v.envelope);
    verdict.equal('text written', code.text, v.text);
  });
  await verdict.accepts('the link', () => writeLink(v.base, v.text), (link) => verdict.equal('link', link, v.link));
  return verdict.problems;
}

async function negative(v) {
  const verdict = new Verdict();
  const optional = ['payload_cbor', 'envelope'].filter((name) => name in v);
  verdict.members(v, 'comment', 'error', 'error_name', 'kind', 'keys', 'text', 'sound', ...optional);
  await verdict.refuses('the code', () => open(v.text, v.keys ?? []), v.error);
  await verdict.accepts('the sound code', () => open(v.sound.text, v.sound.keys));
  return verdict.problems;
}

async function tariffPositive(v) {
  const verdict = new Verdict();
  const form = 'grid' in v ? 'grid' : 'tariff';
  verdict.members(v, 'comment', form, 'diagnostic', 'bytes', 'hash');
  const bytes = unhex(v.bytes);
  await verdict.accepts('the tariff', () => readTariff(bytes), (tariff) => {
    verdict.equal('written again', hex(writeTariff(tariff)), v.bytes);
  });
  await verdict.accepts('writing', () => writeTariff(form === 'grid' ? fromGrid(v.grid) : fromJSON(v.tariff)), (made) => {
    verdict.equal('written', hex(made), v.bytes);
  });
  verdict.equal('diagnostic', showCBOR(bytes), v.diagnostic);
  verdict.equal('hash', hash('tariff', [], bytes), v.hash);
  return verdict.problems;
}

async function tariffNegative(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'error', 'error_name', 'bytes', 'sound');
  await verdict.refuses('the tariff', () => readTariff(unhex(v.bytes)), v.error);
  await verdict.accepts('the sound tariff', () => readTariff(unhex(v.sound)));
  return verdict.problems;
}

const ANY = 'QR1/123';

async function linkNegative(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'error', 'error_name', 'base', 'sound');
  await verdict.refuses('the base', () => writeLink(v.base, ANY), v.error);
  await verdict.accepts('the sound base', () => writeLink(v.sound, ANY), (link) => verdict.equal('link', link, v.sound + ANY));
  return verdict.problems;
}

async function keysPositive(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'keys', 'jwk_set', 'cose_key_set');
  await verdict.accepts('the JWK Set', () => readJWKSet(v.jwk_set), (keys) => verdict.equal('keys of the JWK Set', keys, v.keys));
  await verdict.accepts('the COSE_KeySet', () => readKeySet(unhex(v.cose_key_set)), (keys) => verdict.equal('keys of the COSE_KeySet', keys, v.keys));
  verdict.equal('COSE_KeySet written', hex(writeKeySet(v.keys)), v.cose_key_set);
  return verdict.problems;
}

async function keysNegative(v) {
  const verdict = new Verdict();
  const form = 'jwk_set' in v ? 'jwk_set' : 'cose_key_set';
  const read = (file) => (form === 'jwk_set' ? readJWKSet(file) : readKeySet(unhex(file)));
  verdict.members(v, 'comment', 'error', 'error_name', form, 'sound');
  await verdict.refuses('the set', () => read(v[form]), v.error);
  await verdict.accepts('the sound set', () => read(v.sound[form]));
  return verdict.problems;
}

// orders gives a list in some orders: as it is, backwards, and turned; a camera
// begins anywhere, and sees each part many times.
const orders = (list) => [list, [...list].reverse(), [...list.slice(1), list[0]], list.flatMap((item) => [item, item])];

async function putTogether(verdict, what, texts, whole) {
  for (const order of orders(texts)) {
    const assembly = new Assembly();
    for (const text of order) await verdict.accepts(what, () => assembly.take(text));
    verdict.equal(`${what} put together`, assembly.whole, whole);
  }
}

async function partsPositive(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'kind', 'qr_version', 'base', 'envelope', 'text', 'set', 'parts');
  const envelope = unhex(v.envelope);
  verdict.equal('text', writeText(v.kind, envelope), v.text);
  const made = cut(v.kind, envelope, v.parts.length).map((bytes) => {
    const text = writeText('P', bytes);
    return { bytes: hex(bytes), text: v.base ? writeLink(v.base, text) : text };
  });
  verdict.equal('parts', made, v.parts);
  verdict.equal('set', made[0].bytes.slice(8, 24), v.set);
  await putTogether(verdict, 'the parts', v.parts.map((p) => p.text), v.text);
  verdict.equal('after other parts', await afterOthers(v.kind, envelope, v.parts), v.text);
  return verdict.problems;
}

// afterOthers gives what a reader has that saw other parts before: of the same
// code cut otherwise, of one of its neighbours, and false ones of this set. Two
// rounds have to do, section 21.
async function afterOthers(kind, envelope, parts) {
  const rnd = source(envelope.length);
  const neighbour = Uint8Array.from(envelope, (byte, i) => (i + 1 === envelope.length ? byte ^ 1 : byte));
  const others = [2, 3, 4].flatMap((count) => [...cut(kind, envelope, count), ...cut(kind, neighbour, count)]);
  const rightful = parts.map((p) => unhex(p.bytes));
  others.push(...rightful.map((bytes) => bytes.map((byte, i) => (i + 1 === bytes.length ? byte ^ 1 : byte))));
  for (let i = 0; i < 200; i++) {
    const assembly = new Assembly();
    const before = Array.from({ length: rnd(6) }, () => others[rnd(others.length)]);
    for (const bytes of [...before, ...rightful, ...rightful]) await attempt(() => assembly.take(writeText('P', bytes)));
    if (assembly.whole !== writeText(kind, envelope)) return `${before.map(hex)}`;
  }
  return writeText(kind, envelope);
}

async function partsNegative(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'error', 'error_name', 'texts', 'sound', 'whole');
  const assembly = new Assembly();
  for (const text of v.texts.slice(0, -1)) await verdict.accepts('a text before the last', () => assembly.take(text));
  await verdict.refuses('the last text', () => assembly.take(v.texts.at(-1)), v.error);
  await putTogether(verdict, 'the sound parts', v.sound, v.whole);
  return verdict.problems;
}

async function partsSequence(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'steps');
  const assembly = new Assembly();
  for (const [i, step] of v.steps.entries()) {
    const what = `step ${i + 1}`;
    verdict.members(step, 'comment', 'text', 'error', 'error_name', 'have', 'count', 'whole');
    const whole = await attempt(() => readText(step.text));
    // A whole code is taken as it is; what is held of another one stays.
    if (whole.number === undefined) verdict.equal(`whole of ${what}`, step.text, step.whole);
    else if (step.error) await verdict.refuses(what, () => assembly.take(step.text), step.error);
    else await verdict.accepts(what, () => assembly.take(step.text));
    const { have, count } = assembly;
    verdict.equal(`after ${what}`, { have, count }, { have: step.have, count: step.count });
    if (whole.number !== undefined) verdict.equal(`whole after ${what}`, step.error ? '' : assembly.whole ?? '', step.whole);
  }
  return verdict.problems;
}

async function carried(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'keys', 'device_private', 'device_public', 'server_private', 'server_public', 'shared_secret', 'salt', 'records', 'text');
  const [device, server] = [unhex(v.device_private), unhex(v.server_private)];
  verdict.equal('device_public', hex(publicOf(device)), v.device_public);
  verdict.equal('server_public', hex(publicOf(server)), v.server_public);
  verdict.equal('salt', hex(SALT), v.salt);
  const [clear, encrypted] = [v.records.map((r) => r.clear), v.records.map((r) => r.encrypted)];
  const sides = [() => agree(server, unhex(v.device_public)), () => agree(device, unhex(v.server_public))];
  await verdict.accepts('the code', () => open(v.text, v.keys), ({ fields }) => {
    verdict.equal('records', fields.records, encrypted);
    for (const side of sides) {
      const shared = side();
      verdict.equal('secret', hex(shared), v.shared_secret);
      verdict.equal('decrypted', apply(shared, fields, encrypted), clear);
      verdict.equal('encrypted', apply(shared, fields, clear), encrypted);
      v.records.forEach((r, i) => {
        verdict.equal('info', hex(infoOf(fields, i)), r.info);
        verdict.equal('key', hex(keyOf(shared, unhex(r.info))), r.key);
      });
    }
  });
  for (const record of clear) await verdict.accepts('a record', () => readPayload('S', unhex(record)));
  return verdict.problems;
}

// reading decrypts and reads all records of a code, as a server does.
async function reading(text, keys, own, peer) {
  const { fields } = await open(text, keys);
  const shared = agree(unhex(own), unhex(peer));
  for (const record of apply(shared, fields, fields.records)) readPayload('S', unhex(record));
}

async function carriedNegative(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'refused', 'keys', 'server_private', 'device_public', 'text', 'sound');
  await verdict.accepts('the code', () => open(v.text, v.keys));
  const got = await attempt(() => reading(v.text, v.keys, v.server_private, v.device_public));
  // Noise is no settlement, but which rule it breaks first is chance.
  const refused = got.number === 111 ? 'key' : got.number ? 'record' : 'nothing';
  verdict.equal('refused', refused, v.refused);
  await verdict.accepts('the sound code', () => reading(v.sound.text, v.keys, v.sound.server_private, v.sound.device_public));
  return verdict.problems;
}

async function trust(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'keys', 'steps');
  let store;
  await verdict.accepts('the keys', () => (store = new TrustStore(v.keys)));
  if (!store) return verdict.problems;
  for (const [i, step] of v.steps.entries()) {
    const what = `step ${i + 1}`;
    verdict.members(step, 'comment', 'text', 'error', 'error_name', 'epoch', 'least', 'trusted');
    if (step.error) await verdict.refuses(what, () => store.show(step.text), step.error);
    else await verdict.accepts(what, () => store.show(step.text));
    const { epoch, least, trusted } = store;
    verdict.equal(`after ${what}`, { epoch, least, trusted }, { epoch: step.epoch, least: step.least, trusted: step.trusted });
  }
  return verdict.problems;
}

async function device(v) {
  const verdict = new Verdict();
  verdict.members(v, 'comment', 'device', 'steps');
  const device = new Device(v.device);
  for (const [i, step] of v.steps.entries()) {
    const what = `step ${i + 1}`;
    const { members, act } = EVENTS[step.event] ?? { members: [], act: () => refuse(100, `an event ${step.event}`) };
    verdict.members(step, 'comment', 'uptime_ms', 'event', ...members, ...(step.taken === false ? ['section'] : []));
    const got = await attempt(() => act(device, step));
    verdict.equal(`${what} is taken (${got.why})`, got.number === undefined, step.taken ?? true);
  }
  return verdict.problems;
}

// What may happen to a device, and what a vector says of it.
const EVENTS = {
  shows: { members: ['connector', 'challenge'], act: (d, s) => d.shows(s.connector, s.challenge, s.uptime_ms) },
  scans: { members: ['text', 'taken'], act: (d, s) => d.scans(s.text, s.uptime_ms) },
  ends: { members: ['connector'], act: (d, s) => d.ends(s.connector) },
  boots: { members: [], act: (d) => d.boots() },
};

// golden holds no wire: its tariff is written, and read as what was written.
async function golden(v) {
  const verdict = new Verdict();
  await verdict.accepts('the tariff', () => writeTariff(fromJSON(v)), (made) => {
    verdict.equal('written again', hex(writeTariff(readTariff(made))), hex(made));
  });
  return verdict.problems;
}

// The folders of testdata/v1: the judge of each, and how many vectors there are
// at least. A folder that is not here is an error.
export const FOLDERS = {
  positive: { judge: positive, least: 116 },
  negative: { judge: negative, least: 802 },
  'link-negative': { judge: linkNegative, least: 13 },
  'keys-positive': { judge: keysPositive, least: 10 },
  'keys-negative': { judge: keysNegative, least: 95 },
  'parts-positive': { judge: partsPositive, least: 11 },
  'parts-negative': { judge: partsNegative, least: 29 },
  'parts-sequence': { judge: partsSequence, least: 17 },
  'tariff-positive': { judge: tariffPositive, least: 68 },
  'tariff-negative': { judge: tariffNegative, least: 219 },
  trust: { judge: trust, least: 14 },
  device: { judge: device, least: 12 },
  carried: { judge: carried, least: 6 },
  'carried-negative': { judge: carriedNegative, least: 16 },
  tariff: { judge: golden, least: 189, file: 'tariff.json' },
};
