import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort, ServerNodes as Orders } from '#libs/kernel/testing';
import { originsOf, ServerNodes } from '../../scripts/lib/server-nodes.mjs';

/** A program that calls itself what it is told to, as a node of EventStoreDB does, on `port`; asked for /end it ends. */
const nodeCommand = (port: number, state: string): string => {
  const answer = `(q, r) => (q.url === '/end' ? process.exit(1) : r.end('{"state": "${state}"}'))`;
  const program = `require('http').createServer(${answer}).listen(${port}, '127.0.0.1')`;
  return `exec '${process.execPath}' -e '${program.replaceAll("'", "'\\''")}'`;
};

describe('the nodes that a launcher starts', () => {
  let nodes: ServerNodes | null = null;
  afterEach(async () => {
    await nodes?.close();
    nodes = null;
  });

  it('are one for each host that the connection string names', async () => {
    expect(originsOf('esdb://user:secret@a:1,b?tls=false')).toEqual(['http://a:1', 'http://b:2113']);
    expect(originsOf('esdb://a:1')).toEqual(['https://a:1']);
    expect(() => originsOf('esdb+discover://a')).toThrow('must name every node');
    await expect(ServerNodes.start(['true'], 'esdb://a,b')).rejects.toThrow('2 hosts in --url, 1 --node');
  });

  it('settle, are away while killed or stopped, and come back when they are started or continued', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const commands = [nodeCommand(first, 'leader'), nodeCommand(second, 'follower')];
    nodes = await ServerNodes.start(commands, `esdb://127.0.0.1:${first},127.0.0.1:${second}?tls=false`);
    const orders = new Orders(nodes.url);
    expect(await orders.settled()).toEqual({ leader: 0, all: [0, 1] });
    await orders.order(0, 'kill');
    expect(await orders.states()).toEqual(['away', 'follower']);
    await orders.order(0, 'start');
    await orders.settled();
    await orders.order(1, 'stop');
    expect(await orders.states()).toEqual(['leader', 'away']);
    await orders.order(1, 'continue');
    await orders.settled();
  });

  it.each(['kill', 'stop'] as const)('lose their leader for a while, and settle when it is back: %s', async (how) => {
    const port = await freePort();
    nodes = await ServerNodes.start([nodeCommand(port, 'leader')], `esdb://127.0.0.1:${port}?tls=false`);
    const orders = new Orders(nodes.url);
    const lost = orders.loseLeader(how, 1_500);
    while ((await orders.states())[0] !== 'away');
    await lost;
    expect(await orders.states()).toEqual(['leader']);
  });

  it('come back by themselves when they end by themselves', async () => {
    const port = await freePort();
    nodes = await ServerNodes.start([nodeCommand(port, 'leader')], `esdb://127.0.0.1:${port}?tls=false`);
    await expect(fetch(`http://127.0.0.1:${port}/end`)).rejects.toThrow();
    expect(await new Orders(nodes.url).settled()).toEqual({ leader: 0, all: [0] });
  });
});
