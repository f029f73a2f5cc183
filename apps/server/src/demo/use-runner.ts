import type { ErrorCode } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { EMPTY_REQUEST, type Verdict } from '#libs/verification';
import type { DemoWorld } from './demo-world.js';
import type { PlannedUse } from './plan-uses.js';

type Code = Verdict['code'];

/** What is presented, by whom, and what must come of it. */
export interface UseBurst {
  /** The token string, or what somebody presents in its place; null: nothing. */
  readonly presented: string | null;
  readonly ip: string;
  readonly userAgent: string;
  /** Uid of the organization that is named to pay; null: none. */
  readonly requester: string | null;
  readonly uses: readonly PlannedUse[];
  readonly keyed: boolean;
  /** Codes of the answers that fit into the history. */
  readonly expected: readonly Code[];
}

/** Uses tokens through the verifier, as a platform does that asks it for each request. */
export class UseRunner {
  private accepted = 0;
  private refused = 0;
  private keys = 0;

  constructor(private readonly world: DemoWorld) {}

  get acceptedUses(): number {
    return this.accepted;
  }

  get refusedUses(): number {
    return this.refused;
  }

  /**
   * Makes the uses of a burst, each at its own instant: a check takes its time from the clock as it is asked, and the
   * clock has moved on when the next one is. What comes together is stored together.
   */
  async run(burst: UseBurst): Promise<void> {
    const { verifier } = this.world.services.verification;
    const { clock, ids } = this.world;
    const checks = burst.uses.map(({ call, gapMs }) => {
      clock.moveTo(clock.now() + gapMs);
      const { operation, scope = null, resource = null } = call;
      const { requester, ip, userAgent } = burst;
      const use = { operation, scope, resource, requester, ip, userAgent, cost: BigInt(call.cost) };
      const request = { ...EMPTY_REQUEST, ...use, idempotencyKey: this.keyOf(burst, use.cost) };
      const { presented } = burst;
      // Confirmed, because nothing but this history writes, and each of its commands has settled.
      return verifier.verify({ presented, request, caller: null, requestId: ids.uid('req'), confirmed: true });
    });
    for (const { verdict } of await Promise.all(checks)) this.count(verdict.code, burst.expected);
  }

  /** What a free use's key was given for is asked of the read models, which do not follow this history yet. */
  private keyOf({ keyed }: UseBurst, cost: bigint): string | null {
    if (!keyed || cost === 0n) return null;
    this.keys += 1;
    return `request-${this.keys}`;
  }

  private count(code: Code, expected: readonly Code[]): void {
    assert(expected.includes(code), `${code} fits into the history, where ${expected.join(' or ')} does`);
    if (code === 'valid') this.accepted += 1;
    else this.refused += 1;
  }
}

/** What an honest use may be answered: credits run out. */
export const HONEST: readonly ('valid' | ErrorCode)[] = ['valid', 'insufficient_credits'];
