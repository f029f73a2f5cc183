import { describe, expect, it } from '@jest/globals';
import { preferredMediaType } from './preferred-media-type.js';

const OFFERED = ['a/batch', 'a/lines', 'b/lines'] as const;
const preferred = (accept: string | undefined) => preferredMediaType(accept, OFFERED);

describe('preferredMediaType', () => {
  it.each([
    ['the first where nothing is said', undefined, 'a/batch'],
    ['the first where nothing is said', '', 'a/batch'],
    ['the first of a range of all', '*/*', 'a/batch'],
    ['the first of a range', 'b/*', 'b/lines'],
    ['the one that is named', 'a/lines', 'a/lines'],
    ['the one that is named, in any case and with parameters', 'A/Lines; charset=utf-8', 'a/lines'],
    ['the one with the greatest weight', 'a/lines;q=0.5, a/batch', 'a/batch'],
    ['the one with the greatest weight', 'a/batch;q=0.5, b/lines;q=0.9, a/lines;q=0.899', 'b/lines'],
    ['the one with the greatest weight, written large', 'a/batch;Q=0.5,b/lines;Q=1.000', 'b/lines'],
    ['the one that is named rather than one of a range', '*/*, a/lines', 'a/lines'],
    ['the one that is named first', 'b/lines, a/lines', 'b/lines'],
    ['what a range leaves, where one is ruled out', 'a/batch;q=0, */*', 'a/lines'],
    ['by the weight of the range that names it, not of a wider one', '*/*;q=0.8, a/batch;q=0.1', 'a/lines'],
    ['the first where none is acceptable', 'text/html, */*;q=0', 'a/batch'],
    ['the first where only what it has no name for is acceptable', 'text/html', 'a/batch'],
    ['without the ranges that it cannot read', 'lines, a/lines;q=2, b/lines;q=0.1', 'b/lines'],
  ])('chooses %s: %s', (_rule, accept, chosen) => {
    expect(preferred(accept)).toBe(chosen);
  });
});
