import type { Actor, EventData, TokenAccess, TokenOwner, TokenType } from '#libs/contracts';

/** Who did something to a token. */
export type TokenActor = Pick<Actor, 'type' | 'uid'>;

/** One secret of a token; a token that was rotated has several under one uid. */
export interface SecretVersion {
  readonly version: number;
  /** 16 base62 digits, by which the token string is looked up. Not secret. */
  readonly keyId: string;
  /** Keyed hash of the token string, hexadecimal; null where the event was folded without its private part. */
  readonly verifier: string | null;
  /** Which pepper the verifier was made with; null with it. */
  readonly pepperId: string | null;
  /** RFC 3339. */
  readonly createdAt: string;
  /** When this secret stops to be accepted, RFC 3339; null: with the token. */
  readonly retiresAt: string | null;
}

/** What is known of a token, whatever its state. Instants are RFC 3339. */
export interface Token {
  readonly uid: string;
  readonly type: TokenType;
  readonly owner: TokenOwner;
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  /** What lists, logs and errors show of the newest secret. */
  readonly prefix: string;
  readonly access: TokenAccess;
  readonly scopes: readonly string[];
  readonly projects: readonly string[];
  readonly environment: string | null;
  /** Organizations that it is narrowed to; null: all of its owner. */
  readonly organizations: readonly string[] | null;
  /** CIDR blocks or addresses that it may be used from; null: anywhere. */
  readonly allowedIps: readonly string[] | null;
  readonly createdAt: string;
  readonly createdBy: TokenActor;
  /** Null: never. */
  readonly expiresAt: string | null;
  /** The same in epoch milliseconds, Infinity for never, so that a check need not parse it. */
  readonly expiresAtMs: number;
  readonly neverReason: string | null;
  /** Last use before the token was flagged as unused, its creation if there was none; null: not flagged. */
  readonly unusedSince: string | null;
  /** Oldest first. */
  readonly secretVersions: readonly SecretVersion[];
  readonly custody: EventData<'TokenCreated'>['custody'];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface UnbornToken {
  readonly phase: 'unborn';
}

/** Neither revoked nor recorded as expired; it may have expired by the clock. */
export interface LiveToken extends Token {
  readonly phase: 'live';
  readonly disabled: boolean;
}

/** Final. */
export interface RevokedToken extends Token {
  readonly phase: 'revoked';
  readonly revokedAt: string;
  readonly revokedBy: TokenActor;
  readonly revokeReason: string | null;
}

/** Recorded as expired. Final, but for being revoked as well. */
export interface ExpiredToken extends Token {
  readonly phase: 'expired';
}

export type BornToken = LiveToken | RevokedToken | ExpiredToken;
export type TokenState = UnbornToken | BornToken;

export type TokenStatus = 'active' | 'disabled' | 'expired' | 'revoked';

/** The status at an instant (epoch ms). It follows the clock: a token expires at its instant, recorded or not. */
export function statusAt(token: BornToken, at: number): TokenStatus {
  if (token.phase === 'revoked') return 'revoked';
  if (token.phase === 'expired' || token.expiresAtMs <= at) return 'expired';
  return token.disabled ? 'disabled' : 'active';
}

/** True for a token that is neither revoked nor expired at the instant (epoch ms). */
export function isLiveAt(token: TokenState, at: number): token is LiveToken {
  return token.phase === 'live' && token.expiresAtMs > at;
}
