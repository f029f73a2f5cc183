import { describe, expect, it } from '@jest/globals';
import type { NewEvent } from '#libs/contracts';
import { AppendActivity } from './append-activity.js';
import { AppendIntake } from './append-intake.js';
import type { AppendResult } from './event-log.js';
import type { Position } from './position.js';

const EVENT = { id: '00000000-0000-4000-8000-000000000001', type: 'AuditStarted', data: { node: 'n' }, metadata: {} };
const RESULT: AppendResult = { position: 1n as Position, revisions: [0n], duplicate: false };
const request = { streams: [{ stream: 'audit', expected: 'any' as const, events: [EVENT as unknown as NewEvent] }] };

/** An intake that answers whatever waits, and notes how much that was. */
function intakeOf(seen: string[]): AppendIntake {
  const intake: AppendIntake = new AppendIntake({
    maxWaiting: 100,
    activity: new AppendActivity(),
    flush: () => {
      const flushed = intake.waiting;
      intake.waiting = [];
      seen.push(`flush of ${flushed.length}`);
      for (const waiting of flushed) waiting.answer(RESULT);
      return Promise.resolve();
    },
  });
  return intake;
}

describe('AppendIntake', () => {
  it('lets those who ask in the same turn share a flush', async () => {
    const seen: string[] = [];
    const intake = intakeOf(seen);
    await Promise.all([intake.add(request), intake.add(request), intake.add(request)]);
    expect(seen).toEqual(['flush of 3']);
  });

  it('sends what was handed in by those it answered before the next turn, and so before whoever they tell', async () => {
    const seen: string[] = [];
    const intake = intakeOf(seen);
    const asker = async (): Promise<void> => {
      await intake.add(request);
      setImmediate(() => seen.push('told'));
      await intake.add(request);
    };
    await Promise.all([intake.add(request), asker(), asker()]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['flush of 3', 'flush of 2', 'told', 'told']);
  });

  it('refuses what is handed in once it is closed, and answers what waits', async () => {
    const seen: string[] = [];
    const intake = intakeOf(seen);
    const waiting = intake.add(request);
    const closed = intake.close();
    await expect(intake.add(request)).rejects.toThrow('closed');
    await closed;
    expect(await waiting).toBe(RESULT);
  });
});
