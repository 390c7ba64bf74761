// SPDX-License-Identifier: Apache-2.0

// Shapes of payload fields. A shape reads a decoded value into the JSON that
// stands in `fields` of a vector, and refuses what is out of range; and writes
// that JSON as the value again.

import { hex, refuse, unhex } from './bytes.mjs';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

// number is an integer as the vectors write it: beyond 2^53 − 1 as a string.
export const number = (n) => (n > SAFE || n < -SAFE ? n.toString() : Number(n));

export const wrong = (why) => refuse(114, why);

export function int(least, most) {
  const [low, high] = [BigInt(least), BigInt(most)];
  return {
    read(value) {
      if (typeof value !== 'bigint') wrong('not an integer');
      if (value < low || value > high) wrong(`${value} is not in ${low}..${high}`);
      return number(value);
    },
    write: BigInt,
  };
}

// bytes of a size from least to most, in steps.
export function bytes(least, most = least, step = 1) {
  return {
    read(value) {
      if (!(value instanceof Uint8Array)) wrong('not a byte string');
      if (value.length < least || value.length > most || value.length % step !== 0) wrong(`${value.length} bytes`);
      return hex(value);
    },
    write: unhex,
  };
}

// tuple is an array in which each item has a name, as { name: shape }.
export function tuple(names) {
  const shapes = Object.entries(names);
  return {
    read(value) {
      if (!Array.isArray(value) || value.length !== shapes.length) wrong(`not an array of ${shapes.length}`);
      return Object.fromEntries(shapes.map(([name, shape], i) => [name, shape.read(value[i])]));
    },
    write: (json) => shapes.map(([name, shape]) => shape.write(json[name])),
  };
}

// list is an array of groups, flat: shapes[0], shapes[1], … and again.
export function list(least, most, ...shapes) {
  const shape = (i) => shapes[i % shapes.length];
  return {
    read(value) {
      if (!Array.isArray(value)) wrong('not an array');
      const groups = value.length / shapes.length;
      if (!Number.isInteger(groups) || groups < least || groups > most) wrong(`${value.length} items`);
      return value.map((item, i) => shape(i).read(item));
    },
    write: (json) => json.map((item, i) => shape(i).write(item)),
  };
}

// also is a shape under one rule more, which gets what was read.
export function also(shape, holds, why) {
  return {
    read(value) {
      const json = shape.read(value);
      if (!holds(json)) wrong(why);
      return json;
    },
    write: shape.write,
  };
}

// Section 9. No extension is defined yet, so each critical one is unknown.
export const extensions = {
  read(value) {
    if (!(value instanceof Map) || value.size < 1 || value.size > 8) wrong('not a map of 1 to 8 extensions');
    const json = {};
    for (const [id, item] of value) {
      if (id === 0n || id > 32767n || id < -32768n) wrong(`extension ${id}`);
      json[id] = bytes(0, 64).read(item);
    }
    for (const id of value.keys()) if (id < 0n) refuse(117, `extension ${id}`);
    return json;
  },
  write: (json) => new Map(Object.entries(json).map(([id, item]) => [BigInt(id), unhex(item)])),
};

// record is a map of fields: [key, name, shape], an optional one with a fourth
// item.
export function record(fields) {
  const known = new Set(fields.map(([key]) => BigInt(key)));
  return {
    read(value) {
      if (!(value instanceof Map)) wrong('not a map');
      for (const key of value.keys()) if (!known.has(key)) refuse(116, `the key ${key}`);
      const json = {};
      for (const [key, name, shape, optional] of fields) {
        const item = value.get(BigInt(key));
        if (item !== undefined) json[name] = shape.read(item);
        else if (value.has(BigInt(key))) wrong('undefined');
        else if (!optional) refuse(115, name);
      }
      return json;
    },
    write(json) {
      const there = fields.filter(([, name]) => name in json);
      return new Map(there.map(([key, name, shape]) => [BigInt(key), shape.write(json[name])]));
    },
  };
}
