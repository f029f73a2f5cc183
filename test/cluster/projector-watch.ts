import pg from 'pg';
import { eventually } from '../e2e/support/eventually.js';
import type { Cluster, MemberName } from './cluster.js';

const PROJECTORS = ['projector-a', 'projector-b'] as const;
const SETTLED_WITHIN_MS = 30_000;
const ANSWER_WITHIN_MS = 2_000;

export interface Turn {
  readonly epoch: bigint;
  /** That all read models have reached. */
  readonly position: bigint;
}

/** Whose turn it is, and how far the read models are, by the tables themselves. */
export async function readTurn({ connectionString }: Cluster): Promise<Turn> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ epoch: string; position: string }>(
      `SELECT epoch, (SELECT min(position) FROM read_model.projection_checkpoints) AS position
       FROM read_model.projector_lease`,
    );
    return { epoch: BigInt(rows[0]!.epoch), position: BigInt(rows[0]!.position) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The projector that follows the log, and the one that stands by, as soon as there is one of each. */
export function projectorsOf(cluster: Cluster): Promise<{ active: MemberName; standby: MemberName }> {
  return eventually(SETTLED_WITHIN_MS, async () => {
    const states = await Promise.all(PROJECTORS.map((name) => stateOf(cluster, name)));
    if ([...states].sort().join() !== 'active,standby') return null;
    return {
      active: PROJECTORS[states.indexOf('active')]!,
      standby: PROJECTORS[states.indexOf('standby')]!,
    };
  });
}

async function stateOf(cluster: Cluster, name: MemberName): Promise<string> {
  const url = `http://127.0.0.1:${cluster.member(name).port}/health/ready`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });

    const { checks } = await answer.json();
    return checks.role.detail.state;
  } catch {
    return 'no answer';
  }
}

/**
 * How long it takes from now until another turn has begun and moved the read models past where they are; the bound when
 * that has not happened by then. Events must be written meanwhile.
 */
export async function takeOverMs(cluster: Cluster, before: Turn, boundMs: number): Promise<number> {
  const began = performance.now();
  await eventually(boundMs, async () => {
    const now = await readTurn(cluster);
    return now.epoch > before.epoch && now.position > before.position ? true : null;
  }).catch(() => undefined);
  return Math.min(performance.now() - began, boundMs);
}
