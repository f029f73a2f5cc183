import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ERROR_CATALOGUE, isRefusal, refuse, refuseField } from '#libs/contracts';
import { canonicalJson, type Clock, type Json } from '#libs/kernel';
import type { RequestClaim } from '../requests/request-state.js';
import type { ClaimResult, IdempotencyClaim, IdempotencyStore, StoredAnswer } from './idempotency-store.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
/** A claim this young may be under way in another process. */
const YOUNG_CLAIM_MS = 30_000;
const FOREIGN_POLL_MS = 50;
/** Unfinished keys that are remembered as nobody's work; past it they are waited for once more, which is harmless. */
const UNFINISHED_MAX = 10_000;

/** A request that carries an idempotency key. */
export interface KeyedRequest {
  /** `type:uid` of the actor. */
  readonly caller: string;
  readonly key: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Json;
  readonly money: boolean;
}

/** What a command that was really run gave: its live answer, and what is kept of it. */
export interface Outcome<Live> {
  readonly live: Live;
  readonly kept: StoredAnswer;
}

export type Execution<Live> = { readonly live: Live } | { readonly replayed: StoredAnswer };

export interface IdempotentCommandsOptions {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  /** Told when an answer could not be kept or a claim not be given back; the request itself is answered. */
  readonly onStoreFailure: (error: unknown) => void;
  /** How long a claim that another process may be working on is waited for. */
  readonly foreignWaitMs?: number;
}

/** Runs each command that has an idempotency key once, and answers its repetitions with what was answered first. */
export class IdempotentCommands {
  /** Keys under way in this process; a repetition waits for the first. */
  private readonly underWay = new Map<string, Promise<unknown>>();

  /** Keys whose run ended here without an answer, so that a retry need not wait for another process. */
  private readonly unfinished = new Set<string>();

  constructor(private readonly options: IdempotentCommandsOptions) {}

  /**
   * Runs the command, or gives the first answer again. `run` is handed the seed and instant of the first claim, so that
   * a run after a crash draws the same ids and its append is recognised as a duplicate.
   * Refuses with `validation_failed` (the key is malformed) and `idempotency_key_reused` (other content under the key).
   */
  async once<Live>(
    request: KeyedRequest,
    run: (claim: RequestClaim) => Promise<Outcome<Live>>,
  ): Promise<Execution<Live>> {
    if (!KEY.test(request.key)) throw refuseField('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
    const keyHash = sha256(`${request.caller}\u0000${request.key}`);
    for (let first = this.underWay.get(keyHash); first !== undefined; first = this.underWay.get(keyHash)) {
      await first.catch(() => undefined);
    }
    const execution = this.claimAndRun(request, keyHash, run);
    this.underWay.set(keyHash, execution);
    try {
      return await execution;
    } finally {
      this.underWay.delete(keyHash);
    }
  }

  private async claimAndRun<Live>(
    request: KeyedRequest,
    keyHash: string,
    run: (claim: RequestClaim) => Promise<Outcome<Live>>,
  ): Promise<Execution<Live>> {
    const claim = this.newClaim(request, keyHash);
    const result = await this.claimOrAwait(claim);
    if (result.kind !== 'claimed' && result.fingerprint !== claim.fingerprint) throw refuse('idempotency_key_reused');
    if (result.kind === 'answered') return { replayed: result.answer };
    const { seed, atMs } = result.kind === 'pending' ? result : claim;
    try {
      const { live, kept } = await run({ keyHash, fingerprint: claim.fingerprint, seed, atMs });
      await this.tolerating(this.options.store.keepAnswer(claim.caller, keyHash, kept));
      this.unfinished.delete(keyHash);
      return { live };
    } catch (error) {
      // A refused first run stored nothing, so its key is free again. A run that takes up an unfinished one may be
      // refused because that one did store, and an error leaves its outcome unknown: both keep seed and instant.
      if (result.kind === 'claimed' && isRefusedCleanly(error)) {
        await this.tolerating(this.options.store.release(claim.caller, keyHash));
      } else {
        this.rememberUnfinished(keyHash);
      }
      throw error;
    }
  }

  private newClaim({ caller, method, target, body, money }: KeyedRequest, keyHash: string): IdempotencyClaim {
    const fingerprint = sha256(canonicalJson({ method, target, body }));
    const seed = randomBytes(16).toString('hex');
    return { caller, keyHash, fingerprint, seed, atMs: this.options.clock.now(), money };
  }

  /** A young claim that nobody here works on may be under way in another process: its answer is waited for a moment. */
  private async claimOrAwait(claim: IdempotencyClaim): Promise<ClaimResult> {
    const { store, foreignWaitMs = 3_000 } = this.options;
    const until = performance.now() + foreignWaitMs;
    let result = await store.claim(claim);
    while (
      result.kind === 'pending' &&
      !this.unfinished.has(claim.keyHash) &&
      result.fingerprint === claim.fingerprint &&
      claim.atMs - result.atMs < YOUNG_CLAIM_MS &&
      performance.now() < until
    ) {
      await delay(FOREIGN_POLL_MS);
      result = await store.claim(claim);
    }
    return result;
  }

  private rememberUnfinished(keyHash: string): void {
    if (this.unfinished.size >= UNFINISHED_MAX) this.unfinished.clear();
    this.unfinished.add(keyHash);
  }

  private async tolerating(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.options.onStoreFailure(error);
    }
  }
}

function isRefusedCleanly(error: unknown): boolean {
  return isRefusal(error) && ERROR_CATALOGUE[error.code].status < 500;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
