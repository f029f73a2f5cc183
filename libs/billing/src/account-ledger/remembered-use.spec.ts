import { describe, expect, it } from '@jest/globals';
import { chargedUseEventId, EVENT_CONTRACTS, type EventData } from '#libs/contracts';
import { type RecordedEvent, START } from '#libs/event-log';
import type { AccountFact } from '../domain/index.js';
import type { NextAppend } from './append-batch.js';
import { rememberingUse, useOfCharge } from './remembered-use.js';

type Used = EventData<'TokenUsed'>;

const charge = EVENT_CONTRACTS.OrgCharged.example as unknown as EventData<'OrgCharged'>;
const metadata = { $correlationId: 'r', requestId: 'r', actorType: 'user', actorUid: 'u', occurredAt: 'now' };

/** The TokenUsed of the charge that is the example of its event. */
function usedWith(change: Partial<Used>): Used {
  const used = EVENT_CONTRACTS.TokenUsed.example as unknown as Used;
  const { useId, chargeUid, principal, operation, amount: cost, accountUid: payer } = charge;
  const own = { useId: useId ?? '', chargeUid, principal: principal ?? '', operation, cost, payer };
  return { ...used, ...own, ...change };
}

function stored(fact: AccountFact | undefined): RecordedEvent {
  const place = { stream: 'account-a', revision: 1n, position: START, recordedAt: 'now' };
  return { ...fact, id: 'i', metadata: { ...metadata, schemaVersion: '1' }, ...place } as RecordedEvent;
}

describe('a charge that remembers its use', () => {
  const nothing = { scope: null, resource: null, requester: null, ip: null, userAgent: null };
  it.each([
    ['all that can be said', { project: 'p', environment: 'production' }],
    ['nothing besides', nothing],
    ['the token of an organization', { owner: { type: 'organization', uid: 'org_1' }, principal: 'org_1' } as const],
  ])('gives back the same TokenUsed: %s', (_name, change) => {
    const data = usedWith(change);
    const event = { id: chargedUseEventId(data.useId), type: 'TokenUsed' as const, data, metadata };
    const append: NextAppend = { stream: 'usage-n-b', expected: 'next', events: [event] };
    const fact: AccountFact = { type: 'OrgCharged', data: { ...charge, principal: data.principal } };
    const [before, remembering] = rememberingUse([{ type: 'GrantExpired', data: {} as never }, fact], append);
    expect(before?.private).toBeUndefined();
    const expected = { ...event, metadata: { ...metadata, schemaVersion: '1' } };
    expect(useOfCharge(stored(remembering))).toEqual({ stream: 'usage-n-b', event: expected });
  });

  it('is one only where the log may part the two', () => {
    expect(useOfCharge(stored({ type: 'OrgCharged', data: charge }))).toBeNull();
    expect(useOfCharge(stored({ type: 'GrantExpired', data: {} as never }))).toBeNull();
  });
});
