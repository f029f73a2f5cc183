import { setTimeout as pause } from 'node:timers/promises';
import type { ServerNodes } from '#libs/kernel/testing';
import type { Disturbance } from './failover-exercise.js';

const STOPPED_MS = 5_000;
export const ALL_KILLED = 'all nodes killed at once';

/** What a cluster has to live with, one after the other, each when the one before has been recovered from. */
export function nodeDisturbances(nodes: ServerNodes): Disturbance[] {
  return [
    { name: 'leader killed', make: () => killLeader(nodes) },
    { name: `leader stopped for ${STOPPED_MS} ms`, make: () => nodes.loseLeader('stop', STOPPED_MS) },
    { name: 'every node killed, one after the other', make: () => killInTurn(nodes) },
    { name: ALL_KILLED, make: () => killAll(nodes) },
  ];
}

/** It comes back when the others have gone on without it; a node by itself has no others. */
async function killLeader(nodes: ServerNodes): Promise<void> {
  const { leader, all } = await nodes.settled();
  await nodes.order(leader, 'kill');
  if (all.length > 1) await untilAnotherLeads(nodes, leader);
  await nodes.order(leader, 'start');
  await nodes.settled();
}

async function killInTurn(nodes: ServerNodes): Promise<void> {
  for (const node of (await nodes.settled()).all) {
    await nodes.order(node, 'kill');
    await nodes.order(node, 'start');
    await nodes.settled();
  }
}

async function killAll(nodes: ServerNodes): Promise<void> {
  const { all } = await nodes.settled();
  await Promise.all(all.map((node) => nodes.order(node, 'kill')));
  await Promise.all(all.map((node) => nodes.order(node, 'start')));
  await nodes.settled();
}

async function untilAnotherLeads(nodes: ServerNodes, leader: number): Promise<void> {
  for (;;) {
    const states = await nodes.states();
    if (states.some((state, node) => state === 'leader' && node !== leader)) return;
    await pause(100);
  }
}
