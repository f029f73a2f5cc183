import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from '#libs/event-log';
import { evolveToken, initialToken, type TokenState } from '#libs/tokens/domain';
import { chunksOf, ImageBuilder, type SnapshotChunk } from './security-snapshot.js';
import { SecurityState } from './security-state.js';
import { keyIdOf, securityHistory, tokenUid, userUid } from './testing/security-history.js';

const NUMBERS = [0, 1, 2, 3, 4, 5];

function stateOf(events: readonly RecordedEvent[], state = new SecurityState(() => undefined)): SecurityState {
  for (const event of events) state.apply(event);
  return state;
}

/** A state as it comes back from the bytes of a snapshot. */
function restored(chunks: Iterable<SnapshotChunk>, last: RecordedEvent): SecurityState {
  const builder = new ImageBuilder();
  for (const chunk of chunks) builder.keep(chunk);
  const image = builder.build();
  if (image === null) throw new Error('something is missing');
  const state = new SecurityState(() => undefined);
  state.restore(image, last);
  return state;
}

/** Everything that can be asked of a state. */
function seen(state: SecurityState): object {
  return {
    byUid: NUMBERS.map((number) => state.byUid(tokenUid(number))),
    byKeyId: NUMBERS.map((number) => state.byKeyId(keyIdOf(number))),
    count: state.tokenCount,
    directory: state.directory.parts(),
    memberships: NUMBERS.map((number) => [...state.directory.membershipsOf(userUid(number))].sort()),
    last: state.last,
  };
}

describe('the security state', () => {
  it('is for every token what the fold of its events says, whatever happens to it', () => {
    fc.assert(
      fc.property(securityHistory, (events) => {
        const folded = new Map<string, TokenState>();
        const broken = new Set<string>();
        for (const event of events.filter(({ stream }) => stream.startsWith('token-'))) {
          const uid = event.stream.slice('token-'.length);
          try {
            folded.set(uid, evolveToken(folded.get(uid) ?? initialToken, event));
          } catch {
            if (folded.has(uid)) broken.add(uid);
          }
        }
        const state = stateOf(events);
        for (const uid of NUMBERS.map(tokenUid)) {
          const known = state.byUid(uid);
          expect(known?.state).toEqual(folded.get(uid));
          expect(known?.quarantined ?? false).toBe(broken.has(uid));
        }
        expect(state.tokenCount).toBe(folded.size);
      }),
    );
  });

  it('from a snapshot and the events after it equals the fold of all events', () => {
    fc.assert(
      fc.property(securityHistory, fc.nat(60), (events, cut) => {
        const last = events[Math.min(cut, events.length) - 1];
        if (last === undefined) return;
        const before = stateOf(events.slice(0, cut));
        const after = stateOf(events.slice(cut), restored(chunksOf(before.image()), last));
        expect(seen(after)).toEqual(seen(stateOf(events)));
      }),
    );
  });

  it('can be written down while it goes on: the image stays what it was', () => {
    fc.assert(
      fc.property(securityHistory, fc.nat(60), (events, cut) => {
        const last = events[Math.min(cut, events.length) - 1];
        if (last === undefined) return;
        const state = stateOf(events.slice(0, cut));
        const before = seen(state);
        const image = state.image();
        stateOf(events.slice(cut), state);
        expect(seen(restored(chunksOf(image), last))).toEqual(before);
      }),
    );
  });
});
