import { type BornToken, KIND_OF_TYPE, type TokenStatus } from '#libs/tokens/domain';

/** What the standing of a token follows from, together with the clock. */
export interface TokenStanding {
  readonly type: BornToken['type'];
  readonly phase: BornToken['phase'];
  /** Of a live one. */
  readonly disabled?: boolean;
  /** Epoch ms; Infinity: never. */
  readonly expiresAtMs: number;
}

/** Numbers of tokens at one instant. */
export interface TokenCounts {
  /** Of every type and status, those of which there are none included. */
  readonly standing: readonly {
    readonly type: BornToken['type'];
    readonly status: TokenStatus;
    readonly count: number;
  }[];
  /** Of tokens that are neither revoked nor expired: how many expire within each of the spans that were asked for. */
  readonly expiring: readonly number[];
}

const TYPES = Object.keys(KIND_OF_TYPE) as BornToken['type'][];
const STATUSES: readonly TokenStatus[] = ['active', 'disabled', 'expired', 'revoked'];
/** Of a code the last bits: where the status stands in that list. */
const STATUS_BITS = 3;
const DISABLED = 1;
const EXPIRED = 2;
const EMPTY_SIZE = 1_024;

/**
 * Type, recorded status and expiry of every token, in nine bytes each. Tokens expire by the clock without an event, so
 * no count that events keep could be right; these are few enough bytes to be read whole when somebody counts.
 */
export class TokenStandings {
  private codes = new Uint8Array(EMPTY_SIZE);
  private expiries = new Float64Array(EMPTY_SIZE);
  private size = 0;

  /** Puts in the token of a number; the numbers are those from 0 on, each new one after the one before. */
  set(number: number, { type, phase, disabled, expiresAtMs }: TokenStanding): void {
    if (number >= this.codes.length) this.grow();
    const status = phase === 'live' ? (disabled === true ? DISABLED : 0) : STATUSES.indexOf(phase);
    this.codes[number] = TYPES.indexOf(type) * STATUSES.length + status;
    this.expiries[number] = expiresAtMs;
    this.size = Math.max(this.size, number + 1);
  }

  /** The numbers at an instant (epoch ms). `spansMs`: ascending. */
  count(at: number, spansMs: readonly number[]): TokenCounts {
    const { codes, expiries, size } = this;
    const counts = new Uint32Array(TYPES.length * STATUSES.length);
    const expiring = new Uint32Array(spansMs.length);
    const horizon = at + (spansMs.at(-1) ?? 0);
    for (let number = 0; number < size; number += 1) {
      const code = codes[number] as number;
      const status = code & STATUS_BITS;
      const expiresAt = expiries[number] as number;
      const isOver = status < EXPIRED && expiresAt <= at;
      const cell = isOver ? code - status + EXPIRED : code;
      counts[cell] = (counts[cell] as number) + 1;
      if (status >= EXPIRED || isOver || expiresAt > horizon) continue;
      const span = spansMs.findIndex((ms) => expiresAt <= at + ms);
      expiring[span] = (expiring[span] as number) + 1;
    }
    return { standing: standingOf(counts), expiring: added(expiring) };
  }

  private grow(): void {
    const codes = new Uint8Array(this.codes.length * 2);
    codes.set(this.codes);
    this.codes = codes;
    const expiries = new Float64Array(this.expiries.length * 2);
    expiries.set(this.expiries);
    this.expiries = expiries;
  }
}

function standingOf(counts: Uint32Array): TokenCounts['standing'] {
  return TYPES.flatMap((type, kind) =>
    STATUSES.map((status, index) => ({ type, status, count: counts[kind * STATUSES.length + index] ?? 0 })),
  );
}

/** Whoever expires within a span expires within every longer one. */
function added(counts: Uint32Array): number[] {
  let sum = 0;
  return Array.from(counts, (count) => (sum += count));
}
