import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type ErrorCode, refuse, streamOf } from '#libs/contracts';
import { StreamRepository } from '#libs/event-log';
import type { LedgerError } from '#libs/kernel';
import { tokenDecider } from '../domain/evolve-token.js';
import { activeSlots, type OwnerSlots } from '../domain/owner-slots.js';
import { readLastUses } from '../read-model/last-use.js';

const CANDIDATES_MAX = 20;

/** A token that could make room for a new one. */
interface Candidate {
  readonly uid: string;
  readonly handle: string;
  readonly name: string;
  readonly prefix: string;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
}

/** Tells which tokens an owner at its limit would miss least. */
@Injectable()
export class LimitCandidates {
  constructor(
    private readonly repository: StreamRepository,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * The refusal with `candidates`: at most 20 active tokens of the type, least recently used first, never used before
   * all others. Which tokens there are comes from the slots, so that a read model that lags leaves none out.
   */
  async addTo(
    refusal: LedgerError<ErrorCode>,
    slots: OwnerSlots,
    { type, at }: { type: string; at: number },
  ): Promise<LedgerError<ErrorCode>> {
    const active = activeSlots(slots, at).filter((slot) => slot.type === type);
    const uses = await readLastUses(
      this.dataSource,
      active.map((slot) => slot.tokenUid),
    );
    const lastUsedAt = (uid: string): string => uses.get(uid)?.lastUsedAt ?? '';
    const oldest = active
      .map((slot) => slot.tokenUid)
      .sort((a, b) => compare(lastUsedAt(a), lastUsedAt(b)) || compare(a, b))
      .slice(0, CANDIDATES_MAX);
    const shown = await Promise.all(oldest.map((uid) => this.candidate(uid, lastUsedAt(uid) || null)));
    const candidates = shown.filter((candidate) => candidate !== null);
    return refuse(refusal.code, { ...refusal.options, extra: { candidates } });
  }

  private async candidate(uid: string, lastUsedAt: string | null): Promise<Candidate | null> {
    const { state } = await this.repository.load(streamOf.token(uid), tokenDecider);
    // Where a store takes the streams of a request one after the other, a slot may stand without its token.
    if (state.phase === 'unborn') return null;
    const { handle, name, prefix, expiresAt } = state;
    return { uid, handle, name, prefix, lastUsedAt, expiresAt };
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
