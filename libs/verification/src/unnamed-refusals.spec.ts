import { describe, expect, it } from '@jest/globals';
import { UnnamedRefusals } from './unnamed-refusals.js';

const MINUTE_MS = 60_000;

describe('UnnamedRefusals', () => {
  it('asks to record the first refusal of a source, code and minute, and counts the rest', () => {
    const refusals = new UnnamedRefusals();
    expect(refusals.isFirst('203.0.113.7', 'unknown_token', 0)).toBe(true);
    expect(refusals.isFirst('203.0.113.7', 'unknown_token', 10)).toBe(false);
    expect(refusals.isFirst('203.0.113.7', 'unknown_token', 20)).toBe(false);
    expect(refusals.isFirst('203.0.113.7', 'malformed_token', 30)).toBe(true);
    expect(refusals.isFirst('203.0.113.8', 'unknown_token', 40)).toBe(true);
    expect(refusals.takeFinished(MINUTE_MS)).toEqual([{ source: '203.0.113.7', code: 'unknown_token', count: 2 }]);
    expect(refusals.takeFinished(MINUTE_MS)).toEqual([]);
  });

  it('keeps the counts of the minute that is still running', () => {
    const refusals = new UnnamedRefusals();
    refusals.isFirst('a', 'unknown_token', MINUTE_MS);
    refusals.isFirst('a', 'unknown_token', MINUTE_MS);
    expect(refusals.takeFinished(MINUTE_MS + 1)).toEqual([]);
    expect(refusals.takeFinished(MINUTE_MS + 1, true)).toHaveLength(1);
  });

  it('stays bounded under a flood from ever new sources, and loses no count', () => {
    const refusals = new UnnamedRefusals();
    let recorded = 0;
    for (let source = 0; source < 50_000; source += 1) {
      if (refusals.isFirst(`10.0.${source >> 8}.${source & 255}`, 'unknown_token', 0)) recorded += 1;
    }
    expect(recorded).toBeLessThanOrEqual(1_001);
    expect(refusals.sources).toBeLessThanOrEqual(1_001);
    const counted = refusals.takeFinished(MINUTE_MS).reduce((sum, refusal) => sum + refusal.count, 0);
    expect(recorded + counted).toBe(50_000);
  });

  it('goes on telling a source apart that was there before the flood', () => {
    const refusals = new UnnamedRefusals();
    refusals.isFirst('203.0.113.7', 'unknown_token', 0);
    for (let source = 0; source < 5_000; source += 1) refusals.isFirst(`2001:db8::${source}`, 'unknown_token', 1);
    expect(refusals.isFirst('203.0.113.7', 'unknown_token', 2)).toBe(false);
    expect(refusals.takeFinished(MINUTE_MS)).toContainEqual({ source: '203.0.113.7', code: 'unknown_token', count: 1 });
  });

  it('keeps what could not be recorded, within a bound, and loses no count of a flood that lasts for days', () => {
    const refusals = new UnnamedRefusals();
    let recorded = 0;
    let most = 0;
    for (let minute = 0; minute < 1_440; minute += 1) {
      for (let tries = 0; tries < 200; tries += 1) {
        if (refusals.isFirst(`10.0.0.${tries % 100}`, 'unknown_token', minute * MINUTE_MS)) recorded += 1;
      }
      const taken = refusals.takeFinished(minute * MINUTE_MS);
      most = Math.max(most, taken.length);
      refusals.giveBack(taken);
    }
    const counted = refusals.takeFinished(0, true).reduce((sum, refusal) => sum + refusal.count, 0);
    expect([recorded + counted, refusals.counted]).toEqual([1_440 * 200, 1_440 * 200]);
    expect(most).toBeLessThanOrEqual(10_100);
  });
});
