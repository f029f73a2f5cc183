import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { CommandContext, LedgerSettings } from '#libs/contracts';
import { DAY_MS, toInstant, uuidFrom } from '#libs/kernel';
import { isUnused } from '../domain/unused-rule.js';
import { LIVE } from '../read-model/live.js';
import { TokenEntity } from '../read-model/token.entity.js';
import { SettingsReader } from '../settings-reader.js';
import { sweep, type SweepCounts, SWEEP_PAGE_SIZE, withSeed } from '../sweep.js';
import { ClearUnusedToken } from './clear-unused-token.command.js';
import { FlagUnusedToken } from './flag-unused-token.command.js';

type Idle = Pick<TokenEntity, 'uid' | 'owner_uid' | 'created_at' | 'last_used_at'>;

/** No setting allows less than a day without use. */
const IDLE_MS_MIN = DAY_MS;

/** Finds live tokens to flag as unused, and flagged ones that were used again. */
@Injectable()
export class UnusedSweeps {
  constructor(
    private readonly dataSource: DataSource,
    private readonly commands: CommandBus,
    private readonly settings: SettingsReader,
  ) {}

  /** Flags what is due by the settings of each owner. */
  async flag(context: CommandContext): Promise<SweepCounts> {
    const { at } = context;
    const settingsOf = this.settingsOnce();
    return sweep<Idle>({
      page: (after) => this.idle(at, after),
      carryOut: async ({ uid, owner_uid, created_at, last_used_at }) => {
        const use = { createdAt: created_at, lastUsedAt: last_used_at };
        if (!isUnused(use, await settingsOf(owner_uid), at)) return false;
        const seed = uuidFrom('unused', uid, last_used_at ?? 'never');
        return this.commands.execute(new FlagUnusedToken(withSeed(context, seed), uid, last_used_at));
      },
    });
  }

  /** Takes the flag off what was used since. */
  async clear(context: CommandContext): Promise<SweepCounts> {
    return sweep<Idle>({
      page: (after) => this.usedAgain(after),
      carryOut: ({ uid, last_used_at }) => {
        const usedAt = last_used_at ?? '';
        const seed = uuidFrom('unused-cleared', uid, usedAt);
        return this.commands.execute(new ClearUnusedToken(withSeed(context, seed), uid, usedAt));
      },
    });
  }

  private idle(at: number, after: Idle | null): Promise<Idle[]> {
    const idleSince = toInstant(at - IDLE_MS_MIN);
    return this.live(after)
      .andWhere('token.unused_since IS NULL')
      .andWhere('(token.expires_at IS NULL OR token.expires_at > :at)', { at: toInstant(at) })
      .andWhere('COALESCE(token.last_used_at, token.created_at) <= :idleSince', { idleSince })
      .getMany();
  }

  private usedAgain(after: Idle | null): Promise<Idle[]> {
    return this.live(after)
      .andWhere('token.unused_since IS NOT NULL')
      .andWhere('token.last_used_at > token.unused_since')
      .getMany();
  }

  private live(after: Idle | null): SelectQueryBuilder<TokenEntity> {
    return this.dataSource
      .getRepository(TokenEntity)
      .createQueryBuilder('token')
      .select(['token.uid', 'token.owner_uid', 'token.created_at', 'token.last_used_at'])
      .where(LIVE)
      .andWhere('token.uid > :after', { after: after?.uid ?? '' })
      .orderBy('token.uid')
      .limit(SWEEP_PAGE_SIZE);
  }

  /** Settings by owner, each asked for once in a run. */
  private settingsOnce(): (ownerUid: string) => Promise<LedgerSettings> {
    const known = new Map<string, Promise<LedgerSettings>>();
    return (ownerUid) => {
      const settings = known.get(ownerUid) ?? this.settings.settingsFor(ownerUid);
      known.set(ownerUid, settings);
      return settings;
    };
  }
}
