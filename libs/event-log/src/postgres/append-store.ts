import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { LogUnavailable } from '../event-log.js';
import { formatPosition, type Position } from '../position.js';
import { LIST_SEPARATOR } from './append-function.js';
import type { FlushPlan, PlannedRow } from './flush-plan.js';
import { type ConnectionOptions, ManagedConnection, mayPass } from './managed-connection.js';

/** What became of a flush. Revisions are in the order of its rows. */
export type FlushOutcome =
  | { readonly stored: true; readonly firstPosition: bigint; readonly before: readonly bigint[] | null }
  | { readonly stored: false; readonly found: readonly bigint[] }
  | { readonly stored: false; readonly security: Position };

export interface AppendStoreOptions extends ConnectionOptions {
  /** How long a flush with unknown outcome is sent again, from the first failure on. */
  readonly retryForMs: number;
}

interface AppendRow {
  readonly outcome: 'stored' | 'conflict' | 'moved' | 'stale';
  readonly first_position: string | null;
  readonly revisions: string | null;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
const APPEND =
  'select outcome, first_position, revisions from ledger.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)';

/** Sends flushes over a connection of its own, one at a time, and makes sure that each is stored once at most. */
export class AppendStore {
  private readonly connection: ManagedConnection;
  private readonly writer = randomUUID();
  private flushes = 0;
  /** On the monotonic clock, from the first failure after the last success. */
  private awaySince: number | null = null;

  constructor(private readonly options: AppendStoreOptions) {
    this.connection = new ManagedConnection(options);
  }

  /**
   * Stores a flush or finds that it conflicts. When the connection is lost, whether it was stored is unknown: it is sent
   * again under the same number, by which the database recognises it, until `retryForMs` is over.
   * Throws LogUnavailable; the outcome stays unknown then.
   */
  async send(plan: FlushPlan, recordedAt: string): Promise<FlushOutcome> {
    this.flushes += 1;
    const values = [this.writer, this.flushes, recordedAt, ...parametersOf(plan)];
    const query = { name: 'append', text: APPEND, values };
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const rows = await this.connection.query<AppendRow>(query).catch((error: unknown) => this.considerAgain(error));
      if (rows) {
        this.awaySince = null;
        return outcomeOf(rows[0]);
      }
      await delay(pauseMs);
    }
  }

  /** Throws when the query is not worth another try. */
  private considerAgain(error: unknown): null {
    this.awaySince ??= performance.now();
    const isOver = performance.now() - this.awaySince >= this.options.retryForMs;
    if (isOver || !mayPass(error)) throw new LogUnavailable('the event log cannot be written', { cause: error });
    return null;
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

function parametersOf({ rows, securityAt }: FlushPlan): (string | number | null)[] {
  let size = 0;
  let security = 0;
  for (const { count, category } of rows) {
    size += count;
    if (category === 'security') security = size;
  }
  const list = (separator: string, of: (row: PlannedRow) => string | bigint | number) => rows.map(of).join(separator);
  return [
    size,
    security,
    securityAt === null ? null : formatPosition(securityAt),
    list(LIST_SEPARATOR, ({ stream }) => stream),
    list(' ', ({ category }) => category),
    list(' ', ({ expected }) => expected),
    list(' ', ({ count }) => count),
    list(LIST_SEPARATOR, ({ texts }) => texts.join('\n')),
  ];
}

function outcomeOf(row: AppendRow | undefined): FlushOutcome {
  const revisions = row?.revisions?.split(' ').map(BigInt) ?? null;
  if (row?.outcome === 'stored' && row.first_position !== null) {
    return { stored: true, firstPosition: BigInt(row.first_position), before: revisions };
  }
  if (row?.outcome === 'moved' && row.first_position !== null) {
    return { stored: false, security: BigInt(row.first_position) as Position };
  }
  if (row?.outcome === 'conflict' && revisions) return { stored: false, found: revisions };
  throw new LogUnavailable(`the database answered ${String(row?.outcome)} to an append`);
}
