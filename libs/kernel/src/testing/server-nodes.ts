import { setTimeout as pause } from 'node:timers/promises';

const SETTLED_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 200;

/** What may be done to a node: `kill` is SIGKILL, `stop` is SIGSTOP. */
export type NodeAction = 'start' | 'kill' | 'stop' | 'continue';

/**
 * The nodes of a server cluster that a launcher has started (`--node`), for tests that take them down. A node is named
 * by its index.
 */
export class ServerNodes {
  /** `url`: where the launcher takes orders. */
  constructor(private readonly url: string) {}

  /** Resolves when the signal is delivered; after `kill` the process has ended. */
  async order(node: number, action: NodeAction): Promise<void> {
    await fetch(`${this.url}/${node}/${action}`, { method: 'POST' });
  }

  /** What each node calls itself: `leader`, `follower`, …; `away` where it does not answer. */
  async states(): Promise<string[]> {
    return (await (await fetch(this.url)).json()) as string[];
  }

  /** Takes the leader away for so long: killed and started again, or stopped, in which case it does not know. */
  async loseLeader(how: 'kill' | 'stop', awayMs: number): Promise<void> {
    const { leader } = await this.settled();
    await this.order(leader, how);
    try {
      await pause(awayMs);
    } finally {
      await this.order(leader, how === 'kill' ? 'start' : 'continue');
    }
    await this.settled();
  }

  /** Every node, once there is one leader that all others follow. Throws when that is not so in a minute. */
  async settled(): Promise<{ readonly leader: number; readonly all: readonly number[] }> {
    const until = performance.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const states = await this.states();
      const followers = states.filter((state) => state === 'follower');
      const leader = states.indexOf('leader');
      if (leader >= 0 && followers.length === states.length - 1) return { leader, all: [...states.keys()] };
      if (performance.now() > until) throw new Error(`the nodes do not settle: ${states.join()}`);
      await pause(ASK_AGAIN_MS);
    }
  }
}
