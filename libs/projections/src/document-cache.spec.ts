import { describe, expect, it } from '@jest/globals';
import { DocumentCache } from './document-cache.js';

describe('DocumentCache', () => {
  it('drops the documents that were changed the longest ago, and knows the absence of others', () => {
    const cache = new DocumentCache(2);
    cache.set('a', { n: 1 });
    cache.set('b', null);
    cache.set('a', { n: 2 });
    cache.set('c', { n: 3 });
    cache.trim();
    expect(['a', 'b', 'c'].map((id) => cache.get(id))).toEqual([{ n: 2 }, undefined, { n: 3 }]);
  });

  it('takes what it does not hold for absent only as long as it has held everything', () => {
    const cache = new DocumentCache(1, true);
    cache.set('a', { n: 1 });
    cache.trim();
    expect(cache.get('b')).toBeNull();
    cache.set('c', { n: 1 });
    cache.trim();
    expect(cache.get('a')).toBeUndefined();

    const cleared = new DocumentCache(1, true);
    cleared.clear();
    expect(cleared.get('a')).toBeUndefined();
  });
});
