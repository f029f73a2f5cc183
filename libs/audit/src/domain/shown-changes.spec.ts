import { describe, expect, it } from '@jest/globals';
import { EVENT_CONTRACTS, type EventType } from '#libs/contracts';
import { traitsOf } from './entry-traits.js';
import { shownChanges } from './shown-changes.js';

const TYPES = Object.keys(EVENT_CONTRACTS) as EventType[];
const changesOf = (type: EventType, data: object = EVENT_CONTRACTS[type].example) => {
  const event = { type, data: data as never, metadata: {}, recordedAt: '2026-11-25T08:00:00.000Z' };
  return shownChanges(type, traitsOf(event).changes);
};

describe('shownChanges', () => {
  it('names before and after of each field, whatever the event', () => {
    for (const type of TYPES) {
      const changes = changesOf(type) as Record<string, object> | null;
      for (const change of Object.values(changes ?? {})) expect(Object.keys(change)).toEqual(['before', 'after']);
    }
  });

  it.each([
    ['TokenUpdated', { name: { before: 'CI', after: 'CI deploy' } }],
    ['InstanceRolesChanged', { roles: { before: [], after: ['auditor'] } }],
    ['MemberRoleChanged', { role: { before: 'developer', after: 'admin' } }],
    ['AccountModeChanged', { mode: { before: 'prepaid', after: 'postpaid' }, limit: { before: '0', after: null } }],
    ['TokenRevoked', null],
  ] as const)('%s shows %j', (type, expected) => {
    expect(changesOf(type)).toEqual(expected);
  });

  it('leaves out what stayed as it was', () => {
    const changes = { before: { mode: 'prepaid', limit: '0' }, after: { mode: 'prepaid', limit: '7' } };
    expect(changesOf('AccountModeChanged', { accountUid: 'org_1', ...changes })).toEqual({
      limit: { before: '0', after: '7' },
    });
  });
});
