/** What is asked of a token: may it do this, and who pays? Everything but the token itself. */
export interface UseRequest {
  /** Uid of the organization to be charged, as it was given; null: the owner of the token pays. */
  readonly requester: string | null;
  readonly scope: string | null;
  readonly resource: string | null;
  readonly project: string | null;
  readonly environment: string | null;
  readonly operation: string | null;
  /** Credits; 0 is a free use. */
  readonly cost: bigint;
  /** The client's retry key; null: each call is a new use. */
  readonly idempotencyKey: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export const EMPTY_REQUEST: UseRequest = {
  requester: null,
  scope: null,
  resource: null,
  project: null,
  environment: null,
  operation: null,
  cost: 0n,
  idempotencyKey: null,
  ip: null,
  userAgent: null,
};
