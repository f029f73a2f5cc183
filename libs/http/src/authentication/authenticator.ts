import type { ErrorCode, Principal } from '#libs/contracts';

/** What a request presents to prove who sent it, untouched. */
export interface PresentedCredential {
  /** The header as it came; an array when it came more than once. */
  readonly authorization: string | readonly string[] | undefined;
  /** The whole `Cookie` header; the console's session stands in it. */
  readonly cookie?: string | undefined;
  /** The `Origin` header: a page in a browser sent this request. */
  readonly origin?: string | undefined;
  /** True when a browser says that another site caused the request: no cookie may count then. */
  readonly crossSite?: boolean;
  readonly method?: string;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly requestId: string;
}

/** A caller that was known, and whose call was refused with 403. */
export interface RefusedCall {
  readonly principal: Principal;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly method: string;
  /** Without query, secrets cut to their prefix. */
  readonly path: string;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly requestId: string;
}

/** Tells who calls the ledger's own API. An abstract class, because it is an injection token too. */
export abstract class Authenticator {
  /**
   * The caller, as the credential proves it at this moment.
   * Refuses (LedgerError) with the codes of the table in the HTTP contract, and with `verification_unavailable` when
   * the current state cannot be confirmed; it never answers from a state that may be stale.
   */
  abstract authenticate(presented: PresentedCredential): Promise<Principal>;

  /**
   * The caller by the state at hand, without confirming that it is the newest: for answers that confirm it themselves,
   * because they stand only if that state did. Null when in doubt, or when there is something to record or to refuse.
   */
  recognise(_presented: PresentedCredential): Principal | null {
    return null;
  }

  /**
   * The caller by the state at hand, where that cannot be confirmed now: who was revoked elsewhere since may still be
   * one. For what must be readable while the log is away, and gives no access to anything else. Null when not good.
   */
  lastKnown(_presented: PresentedCredential): Principal | null {
    return null;
  }

  /** Told of each call of a known caller that was refused with 403, so that it can be recorded. Must not throw. */
  onRefusedCall(_refused: RefusedCall): void {}
}
