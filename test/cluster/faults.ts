import { setTimeout as pause } from 'node:timers/promises';
import type { ServerNodes } from '#libs/kernel/testing';
import type { Dice } from '../../benchmarks/support/dice.js';
import type { Cluster, MemberName } from './cluster.js';
import { projectorsOf, readTurn, takeOverMs } from './projector-watch.js';

/** Everything that is killed in a cluster, one after the other. */
export const CLUSTER_FAULTS = [
  'killApi',
  'killWorker',
  'killProjector',
  'killStandby',
  'pauseProjector',
  'killOneOfEach',
  'killRedis',
  'killPostgres',
  'restartPostgres',
  'partitionApi',
  'killLeader',
  'stopLeader',
] as const;
export type ClusterFault = (typeof CLUSTER_FAULTS)[number];

/** Of those, what cannot be made on a cluster. */
export function impossibleFaults({ redis, link, nodes }: Pick<Cluster, 'redis' | 'link' | 'nodes'>): ClusterFault[] {
  return [
    ...(redis === null ? (['killRedis'] as const) : []),
    ...(link === null ? (['partitionApi'] as const) : []),
    ...(nodes === null ? (['killLeader', 'stopLeader'] as const) : []),
  ];
}

/** After these another leader may be at work before the one before knows: revocations take effect within the lease. */
export const LEADER_FAULTS: readonly ClusterFault[] = ['killLeader', 'stopLeader'];

/** Within which another projector must have taken over. */
export const TAKEN_OVER_WITHIN_MS = 10_000;
const AWAY_MS = 1_500;
/** Longer than a lease, and than a leader is missed before there is another. */
const PARTED_MS = 5_000;

/** What was done, in words, and how long the take-over of the projector took where there was one. */
export interface Made {
  readonly text: string;
  readonly takenOverMs: number | null;
}

/** Makes a fault, and returns when what was killed runs again. */
export async function makeFault(kind: ClusterFault, cluster: Cluster, dice: Dice): Promise<Made> {
  const letter = dice.pick(['a', 'b'] as const);
  switch (kind) {
    case 'killApi':
      return kill(cluster, [`api-${letter}`]);
    case 'killWorker':
      return kill(cluster, [`worker-${letter}`]);
    case 'killStandby':
      return kill(cluster, [(await projectorsOf(cluster)).standby]);
    case 'killProjector':
      return killProjectorAnd(cluster, []);
    case 'killOneOfEach':
      return killProjectorAnd(cluster, [`api-${letter}`, `worker-${letter}`]);
    case 'pauseProjector':
      return pauseProjector(cluster);
    case 'killRedis':
      return killRedis(cluster);
    case 'killPostgres':
      await cluster.endPostgres('SIGKILL');
      return { text: 'kill -9 of PostgreSQL', takenOverMs: null };
    case 'restartPostgres':
      await cluster.endPostgres('SIGINT');
      return { text: 'restart of PostgreSQL', takenOverMs: null };
    case 'partitionApi':
      return partitionApi(cluster);
    case 'killLeader':
    case 'stopLeader':
      return loseLeader(kind, cluster.nodes!);
  }
}

async function kill(cluster: Cluster, names: readonly MemberName[]): Promise<Made> {
  await cluster.kill(...names);
  await Promise.all(names.map((name) => cluster.startMember(name)));
  return { text: `kill -9 of ${names.join(', ')}`, takenOverMs: null };
}

/** Nothing that was killed is started again before the other projector has taken over. */
async function killProjectorAnd(cluster: Cluster, others: readonly MemberName[]): Promise<Made> {
  const { active } = await projectorsOf(cluster);
  const names = [active, ...others];
  const before = await readTurn(cluster);
  await cluster.kill(...names);
  const takenOverMs = await takeOverMs(cluster, before, TAKEN_OVER_WITHIN_MS);
  await Promise.all(names.map((name) => cluster.startMember(name)));
  return { text: `kill -9 of ${[...others, active].join(', ')}, which follows the log`, takenOverMs };
}

/** It goes on in the middle of what it was doing, when it is another's turn. */
async function pauseProjector(cluster: Cluster): Promise<Made> {
  const { active } = await projectorsOf(cluster);
  const { pid } = cluster.member(active).ledger!.child;
  const before = await readTurn(cluster);
  process.kill(pid!, 'SIGSTOP');
  try {
    const takenOverMs = await takeOverMs(cluster, before, TAKEN_OVER_WITHIN_MS);
    return { text: `SIGSTOP of ${active}, which follows the log, until another does`, takenOverMs };
  } finally {
    process.kill(pid!, 'SIGCONT');
  }
}

async function killRedis({ redis }: Cluster): Promise<Made> {
  if (redis === null) throw new Error('the cluster runs without a Redis');
  await redis.kill();
  await pause(AWAY_MS);
  await redis.restart();
  return { text: `kill -9 of Redis, away for ${AWAY_MS} ms`, takenOverMs: null };
}

/** Its connections stay, and nothing gets through; the other api goes on revoking. */
async function partitionApi({ link }: Cluster): Promise<Made> {
  link!.silence();
  try {
    await pause(PARTED_MS);
  } finally {
    link!.heal();
  }
  return { text: `api-b parted from the event store for ${PARTED_MS} ms`, takenOverMs: null };
}

async function loseLeader(kind: 'killLeader' | 'stopLeader', nodes: ServerNodes): Promise<Made> {
  const how = kind === 'killLeader' ? 'kill' : 'stop';
  await nodes.loseLeader(how, PARTED_MS);
  return { text: `${how} of the leader of the event store, which was away for ${PARTED_MS} ms`, takenOverMs: null };
}
