import { type ErrorCode, isRefusal } from '#libs/contracts';
import { LogUnavailable, SecurityMoved } from '#libs/event-log';
import type { BornToken } from '#libs/tokens/domain';
import type { Barrier } from './barrier.js';
import type { UseRequest } from './domain/use-request.js';
import type { Refusals } from './refusals.js';
import type { SecurityState } from './security-state.js';
import type { TokenProof } from './token-proof.js';
import { type Check, type Misuse, type Use, UseJudge } from './use-judge.js';
import { type Checked, UseRecorder, type UseRecorderParts } from './use-recorder.js';
import { type RefusalDetails, refused, type Refused, type Verdict } from './verdict.js';

export interface VerifierParts extends UseRecorderParts {
  readonly state: SecurityState;
  readonly barrier: Barrier;
  readonly proof: TokenProof;
  readonly refusals: Refusals;
  /** Told of each verdict and how long it took, for metrics. */
  readonly onVerdict?: (verdict: Verdict, durationMs: number) => void;
  /** Told of each accepted use of a flagged token. */
  readonly onUseOfFlagged: (token: BornToken, usedAt: number) => Promise<void>;
}

/** How long checks are confirmed by the barrier first, after security events have voided one that was not. */
const CAUTIOUS_MS = 100;

/**
 * Answers whether a token is good for something and who pays, and records it before it answers. Never from a state that
 * may be stale: what cannot be confirmed is refused with `verification_unavailable`, and costs nothing.
 *
 * What confirms an acceptance is the very append that records it: that is stored only while no security event follows
 * those that the judgement rests on. Everything else (a refusal, a replay, a judgement that was overtaken) is judged
 * again after the barrier.
 */
export class Verifier {
  private readonly judge: UseJudge;
  private readonly recorder: UseRecorder;
  /** On the monotonic clock. */
  private cautiousUntil = 0;

  constructor(private readonly parts: VerifierParts) {
    this.judge = new UseJudge(parts.state, parts.proof, parts.clock);
    this.recorder = new UseRecorder(parts);
  }

  async verify(check: Check): Promise<Checked> {
    const startedAt = performance.now();
    const early = check.confirmed ? null : await this.verifyAtOnce(check);
    if (early !== null) return early;
    return this.told(await this.decideOrRefuse(check), startedAt);
  }

  /**
   * Accepts a good use of the state at hand, without the barrier: recording it confirms it, and whatever else was read
   * from the same state in the same turn of the event loop. Null when that cannot be, and nothing has happened: ask
   * `verify`.
   */
  async verifyAtOnce(check: Check): Promise<Checked | null> {
    const presented = this.judge.read(check);
    const startedAt = performance.now();
    if ('code' in presented || startedAt < this.cautiousUntil) return null;
    const use = this.judge.judge(check, presented);
    // A free use that was recorded before is found by its key alone, which confirms nothing.
    if ('code' in use || (use.key !== null && use.request.cost === 0n)) return null;
    const checked = await this.recordAtOnce(use);
    if (checked === null) return null;
    if (checked.verdict.valid) await this.noticeUse(use);
    return this.told(checked, startedAt);
  }

  private async recordAtOnce(use: Use): Promise<Checked | null> {
    try {
      const checked = await this.recorder.record(use, this.parts.barrier.position);
      return checked.verdict.valid && checked.verdict.replayed === true ? null : checked;
    } catch (error) {
      if (error instanceof SecurityMoved) this.cautiousUntil = performance.now() + CAUTIOUS_MS;
      else if (!isRefusal(error)) return unavailable(error);
      // It may have been stored: to try again could record it twice.
      else if (error.code === 'verification_unavailable') return answerOf(error);
      return null;
    }
  }

  private told(checked: Checked, startedAt: number): Checked {
    this.parts.onVerdict?.(checked.verdict, performance.now() - startedAt);
    return checked;
  }

  private async decideOrRefuse(check: Check): Promise<Checked> {
    try {
      return await this.decide(check);
    } catch (error) {
      return isRefusal(error) ? answerOf(error) : unavailable(error);
    }
  }

  private async decide(check: Check): Promise<Checked> {
    const presented = this.judge.read(check);
    if ('code' in presented) return this.refuse(check, { code: presented.code, token: null });
    if (!check.confirmed) await this.parts.barrier.confirm();
    const use = this.judge.judge(check, presented);
    return 'code' in use ? this.refuse(check, use) : this.accept(check, use);
  }

  private async accept(check: Check, use: Use): Promise<Checked> {
    try {
      const checked = await this.recorder.record(use, null);
      await this.noticeUse(use);
      return checked;
    } catch (error) {
      if (!isRefusal(error, 'insufficient_credits')) throw error;
      return this.refuse(check, { code: error.code, token: use.token });
    }
  }

  private async noticeUse({ token }: Use): Promise<void> {
    if (token.unusedSince !== null) await this.parts.onUseOfFlagged(token, this.parts.clock.now());
  }

  private async refuse({ request, requestId }: Check, { code, token }: Misuse): Promise<Checked> {
    const position = await this.parts.refusals.record({ code, token, request, requestId });
    return { verdict: refusedFor(code, request, token), position };
  }
}

function answerOf({ code, options }: { code: ErrorCode; options: { readonly detail?: string } }): Checked {
  return { verdict: refused(code, detailOf(options.detail)), position: null };
}

/** A log that is away, or over its bound, confirms nothing; any other error is a mistake, and thrown on. */
function unavailable(error: unknown): Checked {
  if (error instanceof LogUnavailable) return { verdict: refused('verification_unavailable'), position: null };
  throw error;
}

function refusedFor(code: ErrorCode, request: UseRequest, token: BornToken | null): Refused {
  return refused(code, {
    ...(code === 'insufficient_scope' && request.scope !== null ? { scope: request.scope } : {}),
    ...(token === null ? {} : { tokenUid: token.uid }),
  });
}

function detailOf(detail: string | undefined): RefusalDetails {
  return detail === undefined ? {} : { detail };
}
