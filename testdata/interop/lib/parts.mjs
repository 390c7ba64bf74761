// SPDX-License-Identifier: Apache-2.0

// Section 21: a code cut in parts, and parts put together.

import { createHash } from 'node:crypto';
import { hex, join, refuse, same, utf8 } from './bytes.mjs';
import { readEnvelope } from './envelope.mjs';
import { LETTERS, readDigits, readMark, writeText } from './text.mjs';

const HEAD = 12;
const MOST_WHOLE = 1024;
const MOST_PART = HEAD + MOST_WHOLE / 2;

const nameOf = (text) => new Uint8Array(createHash('sha256').update(utf8(text)).digest()).subarray(0, 8);

// cut gives the bytes of count parts of an envelope.
export function cut(kind, envelope, count) {
  const size = Math.ceil(envelope.length / count);
  const name = nameOf(writeText(kind, envelope));
  return Array.from({ length: count }, (_, i) => {
    const head = [kind.charCodeAt(0), ((i + 1) << 4) + count, envelope.length >> 8, envelope.length & 255];
    return join(head, name, envelope.subarray(i * size, (i + 1) * size));
  });
}

export function readPart(text) {
  const { kind: mark, digits } = readMark(text);
  if (mark !== 'P') refuse(104, 'no part');
  const bytes = readDigits(digits);
  if (bytes.length > MOST_PART) refuse(101, 'a part that is too large');
  if (bytes.length < HEAD) refuse(125, 'a head that is cut');
  const kind = String.fromCharCode(bytes[0]);
  if (!LETTERS.includes(kind)) refuse(104, `a part of kind ${kind}`);
  const [number, count, total] = [bytes[1] >> 4, bytes[1] & 15, bytes[2] * 256 + bytes[3]];
  if (count < 2 || count > 4 || number < 1 || number > count) refuse(125, `part ${number} of ${count}`);
  if (total > MOST_WHOLE) refuse(101, `${total} bytes`);
  const size = Math.ceil(total / count);
  const last = total - size * (count - 1);
  const piece = bytes.subarray(HEAD);
  if (last < 1 || piece.length !== (number < count ? size : last)) refuse(125, `a piece of ${piece.length}`);
  return { set: hex([bytes[0], count, ...bytes.subarray(2, HEAD)]), kind, number, count, name: bytes.subarray(4, HEAD), piece };
}

// Assembly is what a reader holds: the pieces of one set, one part of another,
// or the text of the whole.
export class Assembly {
  constructor() {
    this.clear();
  }

  clear() {
    this.parts = new Map();
    this.set = null;
    this.other = null;
    this.whole = null;
  }

  get have() {
    return this.parts.size;
  }

  get count() {
    return this.have === 0 ? 0 : [...this.parts.values()][0].count;
  }

  take(text) {
    const part = readPart(text);
    if (this.set !== null && part.set !== this.set) this.follow(part);
    this.set = part.set;
    this.other = null;
    this.add(part);
  }

  // follow decides whether the display has changed to the set of part.
  follow(part) {
    const before = this.other;
    if (this.whole === null && (before?.set !== part.set || before.number === part.number)) {
      this.other = part;
      refuse(126, 'a part of another code');
    }
    const done = this.whole !== null;
    this.clear();
    if (!done) this.add(before);
  }

  add(part) {
    const held = this.parts.get(part.number);
    if (held && !same(held.piece, part.piece)) {
      this.clear();
      refuse(127, 'two parts in one place');
    }
    this.parts.set(part.number, part);
    if (this.parts.size === part.count && this.whole === null) this.finish(part);
  }

  finish({ kind, count, name }) {
    const envelope = join(...Array.from({ length: count }, (_, i) => this.parts.get(i + 1).piece));
    const text = writeText(kind, envelope);
    if (!same(nameOf(text), name)) {
      this.clear();
      refuse(127, 'not the whole that the set names');
    }
    try {
      readEnvelope(envelope);
    } catch (error) {
      this.clear();
      throw error;
    }
    this.whole = text;
  }
}
