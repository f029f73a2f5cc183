import { describe, expect, it } from '@jest/globals';
import type { MovePhase } from '#libs/event-log';
import { MoveReport } from './move-report.js';

describe('MoveReport', () => {
  function linesOf(steps: readonly [MovePhase, number, number][]): string[] {
    const lines: string[] = [];
    let elapsedMs = 0;
    const report = new MoveReport(
      () => elapsedMs,
      (line) => lines.push(line),
    );
    for (const [phase, events, atMs] of steps) {
      elapsedMs = atMs;
      report.progress({ phase, events });
    }
    report.result({ events: 4_000, copied: 3_000, digest: 'ab12' });
    return lines;
  }

  it('says how far each phase is and how fast, every two seconds, and what was done', () => {
    const lines = linesOf([
      ['comparing', 500, 100],
      ['comparing', 1_000, 1_000],
      ['copying', 2_000, 1_500],
      ['copying', 2_500, 2_000],
      ['copying', 4_000, 3_500],
      ['verifying', 4_000, 4_500],
    ]);
    expect(lines).toEqual([
      'comparing: 500 events, 5,000 events/s',
      'copying: 2,000 events, 2,000 events/s',
      'copying: 4,000 events, 1,200 events/s',
      'verifying: 4,000 events, 4,000 events/s',
      'Copied 3,000 events (1,000 stood there already) and verified 4,000 in 4.5 s.',
      'Both logs hold the same events, streams, revisions and instants, in the same order: SHA-256 ab12.',
      'Positions are of the new log: run `npm run rebuild` on it before a server starts there.',
    ]);
  });
});
