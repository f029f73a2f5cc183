import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HANDLE, handleFrom } from './handle.js';

describe('handleFrom', () => {
  it('makes a well-formed handle of any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), (name) => {
        expect(handleFrom(name, '4f2a9c')).toMatch(HANDLE);
      }),
    );
  });

  it.each([
    ['CI deploy (prod)', 'ci-deploy-prod-4f2a9c'],
    ['Größe', 'gro-e-4f2a9c'],
    ['42 answers', 'answers-4f2a9c'],
    ['日本', 'token-4f2a9c'],
  ])('keeps what can be read of %s', (name, handle) => {
    expect(handleFrom(name, '4f2a9c')).toBe(handle);
  });
});
