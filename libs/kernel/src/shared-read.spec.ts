import { describe, expect, it } from '@jest/globals';
import { Gate } from './testing/gate.js';
import { SharedRead } from './shared-read.js';

/** A source whose reads are held up, each at its own gate; it answers what it holds when the read begins. */
function source() {
  const gates: Gate[] = [];
  const state = { value: 'first', reads: 0 };
  const read = async (): Promise<string> => {
    const seen = state.value;
    const gate = new Gate();
    gates[state.reads] = gate;
    state.reads += 1;
    await gate.pass();
    if (seen === 'broken') throw new Error(seen);
    return seen;
  };
  return { state, gates, shared: new SharedRead(read) };
}

describe('SharedRead', () => {
  it('answers nobody from a read that began before they asked, and lets the late ones share one', async () => {
    const { state, gates, shared } = source();
    const early = shared.get();
    state.value = 'second';
    const late = [shared.get(), shared.get(), shared.get()];
    gates[0]!.release();
    expect(await early).toBe('first');
    gates[1]!.release();
    expect(await Promise.all(late)).toEqual(['second', 'second', 'second']);
    expect(state.reads).toBe(2);
    expect(shared.isRunning).toBe(false);
  });

  it('fails those who share a read that fails, and nobody else', async () => {
    const { state, gates, shared } = source();
    state.value = 'broken';
    const early = shared.get();
    state.value = 'mended';
    const late = shared.get();
    gates[0]!.release();
    await expect(early).rejects.toThrow('broken');
    gates[1]!.release();
    expect(await late).toBe('mended');
  });
});
