import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { categoryOf, EVENT_CONTRACTS, type EventData, type EventType, type Fact } from '#libs/contracts';
import type { Position, RecordedEvent } from '#libs/event-log';
import { canonicalJson, type Json } from '#libs/kernel';
import { FOLD_VERSION } from './security-snapshot.js';
import { SecurityState } from './security-state.js';

/** What the examples of all events were folded to when this version of the fold was made. */
const FOLDED: { readonly version: number; readonly digest: string } = {
  version: 1,
  digest: 'ee76742c9f7762fda543ec4a9c3df12bb57015d9727b3c75cd7b2af7b5faa270',
};

function recorded(fact: Fact, stream: string): RecordedEvent {
  const at = '2026-11-25T08:00:00.000Z';
  return {
    ...fact,
    id: 'e',
    metadata: { occurredAt: at, actorType: 'user', actorUid: 'usr_01JD00000000000000000000VS' },
    stream,
    revision: 0n,
    position: 1n as Position,
    recordedAt: at,
  };
}

/** The state after the example of one event, on top of those that begin a stream. */
function foldOf(type: EventType): Json {
  const state = new SecurityState(() => undefined);
  const beginnings = ['UserCreated', 'OrganizationCreated', 'TokenCreated'] as const;
  for (const name of [...beginnings.filter((beginning) => beginning !== type), type]) {
    const { example, stream } = EVENT_CONTRACTS[name];
    const uid = (example as { tokenUid?: string }).tokenUid ?? 'x';
    const isOfToken = stream.startsWith('token-');
    state.apply(recorded({ type: name, data: example } as Fact, isOfToken ? `token-${uid}` : stream));
  }
  const { tokenUid } = EVENT_CONTRACTS.TokenCreated.example as EventData<'TokenCreated'>;
  return { token: state.byUid(tokenUid), directory: state.directory.parts() } as unknown as Json;
}

describe('the fold of the security state', () => {
  it('has another version when an event is folded to something else: old snapshots are then not used', () => {
    const types = Object.values(EVENT_CONTRACTS).filter(({ stream }) => categoryOf(stream) === 'security');
    expect(types.length).toBeGreaterThan(15);
    const folds = types.map(({ type }) => `${type} ${canonicalJson(foldOf(type as EventType))}`).sort();
    const digest = createHash('sha256').update(folds.join('\n')).digest('hex');
    // Where this fails: raise FOLD_VERSION, and put the new version and digest above.
    expect({ version: FOLD_VERSION, digest }).toEqual(FOLDED);
  });
});
