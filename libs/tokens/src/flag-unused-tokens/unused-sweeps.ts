import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { CommandContext, LedgerSettings } from '#libs/contracts';
import { DAY_MS, toInstant, uuidFrom } from '#libs/kernel';
import { isUnused } from '../domain/unused-rule.js';
import { readLastUses } from '../read-model/last-use.js';
import { LIVE } from '../read-model/live.js';
import { TokenEntity } from '../read-model/token.entity.js';
import { SettingsReader } from '../settings-reader.js';
import { sweep, type SweepCounts, SWEEP_PAGE_SIZE, withSeed } from '../sweep.js';
import { ClearUnusedToken } from './clear-unused-token.command.js';
import { FlagUnusedToken } from './flag-unused-token.command.js';

interface Idle extends Pick<TokenEntity, 'uid' | 'owner_uid' | 'created_at'> {
  readonly lastUsedAt: string | null;
}

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
      carryOut: async ({ uid, owner_uid, created_at, lastUsedAt }) => {
        const use = { createdAt: created_at, lastUsedAt };
        if (!isUnused(use, await settingsOf(owner_uid), at)) return false;
        const seed = uuidFrom('unused', uid, lastUsedAt ?? 'never');
        return this.commands.execute(new FlagUnusedToken(withSeed(context, seed), uid, lastUsedAt));
      },
    });
  }

  /** Takes the flag off what was used since. */
  async clear(context: CommandContext): Promise<SweepCounts> {
    return sweep<Idle>({
      page: (after) => this.usedAgain(after),
      carryOut: async ({ uid, lastUsedAt: usedAt }) => {
        if (usedAt === null) return false;
        const seed = uuidFrom('unused-cleared', uid, usedAt);
        return this.commands.execute(new ClearUnusedToken(withSeed(context, seed), uid, usedAt));
      },
    });
  }

  private idle(at: number, after: Idle | null): Promise<Idle[]> {
    const idleSince = toInstant(at - IDLE_MS_MIN);
    // By the hour of the last use these are a few too many; who is due is decided by its instant.
    return this.withLastUses(
      this.live(after)
        .andWhere('token.unused_since IS NULL')
        .andWhere('(token.expires_at IS NULL OR token.expires_at > :at)', { at: toInstant(at) })
        .andWhere('COALESCE(token.last_used_hour, token.created_at) <= :idleSince', { idleSince }),
    );
  }

  private usedAgain(after: Idle | null): Promise<Idle[]> {
    return this.withLastUses(
      this.live(after)
        .andWhere('token.unused_since IS NOT NULL')
        .andWhere("token.last_used_hour + interval '1 hour' > token.unused_since"),
    );
  }

  private async withLastUses(query: SelectQueryBuilder<TokenEntity>): Promise<Idle[]> {
    const rows = await query.getMany();
    const uses = await readLastUses(
      this.dataSource,
      rows.map(({ uid }) => uid),
    );
    return rows.map((row) => ({ ...row, lastUsedAt: uses.get(row.uid)?.lastUsedAt ?? row.last_used_hour }));
  }

  private live(after: Idle | null): SelectQueryBuilder<TokenEntity> {
    return this.dataSource
      .getRepository(TokenEntity)
      .createQueryBuilder('token')
      .select(['token.uid', 'token.owner_uid', 'token.created_at', 'token.last_used_hour'])
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
