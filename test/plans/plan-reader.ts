import type pg from 'pg';

/** A statement as the ledger sent it. */
export interface SentQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What PostgreSQL did for one statement. */
export interface PlanCosts {
  readonly sql: string;
  /** Tables of which it read every row by a sequential scan. */
  readonly scanned: readonly string[];
  /** Rows that were read in tables and indexes, shown or not. */
  readonly rowsRead: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Carries out a statement again and tells how. Sequential scans are allowed, as they are in the ledger. */
export async function costsOf(client: pg.Client, { sql, parameters }: SentQuery): Promise<PlanCosts> {
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) ${sql}`,
    [...parameters],
  );
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (plan === undefined) throw new Error(`no plan for ${sql}`);
  const nodes = allOf(plan);
  const scanned = nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []));
  const rowsRead = nodes.filter(isLeaf).reduce((sum, node) => sum + readBy(node), 0);
  return { sql, scanned, rowsRead };
}

function allOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(allOf)];
}

/** What reads tables; the index scans under a bitmap read what it then reads again. */
function isLeaf(node: PlanNode): boolean {
  return node['Relation Name'] !== undefined;
}

function readBy(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}
