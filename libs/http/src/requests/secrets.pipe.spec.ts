import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRefusal } from '#libs/contracts';
import { SecretScrubber } from '../problems/secret-scrubber.js';
import { SecretsPipe } from './secrets.pipe.js';

const SECRET = `tlp_abcdefgh12345678_${'S'.repeat(49)}`;
const pipe = new SecretsPipe(new SecretScrubber());
const body = (value: unknown) => pipe.transform(value, { type: 'body' });

function fieldOf(value: unknown): string {
  try {
    body(value);
  } catch (error) {
    if (!isRefusal(error, 'secret_in_request')) throw error;
    expect(JSON.stringify([error.message, error.options])).not.toContain('SSSS');
    return error.options.fields?.[0]?.field ?? '';
  }
  return 'none';
}

describe('SecretsPipe', () => {
  it.each([
    [{ name: SECRET }, 'name'],
    [{ name: `my ${SECRET}!` }, 'name'],
    [{ metadata: { note: SECRET } }, 'metadata.note'],
    [{ scopes: ['a', SECRET] }, 'scopes[1]'],
    [{ metadata: { [SECRET]: 'x' } }, 'metadata.tlp_abcdefgh'],
    [{ name: 'tlp_abcdefgh' }, 'none'],
    [[null, 1, true], 'none'],
  ])('names the field of a body that holds a token string: %j', (value, field) => {
    expect(fieldOf(value)).toBe(field);
  });

  it('finds it wherever it stands', () => {
    const place = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        fc.constant(SECRET),
        fc.record({ a: fc.jsonValue(), inner: tie('tree') }),
        fc.tuple(fc.jsonValue(), tie('tree')),
      ),
    })).tree;
    fc.assert(fc.property(place, (value) => expect(fieldOf(value)).not.toBe('none')));
  });

  it('looks at bodies alone', () => {
    expect(pipe.transform(SECRET, { type: 'param' })).toBe(SECRET);
  });
});
