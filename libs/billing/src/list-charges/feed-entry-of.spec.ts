import { describe, expect, it } from '@jest/globals';
import { historyOf } from '../testing/account-history.js';
import { ACME } from '../testing/account-facts.js';
import { recordedEvents } from '../testing/recorded.js';
import { feedEntryOf } from './feed-entry-of.js';

describe('feedEntryOf', () => {
  const [opened, charged] = recordedEvents(historyOf([{ kind: 'charge', afterMs: 3, amount: 5 }], null).steps);

  it('takes instants, request and token of a charge from its event', () => {
    const event = { ...charged!, metadata: { ...charged!.metadata, credential: 'tok_1' } };
    expect(feedEntryOf(event)).toEqual({
      accountUid: ACME,
      type: 'OrgCharged',
      data: charged!.data,
      occurredAt: '2026-11-25T08:00:00.003Z',
      recordedAt: '2026-11-25T08:00:00.008Z',
      correlationId: 'request',
      credential: 'tok_1',
    });
  });

  it('is null for what is no charge and no reversal', () => {
    expect(opened!.type).toBe('AccountOpened');
    expect(feedEntryOf(opened!)).toBeNull();
  });
});
