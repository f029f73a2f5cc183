import type { Entry } from '../history.js';
import type { Violations } from './violations.js';

interface Bounds {
  /** When the first acknowledgement of its creation had arrived. */
  knownAt: number;
  /** When the first acknowledgement of its revocation had arrived. */
  revokedAt: number;
}

/**
 * A token is refused by every check that began more than `boundMs` after its revocation was acknowledged, on every
 * server, and known to every check that began after its creation was. One clock times both: that of the process that
 * asks.
 */
export class RevocationsCheck {
  private readonly bounds = new Map<string, Bounds>();
  private readonly checks: Entry[] = [];
  /** How long after its revocation was acknowledged the latest check began that accepted a token; 0 when none did. */
  latestMs = 0;

  constructor(
    private readonly violations: Violations,
    private readonly boundMs: number,
  ) {}

  /** Tokens whose revocation was acknowledged. */
  get revoked(): number {
    return [...this.bounds.values()].filter(({ revokedAt }) => revokedAt < Infinity).length;
  }

  take(entry: Entry): void {
    const { kind, outcome } = entry;
    if (kind === 'use' && (outcome === 'acknowledged' || entry.code === 'unknown_token')) this.checks.push(entry);
    if (outcome !== 'acknowledged') return;
    const bounds = this.of(entry.answered.token ?? '');
    if (kind === 'createToken') bounds.knownAt = Math.min(bounds.knownAt, entry.endedAt);
    if (kind === 'revokeToken') bounds.revokedAt = Math.min(bounds.revokedAt, entry.endedAt);
  }

  /** Call it when the whole history was taken. */
  end(): void {
    for (const { request, server, startedAt, outcome, asked } of this.checks) {
      const bounds = this.bounds.get(asked.token ?? '');
      if (bounds === undefined) continue;
      const { knownAt, revokedAt } = bounds;
      const label = `${request} of ${asked.token} on ${server}, begun at ${startedAt.toFixed(3)} ms`;
      if (outcome === 'acknowledged') this.latestMs = Math.max(this.latestMs, startedAt - revokedAt);
      if (outcome === 'acknowledged' && startedAt > revokedAt + this.boundMs) {
        this.violations.add('late acceptance', `${label}, revoked at ${revokedAt.toFixed(3)} ms`);
      }
      if (outcome === 'refused' && startedAt > knownAt) {
        this.violations.add('unknown after creation', `${label}, created at ${knownAt.toFixed(3)} ms`);
      }
    }
  }

  private of(token: string): Bounds {
    const bounds = this.bounds.get(token) ?? { knownAt: Infinity, revokedAt: Infinity };
    this.bounds.set(token, bounds);
    return bounds;
  }
}
