import { describe, expect, it } from '@jest/globals';
import { keyOf, sampleToken as token, uidOf } from './testing/sample-token.js';
import { BLOCK_BYTES, TokenTable } from './token-table.js';

describe('a table of tokens', () => {
  it('finds every token by uid and by key id, among more of them than it keeps as objects', () => {
    const table = new TokenTable();
    const count = 40_000;
    for (let number = 0; number < count; number += 1) table.set(token(number));
    expect(table.size).toBe(count);
    for (let number = 0; number < count; number += 37) {
      expect(table.byUid(uidOf(number))?.state).toEqual(token(number));
      expect(table.byKeyId(keyOf(number))?.uid).toBe(uidOf(number));
    }
    expect(table.byUid(uidOf(count))).toBeNull();
    expect(table.byKeyId(keyOf(count))).toBeNull();
  });

  it('takes less than 300 bytes a token', () => {
    const table = new TokenTable();
    const count = 20_000;
    for (let number = 0; number < count; number += 1) table.set(token(number));
    const bytes = table.image().blocks.reduce((sum, { length }) => sum + length, 0);
    expect(bytes / count).toBeLessThan(300);
  });

  it('answers to every secret of a token', () => {
    const table = new TokenTable();
    const first = token(1);
    table.set(first);
    const [version] = first.secretVersions;
    if (version === undefined) throw new Error('a token has a secret');
    table.set({ ...first, secretVersions: [version, { ...version, version: 2, keyId: keyOf(2) }] });
    expect(table.byKeyId(keyOf(1))?.uid).toBe(first.uid);
    expect(table.byKeyId(keyOf(2))?.state.secretVersions).toHaveLength(2);
    expect(table.size).toBe(1);
  });

  it('gives the room of old records back, and loses nothing by it', () => {
    const table = new TokenTable();
    const description = 'x'.repeat(10_000);
    for (let round = 0; round < 20; round += 1) {
      for (let number = 0; number < 500; number += 1) table.set(token(number, { description: description + round }));
    }
    const { blocks, wasted } = table.image();
    // All rounds together are 95 blocks.
    expect(blocks.length).toBeLessThan(72);
    expect(wasted).toBeLessThan(64 * BLOCK_BYTES);
    for (let number = 0; number < 500; number += 1) {
      expect(table.byUid(uidOf(number))?.state.description).toBe(`${description}19`);
    }
  });

  it('keeps a record that is larger than a block', () => {
    const table = new TokenTable();
    const description = 'y'.repeat(BLOCK_BYTES + 5);
    table.set(token(1));
    table.set(token(2, { description }));
    table.set(token(3));
    const copy = TokenTable.from(table.image());
    for (const each of [table, copy]) {
      expect(each.byKeyId(keyOf(2))?.state.description).toBe(description);
      expect(each.byUid(uidOf(3))?.state).toEqual(token(3));
    }
  });
});
