// SPDX-License-Identifier: Apache-2.0

// What a judge finds: each comparison that does not hold is a problem, in words.

import { isDeepStrictEqual } from 'node:util';
import { Refused } from './bytes.mjs';

// attempt gives what f returns, or the number under which it refuses. Another
// error is a fault of this program, and stops it.
export async function attempt(f) {
  try {
    return { value: await f() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { number: error.number, why: error.message };
  }
}

export class Verdict {
  constructor() {
    this.problems = [];
  }

  equal(what, got, want) {
    if (!isDeepStrictEqual(got, want)) this.problems.push(`${what}: ${show(got)}, and the vector says ${show(want)}`);
  }

  // A member that nobody here has heard of would go unchecked.
  members(vector, ...names) {
    this.equal('members', Object.keys(vector).sort(), [...names].sort());
  }

  async accepts(what, f, look = () => {}) {
    const { value, why } = await attempt(f);
    if (why) this.problems.push(`${what} is refused, ${why}`);
    else look(value);
  }

  async refuses(what, f, number) {
    const got = await attempt(f);
    if (!got.number) this.problems.push(`${what} is accepted, and the vector says ${number}`);
    else this.equal(`${what} is refused (${got.why})`, got.number, number);
  }
}

const show = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
