import { expect } from '@jest/globals';
import type { FailedStart } from './ledger-process.js';

/** Exit code 1, one sentence that says so, and nothing of how the program is built. */
export function expectSentence({ code, output }: FailedStart, sentence: RegExp): void {
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(sentence) });
  expect(output).not.toMatch(/^\s+at /m);
  expect(output.trim().split('\n')).toHaveLength(1);
}
