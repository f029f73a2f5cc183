import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { refuse } from '#libs/contracts';
import { decodeCursor, encodeCursor, listIdOf } from '#libs/http';
import { Clock, isUid } from '#libs/kernel';
import { NO_USE, readLastUses } from '../read-model/last-use.js';
import { tokenOf } from '../read-model/token-columns.js';
import type { TokenEntity } from '../read-model/token.entity.js';
import { visibleTokens } from '../read-model/visible-tokens.js';
import { tokenDto } from '../token.dto.js';
import type { ListTokensQuery } from './list-tokens.dto.js';
import { ListTokens, type TokenPage } from './list-tokens.query.js';
import { selectTokens } from './token-conditions.js';
import { isSortValue, type SortOrder, sortStretches, sortValueText, stretchesFrom } from './token-sort.js';

@QueryHandler(ListTokens)
export class ListTokensHandler implements IQueryHandler<ListTokens> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, filter }: ListTokens): Promise<TokenPage> {
    const now = this.clock.now();
    const after = placeOf(filter);
    const all = sortStretches(filter.sort ?? '-createdAt');
    const rows: FoundToken[] = [];
    for (const [index, order] of (after === null ? all : stretchesFrom(all, after.value)).entries()) {
      const missing = filter.limit + 1 - rows.length;
      if (missing === 0) break;
      const query = visibleTokens(this.dataSource, principal);
      selectTokens(query, filter, now);
      // Only the stretch that the page before ended in begins in its middle.
      if (after !== null && index === 0) startAfter(query, after, order);
      rows.push(...(await readStretch(query, order, missing)));
    }
    return this.pageOf(rows, filter, now);
  }

  private async pageOf(rows: readonly FoundToken[], filter: ListTokensQuery, now: number): Promise<TokenPage> {
    const shown = rows.slice(0, filter.limit);
    const uses = await readLastUses(
      this.dataSource,
      shown.map(({ entity }) => entity.uid),
    );
    const last = rows.length > filter.limit ? shown.at(-1) : undefined;
    return {
      data: shown.map(({ entity }) => tokenDto(tokenOf(entity), uses.get(entity.uid) ?? NO_USE, now)),
      nextCursor: last === undefined ? null : encodeCursor([listId(filter), last.value, last.entity.uid]),
    };
  }
}

interface FoundToken {
  readonly entity: TokenEntity;
  /** What it is sorted by, as the text of a cursor. */
  readonly value: string;
}

/** Where a page begins: after this value, and after this uid among those that have it. */
interface Place {
  readonly value: string;
  readonly uid: string;
}

async function readStretch(
  query: SelectQueryBuilder<TokenEntity>,
  order: SortOrder,
  limit: number,
): Promise<FoundToken[]> {
  const { expression, direction, coarse, where } = order;
  if (where !== undefined) query.andWhere(where);
  // Without the brackets TypeORM takes a bare column for a renamed one, and leaves it out of the entity.
  query.addSelect(`(${expression})`, 'sort_value');
  if (coarse !== undefined) query.addOrderBy(coarse.expression, direction);
  const { entities, raw } = await query
    .addOrderBy('sort_value', direction)
    .addOrderBy('token.uid', direction)
    .limit(limit)
    .getRawAndEntities<{ sort_value: unknown }>();
  return entities.map((entity, index) => ({ entity, value: sortValueText(raw[index]?.sort_value) }));
}

function placeOf(filter: ListTokensQuery): Place | null {
  if (filter.cursor === undefined) return null;
  const [list = '', value = '', uid = ''] = decodeCursor(filter.cursor, 3);
  const [order] = sortStretches(filter.sort ?? '-createdAt');
  if (list !== listId(filter) || order === undefined || !isSortValue(order, value) || !isUid(uid, 'tok')) {
    throw refuse('invalid_cursor');
  }
  return { value, uid };
}

function startAfter(query: SelectQueryBuilder<TokenEntity>, { value, uid }: Place, order: SortOrder): void {
  const { expression, sqlType, direction, coarse, constant } = order;
  const compare = direction === 'ASC' ? '>' : '<';
  if (constant === true) {
    query.andWhere(`token.uid ${compare} :uid`, { uid });
    return;
  }
  query.andWhere(`(${expression}, token.uid) ${compare} (CAST(:value AS ${sqlType}), :uid)`, { value, uid });
  if (coarse === undefined) return;
  query.andWhere(`${coarse.expression} ${compare}= CAST(:coarse AS ${sqlType})`, { coarse: coarse.of(value) });
}

function listId({ owner, type, status, unused, expiringWithin, q, sort }: ListTokensQuery): string {
  return listIdOf({ owner, type, status, unused, expiringWithin, q, sort });
}
