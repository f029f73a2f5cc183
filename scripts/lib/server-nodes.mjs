// The nodes of an EventStoreDB, started by commands that the user gives, and taken down and started again by tests that
// ask for it over HTTP on the loopback: the nodes belong to the launcher, so that they end with it whatever a test does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 90_000;
const STATE_WITHIN_MS = 1_000;
const ASK_AGAIN_MS = 200;
const REVIVED_AFTER_MS = 500;
const SIGNALS = { kill: 'SIGKILL', stop: 'SIGSTOP', continue: 'SIGCONT' };

/** Addresses of the nodes that a connection string names, as origins of their HTTP interface. */
export function originsOf(connectionString) {
  const { protocol, rest } = /^esdb(?<protocol>\+discover)?:\/\/(?:[^@/]*@)?(?<rest>[^/?]+)/.exec(
    connectionString,
  ).groups;
  if (protocol !== undefined) throw new Error('with --node the connection string must name every node: esdb://a:1,b:2');
  const scheme = /[?&]tls=false/i.test(connectionString) ? 'http' : 'https';
  return rest.split(',').map((host) => `${scheme}://${host.includes(':') ? host : `${host}:2113`}`);
}

/** A node in a process group of its own, because the command may be a shell that starts the server. */
class ServerNode {
  #command;
  #child = null;
  #isWanted = false;

  constructor(command, origin) {
    this.#command = command;
    this.origin = origin;
  }

  start() {
    this.#isWanted = true;
    if (this.#child !== null) return;
    const child = spawn('/bin/sh', ['-c', this.#command], {
      detached: true,
      stdio: 'ignore',
      env: serverEnvironment(),
    });
    this.#child = child;
    child.once('exit', () => {
      this.#child = null;
      // A node ends itself when it has to forget what no majority has, and counts on being started again.
      setTimeout(() => this.#isWanted && this.start(), REVIVED_AFTER_MS).unref();
    });
  }

  async signal(name) {
    const child = this.#child;
    if (child === null) return;
    if (name === 'SIGKILL') this.#isWanted = false;
    process.kill(-child.pid, name);
    if (name === 'SIGKILL') await once(child, 'exit');
  }

  /** `leader`, `follower` and what else a node calls itself; `away` when it does not answer. */
  state() {
    const get = this.origin.startsWith('https') ? httpsGet : httpGet;
    return new Promise((resolve) => {
      // Nothing is told to the node, so that it need not prove who it is.
      const options = { timeout: STATE_WITHIN_MS, rejectUnauthorized: false, agent: false };
      const call = get(`${this.origin}/info`, options, (answer) => {
        let text = '';
        answer.on('data', (piece) => (text += piece));
        answer.on('end', () => resolve(/"state":\s*"(\w+)"/.exec(text)?.[1] ?? 'away'));
      });
      call.on('timeout', () => call.destroy());
      call.on('error', () => resolve('away'));
    });
  }
}

/** Nodes that run until they are closed. */
export class ServerNodes {
  #nodes;
  #server;

  /** Starts one node for each command, in the order of the hosts in the connection string, and waits for their leader. */
  static async start(commands, connectionString) {
    const origins = originsOf(connectionString);
    if (origins.length !== commands.length)
      throw new Error(`${origins.length} hosts in --url, ${commands.length} --node`);
    const nodes = new ServerNodes(commands.map((command, index) => new ServerNode(command, origins[index])));
    try {
      await nodes.#open();
      return nodes;
    } catch (error) {
      await nodes.close();
      throw error;
    }
  }

  constructor(nodes) {
    this.#nodes = nodes;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Where a test asks for the states of the nodes, and for one to be taken down: `GET /`, `POST /<index>/<what>`. */
  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all(this.#nodes.map((node) => node.signal('SIGKILL')));
  }

  async #open() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    for (const node of this.#nodes) node.start();
    const until = performance.now() + READY_WITHIN_MS;
    while (!areSettled(await this.#states())) {
      if (performance.now() > until) throw new Error(`the nodes have no leader within ${READY_WITHIN_MS} ms`);
      await pause(ASK_AGAIN_MS);
    }
  }

  #states() {
    return Promise.all(this.#nodes.map((node) => node.state()));
  }

  async #answer({ method, url }, response) {
    const [, index, what] = /^\/(\d+)\/(start|kill|stop|continue)$/.exec(url) ?? [];
    const node = this.#nodes[index];
    if (method === 'POST' && what === 'start') node?.start();
    else if (method === 'POST' && what !== undefined) await node?.signal(SIGNALS[what]);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url === '/' ? await this.#states() : {}));
  }
}

/** A server takes every variable that begins with its name for an option, and does not start with one it does not know. */
function serverEnvironment() {
  const ours = /^EVENTSTORE_(TEST|E2E)_URL$|^EVENTSTORE_FAILOVER_SECONDS$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** One leader, and every other node follows it. */
function areSettled(states) {
  const leaders = states.filter((state) => state === 'leader').length;
  return leaders === 1 && states.filter((state) => state === 'follower').length === states.length - 1;
}
