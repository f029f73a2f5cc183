import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_CONTRACTS, type NewEvent } from '#libs/contracts';
import { canonicalJson, type Json } from '#libs/kernel';
import { encodeEvent } from './event-text.js';

const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'é', '"', '\n', '\u2028', '\0') }),
);
const keys = fc.oneof(fc.constantFrom('a', 'b', 'ä', 'a"', '\u{1f600}', '\ufb33', '__proto__'), strings);
const members: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    strings,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(keys, fc.option(tie('value'), { nil: undefined })),
  ),
})).value;
const objects = fc.dictionary(keys, members);

describe('encodeEvent', () => {
  it('writes the same bytes as canonicalJson, whatever the content', () => {
    fc.assert(
      fc.property(
        objects,
        fc.dictionary(keys, strings),
        fc.option(fc.dictionary(keys, strings)),
        (data, metadata, hidden) => {
          const event = {
            id: 'ID',
            type: 'TokenUsed',
            data,
            metadata,
            ...(hidden === null ? {} : { private: hidden }),
          };
          expect(encodeEvent(event as unknown as NewEvent)).toBe(canonicalJson(event as unknown as Json));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('writes the same bytes as canonicalJson for the example of every event type', () => {
    for (const { type, example } of Object.values(EVENT_CONTRACTS)) {
      const event = { id: 'ID', type, data: example, metadata: { requestId: 'R', actorUid: 'A' } };
      expect(encodeEvent(event as unknown as NewEvent)).toBe(canonicalJson(event as unknown as Json));
    }
  });

  it('never holds a raw control character', () => {
    fc.assert(
      fc.property(objects, (data) => {
        const text = encodeEvent({ id: 'ID', type: 'TokenUsed', data, metadata: {} } as unknown as NewEvent);
        expect(text).not.toMatch(/[\u0000-\u001f]/);
      }),
    );
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d', (cost) => {
    const event = { id: 'ID', type: 'TokenUsed', data: { cost }, metadata: {} } as unknown as NewEvent;
    expect(() => encodeEvent(event)).toThrow(TypeError);
  });
});
