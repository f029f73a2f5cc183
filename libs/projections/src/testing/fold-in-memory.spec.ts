import { describe, expect, it } from '@jest/globals';
import { EVENT_CONTRACTS, type EventData, type EventType } from '#libs/contracts';
import type { Position, RecordedEvent } from '#libs/event-log';
import { documentsProjection, type Row, rowsProjection } from '../projection.js';
import { foldInMemory } from './fold-in-memory.js';
import { balances, usageHours } from './sample-projections.js';

let position = 0n;
function recorded<T extends EventType>(type: T, data: Partial<EventData<T>>): RecordedEvent {
  position += 1n;
  const recordedAt = '2026-01-01T10:30:00.000Z';
  const example = EVENT_CONTRACTS[type].example as EventData<T>;
  const where = { stream: 's', revision: position, position: position as Position, recordedAt };
  return { id: String(position), type, data: { ...example, ...data }, metadata: {}, ...where };
}

describe('foldInMemory', () => {
  it('gives every table as a map from key to row, a key of several columns joined by |', () => {
    const events = [
      recorded('TokenUsed', { tokenUid: 'tok_1' }),
      recorded('OrgCharged', { accountUid: 'org_1', amount: '3' }),
      recorded('OrgCharged', { accountUid: 'org_2', amount: '4' }),
    ];
    const tables = foldInMemory([balances, usageHours], events);
    expect([...tables.keys()]).toEqual(['balances', 'usage_hours']);
    expect(tables.get('balances')).toEqual(
      new Map([
        ['org_1', { account_uid: 'org_1', charged: '3' }],
        ['all', { account_uid: 'all', charged: '7' }],
        ['org_2', { account_uid: 'org_2', charged: '4' }],
      ]),
    );
    expect([...tables.get('usage_hours')!.keys()]).toEqual(['tok_1|2026-01-01T10:00:00.000Z']);
  });

  it('shows a fold that changes its state in place', () => {
    const impure = documentsProjection<Row & { n: number }, 'TokenUsed'>({
      name: 'impure',
      table: { name: 'impure', columns: { uid: 'text', n: 'integer' }, key: ['uid'] },
      handles: ['TokenUsed'],
      partitionOf: () => 'x',
      keysOf: () => [['x']],
      evolve: (row) => {
        if (row === null) return { uid: 'x', n: 1 };
        (row as { n: number }).n += 1;
        return row;
      },
    });
    const event = recorded('TokenUsed', {});
    expect(() => foldInMemory([impure], [event, event])).toThrow(TypeError);
  });

  it('throws for a row that does not fit its table, or that is another document than asked for', () => {
    const definition = {
      name: 'wrong',
      table: { name: 'wrong', columns: { uid: 'text', at: 'timestamptz' }, key: ['uid'] },
      handles: ['TokenUsed'],
      partitionOf: () => 'x',
    } as const;
    const row = { uid: 'x', at: '2026-01-01' };
    const rows = rowsProjection<Row, 'TokenUsed'>({ ...definition, rows: () => [row] });
    expect(() => foldInMemory([rows], [recorded('TokenUsed', {})])).toThrow('column at of wrong is not timestamptz');
    const documents = documentsProjection<Row, 'TokenUsed'>({
      ...definition,
      keysOf: () => [['y']],
      evolve: () => ({ ...row, at: null }),
    });
    expect(() => foldInMemory([documents], [recorded('TokenUsed', {})])).toThrow(
      'column uid of wrong is not that of the key',
    );
  });
});
