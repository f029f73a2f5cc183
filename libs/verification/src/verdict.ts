import { challengeFor, ERROR_CATALOGUE, type ErrorCode, type TokenOwner, type TokenType } from '#libs/contracts';

/** The token is good for this; recorded, and charged where it costs, before this was answered. */
export interface Accepted {
  readonly valid: true;
  readonly code: 'valid';
  readonly tokenUid: string;
  readonly type: TokenType;
  readonly owner: TokenOwner;
  /** Uid of the user or organization that the token authenticates. */
  readonly principal: string;
  /** Account that pays; null for a token of the installation. */
  readonly payer: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly useId: string;
  readonly chargeId?: string;
  /** Credits. */
  readonly charged?: string;
  readonly balance?: string;
  /** True when this use was recorded before, under the same idempotency key. */
  readonly replayed?: true;
}

/** The token is refused; `status` and `wwwAuthenticate` are what a gateway must send on. */
export interface Refused {
  readonly valid: false;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly status: number;
  readonly wwwAuthenticate?: string;
  /** Only when the secret was proven. */
  readonly tokenUid?: string;
}

export type Verdict = Accepted | Refused;

export interface RefusalDetails {
  readonly detail?: string;
  readonly scope?: string;
  readonly tokenUid?: string;
}

/** The refusal that the catalogue describes for `code`. */
export function refused(code: ErrorCode, details: RefusalDetails = {}): Refused {
  const entry = ERROR_CATALOGUE[code];
  const detail = details.detail ?? entry.meaning;
  const challenge = challengeFor(code, { detail, ...(details.scope === undefined ? {} : { scope: details.scope }) });
  return {
    valid: false,
    code,
    detail,
    status: entry.status,
    ...(challenge === null ? {} : { wwwAuthenticate: challenge }),
    ...(details.tokenUid === undefined ? {} : { tokenUid: details.tokenUid }),
  };
}
