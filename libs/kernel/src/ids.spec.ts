import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBase62 } from './base-n.js';
import { isUid, RandomIds, SeededIds, timeOfUid, uidFrom, uuidFrom } from './ids.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('ids', () => {
  it('sort by the instant that they carry', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), fc.integer({ min: 1, max: 1_000_000 }), (early, later) => {
        const [a, b] = [early, early + later].map((at) => new RandomIds(() => at).uid('tok'));
        expect((a ?? '') < (b ?? '')).toBe(true);
      }),
    );
  });

  it('tell the instant that they carry', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (at) => {
        expect(timeOfUid(new RandomIds(() => at).uid('use'))).toBe(at);
      }),
    );
    for (const other of ['', 'use_', 'use_1']) expect(timeOfUid(other)).toBeNaN();
  });

  it('are well-formed and never the same twice', () => {
    const ids = new RandomIds(() => 1_764_057_600_000);
    const uids = Array.from({ length: 2_000 }, () => ids.uid('org'));
    const uuids = Array.from({ length: 2_000 }, () => ids.uuid());
    expect(uids.every((uid) => isUid(uid, 'org'))).toBe(true);
    expect(uuids.every((uuid) => UUID.test(uuid))).toBe(true);
    expect(new Set([...uids, ...uuids]).size).toBe(4_000);
  });

  it('are the same for the same seed, one after the other, and others for another seed', () => {
    const draw = (seed: string) => {
      const ids = new SeededIds(seed, 5);
      return [ids.uid('tok'), ids.uuid(), ids.uuid()];
    };
    expect(draw('a')).toEqual(draw('a'));
    expect(new Set([...draw('a'), ...draw('b')]).size).toBe(6);
  });

  it('follow from their parts, and no two lists of parts are taken for each other', () => {
    expect(uuidFrom('a', 'b')).toBe(uuidFrom('a', 'b'));
    expect(uuidFrom('a', 'b')).toMatch(UUID);
    expect(uuidFrom('ab')).not.toBe(uuidFrom('a', 'b'));
    expect(uidFrom('use', 7, 'x')).not.toBe(uidFrom('use', 7, 'y'));
  });

  it('are recognised by kind, length and alphabet', () => {
    const uid = `tok_${'0'.repeat(26)}`;
    expect(isUid(uid, 'tok')).toBe(true);
    for (const other of [uid.replace('tok', 'org'), `${uid}0`, uid.slice(0, -1), uid.replace('0', 'I'), '', null, 7]) {
      expect(isUid(other, 'tok')).toBe(false);
    }
  });
});

describe('randomBase62', () => {
  it('drops the bytes that would make some digits likelier, and draws again', () => {
    const draws = [Uint8Array.of(248, 255, 0, 61), Uint8Array.of(62, 247)];
    expect(randomBase62(4, () => draws.shift() ?? Uint8Array.of())).toBe('0z0z');
  });
});
