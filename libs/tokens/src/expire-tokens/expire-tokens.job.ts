import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { CommandContext } from '#libs/contracts';
import type { LedgerJob } from '#libs/jobs';
import { Clock, fromInstant, toInstant, uuidFrom } from '#libs/kernel';
import { LIVE } from '../read-model/live.js';
import { TokenEntity } from '../read-model/token.entity.js';
import { sweep, SWEEP_PAGE_SIZE, withSeed } from '../sweep.js';
import { ExpireToken } from './expire-token.command.js';

type Due = Pick<TokenEntity, 'uid' | 'owner_uid' | 'expires_at'>;

/**
 * Records the expiry of tokens whose instant has passed. They were refused from that instant on: a check compares it
 * with the clock itself, whether this job runs or not.
 */
@Injectable()
export class ExpireTokensJob implements LedgerJob {
  readonly name = 'expire-tokens';
  readonly description = 'Records the expiry of tokens whose instant has passed, and frees their places.';
  readonly everyMs = 30_000;

  constructor(
    private readonly dataSource: DataSource,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  async run(context: CommandContext): Promise<Record<string, number>> {
    const { found, recorded } = await sweep<Due>({
      page: (after) => this.due(context.at, after),
      carryOut: ({ uid, expires_at }) => {
        const seed = uuidFrom('expired', uid, expires_at ?? '');
        return this.commands.execute(new ExpireToken(withSeed(context, seed), uid));
      },
    });
    return { found, expired: recorded };
  }

  /** The next expiry that lies ahead, epoch ms. */
  async nextDueAt(): Promise<number | null> {
    const [next] = await this.live()
      .andWhere('token.expires_at > :now', { now: toInstant(this.clock.now()) })
      .orderBy('token.expires_at')
      .limit(1)
      .getMany();
    const expiresAt = next?.expires_at ?? null;
    return expiresAt === null ? null : fromInstant(expiresAt);
  }

  private due(at: number, after: Due | null): Promise<Due[]> {
    const query = this.live().andWhere('token.expires_at <= :at', { at: toInstant(at) });
    if (after !== null) query.andWhere('(token.expires_at, token.uid) > (:expiresAt, :uid)', keyOf(after));
    return query.orderBy('token.expires_at').addOrderBy('token.uid').limit(SWEEP_PAGE_SIZE).getMany();
  }

  private live(): SelectQueryBuilder<TokenEntity> {
    return this.dataSource
      .getRepository(TokenEntity)
      .createQueryBuilder('token')
      .select(['token.uid', 'token.owner_uid', 'token.expires_at'])
      .where(LIVE);
  }
}

function keyOf({ uid, expires_at }: Due): { expiresAt: string | null; uid: string } {
  return { expiresAt: expires_at, uid };
}
