import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, faultText, scheduleOf } from './schedule.js';

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(scheduleOf(7, 50)).toEqual(scheduleOf(7, 50));
    expect(scheduleOf(7, 50)).not.toEqual(scheduleOf(8, 50));
  });

  it('holds every kind equally often, give or take one', () => {
    const counts = new Map(FAULT_KINDS.map((kind) => [kind, 0]));
    for (const { kind } of scheduleOf(1, 200)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const count of counts.values()) expect([14, 15]).toContain(count);
  });

  it('holds only the kinds that were asked for', () => {
    expect(new Set(scheduleOf(1, 20, ['killServer', 'fillDisk']).map(({ kind }) => kind))).toEqual(
      new Set(['killServer', 'fillDisk']),
    );
  });

  it('is numbered, and each fault can be told', () => {
    const faults = scheduleOf(3, 28);
    expect(faults.map(({ number }) => number)).toEqual(faults.map((_, index) => index + 1));
    for (const fault of faults) expect(faultText(fault)).toMatch(new RegExp(`^#${fault.number} ${fault.kind}: .{10,}`));
  });
});
