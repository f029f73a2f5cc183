import { beforeEach, describe, expect, it } from '@jest/globals';
import { parsePosition, START } from '#libs/event-log';
import { RebuildReport } from './rebuild-report.js';

describe('RebuildReport', () => {
  let elapsedMs: number;
  let lines: string[];
  let report: RebuildReport;

  beforeEach(() => {
    elapsedMs = 0;
    lines = [];
    report = reportUpTo('4000');
  });

  function reportUpTo(head: string): RebuildReport {
    return new RebuildReport(
      parsePosition(head),
      () => elapsedMs,
      (line) => lines.push(line),
    );
  }

  function step(phase: 'filling' | 'indexing' | 'switching', at: string, afterMs: number): void {
    elapsedMs = afterMs;
    report.progress({ phase, events: Number(at), position: parsePosition(at) });
  }

  it('says phase, share of the log, events and rate', () => {
    step('filling', '1000', 500);
    expect(lines).toEqual(['filling: 25 %, 1,000 events, 2,000 events/s']);
  });

  it('says no more than one line a second in a phase, and each new phase at once', () => {
    step('filling', '1000', 500);
    step('filling', '2000', 1499);
    step('filling', '3000', 1500);
    step('indexing', '4000', 1501);
    expect(lines.map((line) => line.slice(0, line.indexOf(' %')))).toEqual([
      'filling: 25',
      'filling: 75',
      'indexing: 100',
    ]);
  });

  it('shows 100 % when the log has grown meanwhile, and for an empty one', () => {
    step('filling', '5000', 10);
    report = reportUpTo('0');
    report.progress({ phase: 'filling', events: 0, position: START });
    expect(lines.filter((line) => line.includes(': 100 %'))).toHaveLength(2);
  });

  it('says what was rebuilt and how fast', () => {
    report.result({ projections: ['tokens', 'users'], events: 30_000, durationMs: 1500 });
    expect(lines).toEqual(['Rebuilt tokens, users from 30,000 events in 1.5 s (20,000 events/s).']);
  });
});
