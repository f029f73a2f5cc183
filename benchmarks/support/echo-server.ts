import Fastify from 'fastify';

/** What a bare echo says when it can be called; the address follows. */
export const ECHO_READY = 'echo on ';

/**
 * The yardstick: a POST with Fastify and nothing else, which parses its JSON body and sends it back. Runs in a process
 * of its own, like the ledger.
 */
export async function serveEcho(): Promise<void> {
  const server = Fastify({ logger: false });
  server.post('/echo', (request, reply) => reply.send(request.body));
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  process.stdout.write(`${ECHO_READY}${address}\n`);
}
