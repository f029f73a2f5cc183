import type { AppendActivity } from '#libs/event-log';
import { errorChain } from '#libs/kernel';

/** Why the log takes no appends although its database answers. */
export type AppendRefusal = 'disk_full' | 'read_only' | 'io_error';

/** By SQLSTATE. What is not among them passes by itself, or shows in the other checks. */
const REFUSALS: Readonly<Record<string, AppendRefusal>> = {
  53100: 'disk_full',
  25006: 'read_only',
  58030: 'io_error',
};
/** A probe writes: however often somebody asks, it is made so often at most. */
const PROBE_EVERY_MS = 1_000;

export interface AppendHealthOptions {
  readonly activity: AppendActivity;
  /** Writes something where the log is kept and takes it back; rejects as an append would. */
  readonly probe: () => Promise<void>;
  readonly probeEveryMs?: number;
}

/**
 * Whether the log refuses appends: that reading works says nothing about it. Nothing is asked as long as the last append
 * was stored; after one that was refused, writing is tried until it succeeds, because a server that is not ready is
 * sent nothing that would show it.
 */
export class AppendHealth {
  /** On the monotonic clock. */
  private probedAt = -Infinity;
  private found: AppendRefusal | null = null;

  constructor(private readonly options: AppendHealthOptions) {}

  /** Null when appends are taken, or nothing says that they are not. */
  async refusal(): Promise<AppendRefusal | null> {
    const { activity, probe, probeEveryMs = PROBE_EVERY_MS } = this.options;
    const failure = activity.lastFailure;
    const refusal = refusalOf(failure);
    if (refusal === null) return null;
    if (performance.now() - this.probedAt < probeEveryMs) return this.found ?? refusal;
    this.probedAt = performance.now();
    try {
      await probe();
      // What failed meanwhile is newer than the probe.
      if (activity.lastFailure === failure) activity.lastFailure = null;
      this.found = null;
      return refusalOf(activity.lastFailure);
    } catch (error) {
      this.found = refusalOf(error) ?? refusal;
      return this.found;
    }
  }
}

/** Of the error or of one of its causes. */
function refusalOf(error: unknown): AppendRefusal | null {
  const codes = errorChain(error).map(({ code }) => (typeof code === 'string' ? code : ''));
  return codes.map((code) => REFUSALS[code]).find((refusal) => refusal !== undefined) ?? null;
}
