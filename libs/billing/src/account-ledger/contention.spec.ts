import { describe, expect, it } from '@jest/globals';
import { Contention } from './contention.js';

describe('Contention', () => {
  it('lets nobody pause whose account is their own', () => {
    const contention = new Contention();
    contention.notice('org_1', 0);
    expect(contention.pauseMs('org_2', 3, 0)).toBe(0);
  });

  it('has who was overtaken pause about as long as the other needs, and never for long', () => {
    const contention = new Contention();
    contention.notice('org_1', 0);
    expect(contention.pauseMs('org_1', 3, 10)).toBe(7);
    expect(contention.pauseMs('org_1', 500, 10)).toBe(50);
  });

  it('ends when the other one was not seen for a second', () => {
    const contention = new Contention();
    contention.notice('org_1', 0);
    expect(contention.pauseMs('org_1', 3, 999)).toBeGreaterThan(0);
    contention.notice('org_1', 999);
    expect(contention.pauseMs('org_1', 3, 1_998)).toBeGreaterThan(0);
    expect(contention.pauseMs('org_1', 3, 1_999)).toBe(0);
  });
});
