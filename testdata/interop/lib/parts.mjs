// SPDX-License-Identifier: Apache-2.0

// Section 21: codes in several parts.

import { createHash } from 'node:crypto';
import { hex, refuse, same, utf8 } from './bytes.mjs';
import { readEnvelope } from './envelope.mjs';
import { KINDS } from './kinds.mjs';
import { readDigits, readMark, writeText } from './text.mjs';

const HEAD = 12;
const MOST = 1024;
const MOST_PART = HEAD + MOST / 2;

const nameOf = (kind, envelope) =>
  createHash('sha256').update(utf8(writeText(kind, envelope))).digest().subarray(0, 8);

// cut gives the bytes of each part of an envelope.
export function cut(kind, envelope, count) {
  const total = envelope.length;
  const step = Math.ceil(total / count);
  const name = nameOf(kind, envelope);
  return Array.from({ length: count }, (_, i) =>
    Uint8Array.from([kind.charCodeAt(0), ((i + 1) << 4) | count, total >> 8, total & 255, ...name, ...envelope.slice(i * step, (i + 1) * step)]));
}

export function readPart(text) {
  const { kind: mark, digits } = readMark(text);
  if (mark !== 'P') refuse(104, 'no part');
  const bytes = readDigits(digits);
  if (bytes.length > MOST_PART) refuse(101, `a part of ${bytes.length} bytes`);
  if (bytes.length <= HEAD) refuse(125, 'no piece');
  const kind = String.fromCharCode(bytes[0]);
  const [number, count, total] = [bytes[1] >> 4, bytes[1] & 15, (bytes[2] << 8) | bytes[3]];
  if (!(kind in KINDS)) refuse(104, `a part of kind ${kind}`);
  if (count < 2 || count > 4 || number < 1 || number > count) refuse(125, `part ${number} of ${count}`);
  if (total > MOST) refuse(101, `a whole of ${total} bytes`);
  const step = Math.ceil(total / count);
  if (total - (count - 1) * step < 1) refuse(125, 'nothing for the last part');
  const piece = bytes.slice(HEAD);
  if (piece.length !== (number < count ? step : total - (count - 1) * step)) refuse(125, `a piece of ${piece.length} bytes`);
  return { set: `${kind} ${count} ${total} ${hex(bytes.slice(4, HEAD))}`, kind, number, count, piece };
}

// Reader is what a camera shows its texts to. see gives the text of the whole
// once it is there.
export class Reader {
  constructor() {
    this.now = null;
    this.other = null;
  }

  see(text) {
    const part = readPart(text);
    if (!this.now || (this.now.whole && this.now.set !== part.set)) this.now = { set: part.set, pieces: new Map() };
    if (this.now.set !== part.set) return this.foreign(part);
    this.other = null;
    return this.take(part);
  }

  foreign(part) {
    const before = this.other;
    this.other = part;
    if (!before || before.set !== part.set || before.number === part.number) refuse(126, 'a part of another set');
    this.now = { set: part.set, pieces: new Map([[before.number, before.piece]]) };
    this.other = null;
    return this.take(part);
  }

  take(part) {
    const { pieces } = this.now;
    const there = pieces.get(part.number);
    if (there && !same(there, part.piece)) this.discard(127, 'two parts in one place');
    pieces.set(part.number, part.piece);
    if (pieces.size < part.count) return undefined;
    const envelope = Uint8Array.from([...pieces].sort(([a], [b]) => a - b).flatMap(([, piece]) => [...piece]));
    if (!part.set.endsWith(hex(nameOf(part.kind, envelope)))) this.discard(127, 'not the whole of that name');
    try {
      readEnvelope(envelope);
    } catch (error) {
      this.now = null;
      throw error;
    }
    this.now.whole = true;
    return writeText(part.kind, envelope);
  }

  discard(number, why) {
    this.now = null;
    refuse(number, why);
  }
}
