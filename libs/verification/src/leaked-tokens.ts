import type { ErrorCode } from '#libs/contracts';
import type { BornToken } from '#libs/tokens/domain';
import type { Barrier } from './barrier.js';
import type { UseRequest } from './domain/use-request.js';
import type { Refusals } from './refusals.js';
import type { TokenProof } from './token-proof.js';

/** A request that was refused because a token string stood where others keep it, as in its URL. */
export interface Leak {
  /** The string itself. It is looked at, and goes nowhere. */
  readonly presented: string;
  readonly code: ErrorCode;
  readonly request: UseRequest;
  readonly requestId: string;
}

interface Parts {
  readonly barrier: Barrier;
  readonly proof: TokenProof;
  readonly refusals: Refusals;
}

/**
 * Records leaks. One of a token of this ledger names that token, each time, so that whoever reviews the audit log knows
 * which one to rotate; any other string is one more refusal of its source.
 */
export class LeakedTokens {
  constructor(private readonly parts: Parts) {}

  /** Throws what the log throws, and `verification_unavailable` when the newest tokens cannot be known now. */
  async record({ presented, ...refusal }: Leak): Promise<void> {
    await this.parts.refusals.record({ ...refusal, token: await this.tokenOf(presented) });
  }

  private async tokenOf(presented: string): Promise<BornToken | null> {
    const { barrier, proof } = this.parts;
    const shape = proof.read(presented);
    if ('code' in shape) return null;
    await barrier.confirm();
    const found = proof.prove(shape);
    return 'code' in found ? null : found.token;
  }
}
