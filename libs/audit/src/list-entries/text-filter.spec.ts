import { describe, expect, it } from '@jest/globals';
import type { EntryConditions } from './entry-conditions.js';
import { textFilter } from './text-filter.js';

const text = (at: string | null, data: object = {}, metadata: object = {}): string =>
  JSON.stringify({
    data: { tokenUid: 'tok_1', ip: '2001:db8::1', ...data },
    id: 'id-1',
    metadata: { actorUid: 'usr_1', ...(at === null ? {} : { occurredAt: at }), ...metadata },
    type: 'TokenUsed',
  });
const omits = (conditions: Partial<EntryConditions>, of: string): boolean | undefined =>
  textFilter({ order: 'desc', ...conditions })?.(of);
const NOON = '2026-11-29T12:00:00.000Z';

describe('textFilter', () => {
  it('passes over what does not hold every text that is asked for', () => {
    const conditions = { token: 'tok_1', actor: 'usr_1', ip: '2001:db8::1', action: 'TokenUsed' };
    expect(omits(conditions, text(NOON))).toBe(false);
    for (const other of [{ token: 'tok_2' }, { actor: 'usr_2' }, { ip: '203.0.113.7' }, { action: 'TokenSeen' }]) {
      expect(omits({ ...conditions, ...other }, text(NOON))).toBe(true);
    }
    expect(omits({ outcome: 'denied' }, text(NOON))).toBe(true);
  });

  it('does not look for what a text would hold in another form, or not at all', () => {
    expect(omits({ token: 'tok "1"' }, text(NOON))).toBeUndefined();
    expect(omits({ actor: 'system' }, text(NOON))).toBeUndefined();
    expect(omits({ outcome: 'success', q: 'curl' }, text(NOON))).toBeUndefined();
  });

  it('passes over what did not occur within the time', () => {
    const time = { from: '2026-11-29T11:59:59.000Z', to: '2026-11-29T12:00:00.001Z' };
    const { from, to } = time;
    for (const at of [from, NOON]) expect(omits(time, text(at))).toBe(false);
    for (const at of ['2026-11-29T11:59:58.999Z', to]) expect(omits(time, text(at))).toBe(true);
    expect(omits({ from }, text('2020-01-01T00:00:00.000Z'))).toBe(true);
    expect(omits({ from }, text(to))).toBe(false);
    expect(omits({ to }, text(to))).toBe(true);
    expect(omits({ to }, text('2020-01-01T00:00:00.000Z'))).toBe(false);
  });

  it('keeps what does not say when it occurred, or says it more than once', () => {
    const time = { from: NOON, to: '2026-11-29T13:00:00.000Z' };
    expect(omits(time, text(null))).toBe(false);
    expect(omits(time, text(null, { userAgent: '"occurredAt":"2020' }))).toBe(false);
    expect(omits(time, text(NOON, { occurredAt: '2020-01-01T00:00:00.000Z' }))).toBe(false);
    expect(omits(time, text('2020-01-01T00:00:00.000Z', { occurredAt: NOON }))).toBe(false);
  });
});
