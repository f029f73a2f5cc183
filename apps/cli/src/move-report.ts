import type { MovePhase, MoveProgress, MoveResult } from '#libs/event-log';
import { count, rate } from './progress-text.js';

const EVERY_MS = 2000;

/** Turns the progress of a move into lines for a person: one for each phase, and then at most one every two seconds. */
export class MoveReport {
  private phase: MovePhase | null = null;
  private saidAtMs = 0;
  private phaseAtMs = 0;
  private lastAtMs = 0;
  /** Of the log, as of the last step. */
  private events = 0;
  private eventsBefore = 0;

  constructor(
    private readonly elapsedMs: () => number,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes a step of the move. */
  progress({ phase, events }: MoveProgress): void {
    const nowMs = this.elapsedMs();
    const isNew = phase !== this.phase;
    if (isNew) this.begin(phase);
    this.events = events;
    this.lastAtMs = nowMs;
    if (!isNew && nowMs - this.saidAtMs < EVERY_MS) return;
    this.saidAtMs = nowMs;
    this.say(`${phase}: ${count(events)} events, ${rate(events - this.eventsBefore, nowMs - this.phaseAtMs)}`);
  }

  /** Says what was done, and what is still to do. */
  result({ events, copied, digest }: MoveResult): void {
    const seconds = (this.elapsedMs() / 1000).toFixed(1);
    const stood = events === copied ? '' : ` (${count(events - copied)} stood there already)`;
    this.say(`Copied ${count(copied)} events${stood} and verified ${count(events)} in ${seconds} s.`);
    this.say(`Both logs hold the same events, streams, revisions and instants, in the same order: SHA-256 ${digest}.`);
    this.say('Positions are of the new log: run `npm run rebuild` on it before a server starts there.');
  }

  /** Copying goes on where comparing ended; the other phases begin with the first event. */
  private begin(phase: MovePhase): void {
    this.eventsBefore = phase === 'copying' ? this.events : 0;
    this.phaseAtMs = this.lastAtMs;
    this.phase = phase;
  }
}
