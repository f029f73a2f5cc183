import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fact } from '#libs/contracts';
import { toInstant } from '#libs/kernel';
import { CREATED_MS, metadataAt, USER } from '../testing/sample-token.js';
import { activeSlots, evolveSlots, initialSlots, type OwnerSlots } from './owner-slots.js';

const metadata = metadataAt(CREATED_MS);

const taken = (tokenUid: string, expiresAt: string | null): Fact => ({
  type: 'TokenSlotTaken',
  data: { ownerUid: USER, tokenUid, type: 'personal', handle: `h-${tokenUid}`, expiresAt },
});
const released = (tokenUid: string): Fact => ({ type: 'TokenSlotReleased', data: { ownerUid: USER, tokenUid } });
const fold = (facts: readonly Fact[], from: OwnerSlots = initialSlots): OwnerSlots =>
  facts.reduce((slots, fact) => evolveSlots(slots, { ...fact, metadata }), from);
const uids = (slots: OwnerSlots, at = CREATED_MS): string[] => activeSlots(slots, at).map(({ tokenUid }) => tokenUid);

describe('the slots of an owner', () => {
  it('are taken and released', () => {
    expect(uids(initialSlots)).toEqual([]);
    expect(uids(fold([taken('a', null), taken('b', null), released('a')]))).toEqual(['b']);
  });

  it('P4: are free from the expiry of their token on, by the clock', () => {
    const slots = fold([taken('a', toInstant(CREATED_MS + 1)), taken('b', null)]);
    expect(uids(slots, CREATED_MS)).toEqual(['a', 'b']);
    expect(uids(slots, CREATED_MS + 1)).toEqual(['b']);
  });

  it('move with the expiry of their token', () => {
    const slots = fold([taken('a', toInstant(CREATED_MS + 1)), taken('a', null)]);
    expect(uids(slots, CREATED_MS + 1)).toEqual(['a']);
  });

  it('are what a plain map makes of the same events, at any point and in any order of asking', () => {
    const change = fc.record({ uid: fc.constantFrom('a', 'b', 'c', 'd'), releases: fc.boolean(), asked: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const expected = new Set<string>();
        const states: { slots: OwnerSlots; uids: string[] }[] = [];
        let slots = initialSlots;
        for (const { uid, releases, asked } of changes) {
          slots = fold([releases ? released(uid) : taken(uid, null)], slots);
          if (releases) expected.delete(uid);
          else expected.add(uid);
          states.push({ slots, uids: [...expected].sort() });
          if (asked) expect(uids(slots).sort()).toEqual([...expected].sort());
        }
        for (const state of states.reverse()) expect(uids(state.slots).sort()).toEqual(state.uids);
      }),
    );
  });

  it('are folded in time that grows with the number of events alone', () => {
    const many = fold(Array.from({ length: 50_000 }, (_, index) => taken(String(index), null)));
    expect(uids(many)).toHaveLength(50_000);
  });

  it('take no event of anything else', () => {
    const fact: Fact = { type: 'JobRequested', data: { job: 'x' } };
    expect(() => evolveSlots(initialSlots, { ...fact, metadata })).toThrow('not an event of slots');
  });
});
