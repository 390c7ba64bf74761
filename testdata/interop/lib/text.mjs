// SPDX-License-Identifier: Apache-2.0

// Sections 3 and 4: the text of a code, its digits, and links.

import { little, refuse, utf8 } from './bytes.mjs';

const MOST_TEXT = 2816;
export const LETTERS = 'IOSRXTV';

// DIGITS[n] is the number of digits of a group of n bytes.
const DIGITS = [0, 3, 5, 8, 10, 13, 15, 17];

export function readText(text) {
  const { kind, digits } = readMark(text);
  if (kind === 'P') refuse(124, 'one part of a code');
  return { kind, bytes: readDigits(digits) };
}

// readMark gives what stands before the digits, P for a part of a code.
export function readMark(text) {
  if (utf8(text).length > MOST_TEXT) refuse(101, 'a text that is too long');
  text = text.replace(/[\r\n]+$/, '');
  const slash = text.lastIndexOf('/');
  const mark = text.slice(Math.max(slash - 3, 0), Math.max(slash, 0));
  const found = /^Q([A-Z])([0-9])$/.exec(mark);
  if (!found) refuse(102, 'no mark before the last slash');
  const [, kind, version] = found;
  if (version !== '1') refuse(103, `version ${version}`);
  if (kind !== 'P' && !LETTERS.includes(kind)) refuse(104, `kind ${kind}`);
  return { kind, digits: text.slice(slash + 1) };
}

export function readDigits(digits) {
  if (!/^[0-9]+$/.test(digits)) refuse(105, 'something else than digits, or nothing');
  const bytes = [];
  for (let at = 0; at < digits.length; at += 17) {
    const group = digits.slice(at, at + 17);
    const size = DIGITS.indexOf(group.length);
    if (size < 1) refuse(105, `${group.length} digits at the end`);
    let number = BigInt(group);
    if (number >> BigInt(8 * size) !== 0n) refuse(105, `${group} is beyond ${size} bytes`);
    for (let i = 0; i < size; i++, number >>= 8n) bytes.push(Number(number & 255n));
  }
  return Uint8Array.from(bytes);
}

export function writeText(kind, bytes) {
  let digits = '';
  for (let at = 0; at < bytes.length; at += 7) {
    const group = bytes.subarray(at, at + 7);
    digits += little(group).toString().padStart(DIGITS[group.length], '0');
  }
  return `Q${kind}1/${digits}`;
}

export function writeLink(base, text) {
  checkBase(base);
  return base + text;
}

function checkBase(base) {
  if (base.length > 256) refuse(119, 'a base that is too long');
  if (!/^HTTPS:\/\/[^/].*\/$/.test(base)) refuse(119, 'a base of another shape');
  if (!/^[0-9A-Z$%*+\-./:]+$/.test(base)) refuse(119, 'a character that is not held at 5.5 bits');
}
