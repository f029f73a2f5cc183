import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { AuditEntry } from '../domain/audit-entry.js';
import { AuditEntryRow } from '../record-entries/audit-entry-row.entity.js';
import type { AuditScope } from './audit-scope.js';

export interface EntryConditions {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly token?: string | undefined;
  readonly organization?: string | undefined;
  readonly ip?: string | undefined;
  readonly outcome?: string | undefined;
  /** Instants; `from` inclusive, `to` exclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly q?: string | undefined;
  readonly order: 'asc' | 'desc';
}

export interface PageBounds {
  /** Exclusive; entries beyond it in the order of the page. */
  readonly after: string | null;
  /** Inclusive; no entry above it, whatever arrives meanwhile. */
  readonly upTo?: string;
  readonly limit: number;
}

type Query = SelectQueryBuilder<AuditEntryRow>;

/** Reads audit entries page by page, in the order of their positions. */
@Injectable()
export class AuditEntryReader {
  constructor(private readonly dataSource: DataSource) {}

  /** At most `limit` entries that the scope shows and the conditions select. */
  async read(scope: AuditScope, conditions: EntryConditions, page: PageBounds): Promise<AuditEntry[]> {
    const query = this.dataSource.getRepository(AuditEntryRow).createQueryBuilder('entry');
    restrict(query, scope, conditions.token !== undefined);
    select(query, conditions);
    if (page.after !== null) {
      query.andWhere(`entry.position ${conditions.order === 'asc' ? '>' : '<'} :after`, { after: page.after });
    }
    if (page.upTo !== undefined) query.andWhere('entry.position <= :upTo', { upTo: page.upTo });
    const direction = conditions.order === 'asc' ? 'ASC' : 'DESC';
    const rows = await query.orderBy('entry.position', direction).limit(page.limit).getMany();
    return rows.map(toEntry);
  }
}

function restrict(query: Query, scope: AuditScope, byToken: boolean): void {
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

function toEntry(row: AuditEntryRow): AuditEntry {
  return {
    position: row.position,
    entryUid: row.entryUid,
    time: row.occurredAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    action: row.action,
    outcome: row.outcome,
    actor: { type: row.actorType, uid: row.actorUid },
    target: row.targetType === null || row.targetUid === null ? null : { type: row.targetType, uid: row.targetUid },
    organization: row.organizationUid,
    ip: row.ip,
    userAgent: row.userAgent,
    requestId: row.requestId,
    correlationId: row.correlationId,
    reason: row.reason,
    changes: row.changes,
  };
}
