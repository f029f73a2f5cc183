import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultyLink } from './faulty-link.js';

/** Resolves on an event whether or not an error comes first. */
const happened = (client: Socket, event: string) => new Promise<void>((resolve) => client.once(event, () => resolve()));

describe('the link to PostgreSQL that can fail', () => {
  let folder: string;
  let echo: Server;
  let link: FaultyLink;
  const clients: Socket[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'link-'));
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    echo.listen(join(folder, 's'));
    await once(echo, 'listening');
    link = await FaultyLink.open({ path: join(folder, 's') });
  });
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.destroy());
    await link.close();
    echo.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function connect(): Promise<Socket> {
    const client = createConnection(link.port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => undefined);
    // A connection that is broken at once may never say that it was made.
    await Promise.race(['connect', 'close'].map((event) => happened(client, event)));
    return client;
  }

  /** Resolves with the echo of `text`, or with null when the connection breaks first. */
  async function sent(client: Socket, text: string): Promise<string | null> {
    let received = '';
    return new Promise((resolve) => {
      client.on('data', (piece: Buffer) => {
        received += piece.toString();
        if (received.length === text.length) resolve(received);
      });
      if (client.destroyed) resolve(null);
      client.once('close', () => resolve(null));
      client.write(text);
    });
  }

  it('passes on what is sent, large or small', async () => {
    expect(await sent(await connect(), 'hello')).toBe('hello');
    const large = 'x'.repeat(5_000_000);
    expect(await sent(await connect(), large)).toBe(large);
  });

  it('breaks every connection on a cut, and takes new ones', async () => {
    const client = await connect();
    expect(await sent(client, 'one')).toBe('one');
    const broken = happened(client, 'close');
    link.cut();
    await broken;
    expect(await sent(await connect(), 'two')).toBe('two');
  });

  it('takes no connection while it refuses, and takes them again when it has healed', async () => {
    link.refuse();
    expect(await sent(await connect(), 'one')).toBeNull();
    link.heal();
    expect(await sent(await connect(), 'two')).toBe('two');
  });

  it('holds everything back while it is silent, and delivers it in order when it has healed', async () => {
    const client = await connect();
    expect(await sent(client, 'before')).toBe('before');
    link.silence();
    const held = await connect();
    const answers = [sent(held, 'first'), sent(await connect(), 'second')];
    const pending = Symbol('pending');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.race([...answers, Promise.resolve(pending)])).toBe(pending);
    link.heal();
    expect(await Promise.all(answers)).toEqual(['first', 'second']);
  });

  it('lets each piece through later while it is slow', async () => {
    const client = await connect();
    link.slow(60);
    const startedAt = performance.now();
    expect(await sent(client, 'late')).toBe('late');
    // There and back; timers may be early by a millisecond.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(118);
  });
});
