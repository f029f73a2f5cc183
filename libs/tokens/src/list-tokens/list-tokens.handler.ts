import { createHash } from 'node:crypto';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { refuse } from '#libs/contracts';
import { decodeCursor, encodeCursor } from '#libs/http';
import { canonicalJson, Clock, isUid } from '#libs/kernel';
import { NO_USE, readLastUses } from '../read-model/last-use.js';
import { tokenOf } from '../read-model/token-columns.js';
import type { TokenEntity } from '../read-model/token.entity.js';
import { visibleTokens } from '../read-model/visible-tokens.js';
import { tokenDto } from '../token.dto.js';
import type { ListTokensQuery } from './list-tokens.dto.js';
import { ListTokens, type TokenPage } from './list-tokens.query.js';
import { selectTokens } from './token-conditions.js';
import { isSortValue, type SortOrder, sortOrder, sortValueText } from './token-sort.js';

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
    query.addSelect(`(${order.expression})`, 'sort_value');
    if (order.coarse !== undefined) query.addOrderBy(order.coarse.expression, order.direction);
    const { entities, raw } = await query
      .addOrderBy('sort_value', order.direction)
      .addOrderBy('token.uid', order.direction)
      .limit(filter.limit + 1)
      .getRawAndEntities<{ sort_value: unknown }>();
    const shown = entities.slice(0, filter.limit);
    const uses = await readLastUses(
      this.dataSource,
      shown.map(({ uid }) => uid),
    );
    const last = entities.length > filter.limit ? shown.at(-1) : undefined;
    const value = sortValueText(raw[shown.length - 1]?.sort_value);
    return {
      data: shown.map((row) => tokenDto(tokenOf(row), uses.get(row.uid) ?? NO_USE, now)),
      nextCursor: last === undefined ? null : encodeCursor([listId(filter), value, last.uid]),
    };
  }
}

function startAfter(query: SelectQueryBuilder<TokenEntity>, filter: ListTokensQuery, order: SortOrder): void {
  if (filter.cursor === undefined) return;
  const [list = '', value = '', uid = ''] = decodeCursor(filter.cursor, 3);
  if (list !== listId(filter) || !isSortValue(order, value) || !isUid(uid, 'tok')) throw refuse('invalid_cursor');
  const { expression, sqlType, direction, coarse } = order;
  const compare = direction === 'ASC' ? '>' : '<';
  query.andWhere(`(${expression}, token.uid) ${compare} (CAST(:value AS ${sqlType}), :uid)`, { value, uid });
  if (coarse === undefined) return;
  query.andWhere(`${coarse.expression} ${compare}= CAST(:coarse AS ${sqlType})`, { coarse: coarse.of(value) });
}

/** Stands for filters and order, so that a cursor of another list is told apart instead of being followed anywhere. */
function listId({ owner, type, status, unused, expiringWithin, q, sort }: ListTokensQuery): string {
  const filters = canonicalJson({ owner, type, status, unused, expiringWithin, q, sort });
  return createHash('sha256').update(filters).digest('base64url').slice(0, 8);
}
