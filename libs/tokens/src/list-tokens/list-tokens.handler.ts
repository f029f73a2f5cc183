import { createHash } from 'node:crypto';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { refuse } from '#libs/contracts';
import { decodeCursor, encodeCursor } from '#libs/http';
import { canonicalJson, Clock, isUid } from '#libs/kernel';
import { lastUseOf } from '../read-model/last-use.js';
import { tokenOf } from '../read-model/token-columns.js';
import type { TokenEntity } from '../read-model/token.entity.js';
import { visibleTokens } from '../read-model/visible-tokens.js';
import { tokenDto } from '../token.dto.js';
import type { ListTokensQuery } from './list-tokens.dto.js';
import { ListTokens, type TokenPage } from './list-tokens.query.js';
import { selectTokens } from './token-conditions.js';
import { isSortValue, type SortOrder, sortOrder } from './token-sort.js';

@QueryHandler(ListTokens)
export class ListTokensHandler implements IQueryHandler<ListTokens> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, filter }: ListTokens): Promise<TokenPage> {
    const now = this.clock.now();
    const order = sortOrder(filter.sort ?? '-createdAt');
    const query = visibleTokens(this.dataSource, principal);
    selectTokens(query, filter, now);
    startAfter(query, filter, order);
    // Without the brackets TypeORM takes a bare column for a renamed one, and leaves it out of the entity.
    const rows = await query
      .addSelect(`(${order.expression})`, 'sort_value')
      .orderBy('sort_value', order.direction)
      .addOrderBy('token.uid', order.direction)
      .limit(filter.limit + 1)
      .getMany();
    const shown = rows.slice(0, filter.limit);
    const last = rows.length > filter.limit ? shown.at(-1) : undefined;
    return {
      data: shown.map((row) => tokenDto(tokenOf(row), lastUseOf(row), now)),
      nextCursor: last === undefined ? null : encodeCursor([listId(filter), order.valueOf(last), last.uid]),
    };
  }
}

function startAfter(query: SelectQueryBuilder<TokenEntity>, filter: ListTokensQuery, order: SortOrder): void {
  if (filter.cursor === undefined) return;
  const [list = '', value = '', uid = ''] = decodeCursor(filter.cursor, 3);
  if (list !== listId(filter) || !isSortValue(order, value) || !isUid(uid, 'tok')) throw refuse('invalid_cursor');
  const { expression, sqlType, direction } = order;
  query.andWhere(`(${expression}, token.uid) ${direction === 'ASC' ? '>' : '<'} (CAST(:value AS ${sqlType}), :uid)`, {
    value,
    uid,
  });
}

/** Stands for filters and order, so that a cursor of another list is told apart instead of being followed anywhere. */
function listId({ owner, type, status, unused, expiringWithin, q, sort }: ListTokensQuery): string {
  const filters = canonicalJson({ owner, type, status, unused, expiringWithin, q, sort });
  return createHash('sha256').update(filters).digest('base64url').slice(0, 8);
}
