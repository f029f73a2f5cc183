import { Counter, type Registry } from 'prom-client';
import { TalliedHistogram } from '#libs/http';
import type { Verdict } from '#libs/verification';

const SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const UNAVAILABLE_STATUS = 503;

/** Counts verdicts in plain maps: a counter with labels builds and hashes an object at each of them. */
export class VerdictMetrics {
  private readonly refused = new Map<string, number>();
  private readonly accepted = new Map<string, number>();
  private readonly durations = new TalliedHistogram({
    name: 'token_ledger_token_verification_duration_seconds',
    help:
      'Duration of checks from when their caller was known until they were recorded, by verdict: `valid`, `refused` or ' +
      '`unavailable`',
    labelNames: ['verdict'],
    buckets: SECONDS,
    registers: [],
  });
  private readonly valid = this.durations.tallyOf({ verdict: 'valid' });
  private readonly refusals = this.durations.tallyOf({ verdict: 'refused' });
  private readonly unavailable = this.durations.tallyOf({ verdict: 'unavailable' });

  /** To be told of each verdict, and how long it took. */
  readonly onVerdict = (verdict: Verdict, durationMs: number): void => {
    const seconds = durationMs / 1000;
    if (verdict.valid) {
      this.valid.observe(seconds);
      this.accepted.set(verdict.type, (this.accepted.get(verdict.type) ?? 0) + 1);
      return;
    }
    (verdict.status === UNAVAILABLE_STATUS ? this.unavailable : this.refusals).observe(seconds);
    this.refused.set(verdict.code, (this.refused.get(verdict.code) ?? 0) + 1);
  };

  addTo(registry: Registry): void {
    const { refused, accepted } = this;
    registry.registerMetric(this.durations);
    new Counter({
      name: 'token_ledger_token_verifications_total',
      help: 'Checks by outcome (`valid` or the refusal) and type of token',
      labelNames: ['outcome', 'kind'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [kind, count] of accepted) this.inc({ outcome: 'valid', kind }, count);
        for (const [outcome, count] of refused) this.inc({ outcome, kind: '' }, count);
      },
    });
  }
}
