import type { ErrorCode } from '#libs/contracts';
import type { TokenHasher } from '#libs/tokens';
import { type BornToken, parseTokenString } from '#libs/tokens/domain';
import type { SecurityState } from './security-state.js';

/** The token that a presented string belongs to, its secret proven; or the code of the refusal. */
export type Proof = { readonly token: BornToken } | { readonly code: ErrorCode };

/** Shape of a presented string; nothing is looked up yet, so garbage ends here. */
export type Presented = { readonly text: string; readonly keyId: string } | { readonly code: ErrorCode };

/** Finds the token behind a presented string and proves its secret. */
export class TokenProof {
  constructor(
    private readonly state: SecurityState,
    private readonly hasher: TokenHasher,
    private readonly brand: string,
  ) {}

  /** Shape and checksum. */
  read(text: string | null): Presented {
    if (text === null || text === '') return { code: 'missing_token' };
    const parsed = parseTokenString(text, this.brand);
    return parsed.ok ? { text, keyId: parsed.keyId } : { code: parsed.code };
  }

  /** Only after the barrier: a token that was created a moment ago on another node must be known. */
  prove({ text, keyId }: { readonly text: string; readonly keyId: string }): Proof {
    const known = this.state.byKeyId(keyId);
    const token = known?.state;
    const secret = token?.secretVersions.find((version) => version.keyId === keyId);
    // An unknown key id costs one hash as well, so that the time of the answer does not tell which ids exist.
    const isProven = this.hasher.matches(text, secret?.verifier ?? null);
    if (!isProven || token === undefined || known?.quarantined === true) {
      return { code: 'unknown_token' };
    }
    return { token };
  }
}
