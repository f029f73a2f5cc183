import { Counter, type Registry } from 'prom-client';
import type { Verdict } from '#libs/verification';

/** Counts verdicts in plain maps: a counter with labels builds and hashes an object at each of them. */
export class VerdictMetrics {
  private readonly refused = new Map<string, number>();
  private readonly accepted = new Map<string, number>();
  private readonly credits = new Map<string, bigint>();

  /** To be told of each verdict. */
  readonly onVerdict = (verdict: Verdict): void => {
    if (!verdict.valid) {
      this.refused.set(verdict.code, (this.refused.get(verdict.code) ?? 0) + 1);
      return;
    }
    this.accepted.set(verdict.type, (this.accepted.get(verdict.type) ?? 0) + 1);
    if (verdict.charged === undefined || verdict.replayed === true) return;
    const payer = verdict.payer?.startsWith('org_') === true ? 'organization' : 'user';
    this.credits.set(payer, (this.credits.get(payer) ?? 0n) + BigInt(verdict.charged));
  };

  addTo(registry: Registry): void {
    const { refused, accepted, credits } = this;
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
    new Counter({
      name: 'token_ledger_use_credits_charged_total',
      help: 'Credits charged for uses by this server, by who pays',
      labelNames: ['payer'],
      registers: [registry],
      collect() {
        this.reset();
        for (const payer of ['organization', 'user']) this.inc({ payer }, Number(credits.get(payer) ?? 0n));
      },
    });
  }
}
