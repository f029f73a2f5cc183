import type { DemoClock } from './demo-clock.js';

/** Something that happened. */
export interface Step {
  /** Epoch ms. */
  readonly at: number;
  readonly run: () => Promise<void>;
}

/** What is to happen in the history, in whatever order it was thought of. */
export class Agenda {
  private readonly steps: Step[] = [];

  add(at: number, run: () => Promise<void>): void {
    this.steps.push({ at, run });
  }

  /** Carries everything out in the order of time, one step after the other; steps of one instant as they were added. */
  async carryOut(clock: DemoClock, onStep: (at: number) => void): Promise<void> {
    const inOrder = [...this.steps].sort((a, b) => a.at - b.at);
    for (const { at, run } of inOrder) {
      clock.moveTo(at);
      await run();
      onStep(at);
    }
  }
}
