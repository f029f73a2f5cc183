import type { CommandContext } from '#libs/contracts';

/**
 * A sweep that finds its work in a read model and issues ordinary commands with deterministic ids: losing, doubling or
 * delaying a run changes nothing but the time at which something is recorded.
 */
export interface LedgerJob {
  /** Stable name, shown by `GET /v1/jobs`, as `expire-tokens`. */
  readonly name: string;
  /** One sentence for people: what a run does. */
  readonly description: string;
  /** Time between two runs, in milliseconds. */
  readonly everyMs: number;
  /** Does everything that is due at `context.at`; returns counts by name. Throws when a part could not be done. */
  run(context: CommandContext): Promise<Record<string, number>>;
  /** When its next work falls due, epoch milliseconds; null: none in sight. Absent: the job runs by its schedule only. */
  nextDueAt?(): Promise<number | null>;
}
