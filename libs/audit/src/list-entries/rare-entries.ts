import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { type AuditEntry, shownChanges } from '../domain/index.js';
import { AuditEntryRow } from '../record-entries/audit-entry-row.entity.js';
import { type AuditScope, HIDDEN_OWNER } from './audit-scope.js';
import type { EntryConditions, EntryRange } from './entry-conditions.js';
import { EntrySpans } from './entry-spans.js';
import { shownAddress } from './shown-address.js';
import { TokenPrefixes } from './token-prefixes.js';

type Query = SelectQueryBuilder<AuditEntryRow>;

/** Reads the entries of rare events, of which the audit log keeps rows. */
@Injectable()
export class RareEntries {
  constructor(
    private readonly dataSource: DataSource,
    private readonly spans: EntrySpans,
    private readonly prefixes: TokenPrefixes,
  ) {}

  /** At most `limit` entries that the scope shows and the conditions select, in their order. */
  async read(scope: AuditScope, conditions: EntryConditions, range: EntryRange, limit: number): Promise<AuditEntry[]> {
    const part = await this.spans.within(range, conditions);
    if (part === null) return [];
    const query = this.dataSource.getRepository(AuditEntryRow).createQueryBuilder('entry');
    restrict(query, scope, conditions.token !== undefined);
    select(query, conditions);
    query.andWhere('entry.position >= :first AND entry.position <= :last', {
      first: part.from.toString(),
      last: part.to.toString(),
    });
    const direction = conditions.order === 'asc' ? 'ASC' : 'DESC';
    const rows = await query.orderBy('entry.position', direction).limit(limit).getMany();
    const prefixes = await this.prefixes.of(unsaid(rows));
    return rows.map((row) => toEntry(row, row.tokenPrefix ?? prefixes.get(row.tokenUid ?? '') ?? null));
  }
}

function restrict(query: Query, scope: AuditScope, byToken: boolean): void {
  if (scope.kind !== 'all') query.andWhere('entry.ownerUid IS DISTINCT FROM :hidden', { hidden: HIDDEN_OWNER });
  if (scope.kind === 'organizations') {
    query.andWhere(
      '(entry.organizationUid = ANY(:organizations) OR entry.actorUid = :self OR entry.ownerUid = :self)',
      {
        organizations: scope.uids,
        self: scope.userUid ?? '',
      },
    );
  }
  if (scope.kind === 'own')
    query.andWhere(`entry.${byToken ? 'ownerUid' : 'actorUid'} = :self`, { self: scope.userUid });
}

function select(query: Query, conditions: EntryConditions): void {
  const { actor, action, token, organization, ip, outcome, from, to, q } = conditions;
  if (actor !== undefined) query.andWhere('entry.actorUid = :actor', { actor });
  if (action !== undefined) query.andWhere('entry.action = :action', { action });
  if (token !== undefined) query.andWhere('entry.tokenUid = :token', { token });
  if (organization !== undefined) query.andWhere('entry.organizationUid = :organization', { organization });
  if (ip !== undefined) query.andWhere('entry.ip = :ip', { ip });
  if (outcome !== undefined) query.andWhere('entry.outcome = :outcome', { outcome });
  if (from !== undefined) query.andWhere('entry.occurredAt >= :from', { from });
  if (to !== undefined) query.andWhere('entry.occurredAt < :to', { to });
  if (q !== undefined && q !== '') {
    query.andWhere(
      `(entry.reason ILIKE :text OR entry.userAgent ILIKE :text OR entry.targetUid = :exact OR entry.entryUid = :exact
        OR entry.requestId = :exact OR entry.correlationId = :exact)`,
      { text: `%${q.replace(/[\\%_]/g, '\\$&')}%`, exact: q },
    );
  }
}

/** The tokens of events that do not say their prefixes. */
function unsaid(rows: readonly AuditEntryRow[]): Set<string> {
  return new Set(
    rows.flatMap(({ tokenUid, tokenPrefix }) => (tokenPrefix === null && tokenUid !== null ? tokenUid : [])),
  );
}

function toEntry(row: AuditEntryRow, tokenPrefix: string | null): AuditEntry {
  return {
    position: row.position,
    entryUid: row.entryUid,
    time: row.occurredAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    action: row.action,
    outcome: row.outcome,
    actor: { type: row.actorType, uid: row.actorUid },
    target: row.targetType === null || row.targetUid === null ? null : { type: row.targetType, uid: row.targetUid },
    tokenPrefix,
    organization: row.organizationUid,
    ip: shownAddress(row.ip),
    userAgent: row.userAgent,
    requestId: row.requestId,
    correlationId: row.correlationId,
    reason: row.reason,
    changes: shownChanges(row.action, row.changes),
  };
}
