import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Listening {
  readonly server: Server;
  /** Leads through what listens. */
  readonly connectionString: string;
}

/**
 * Listens on a port in place of a PostgreSQL behind a unix socket, which `connectionString` names. `relay` is called with
 * each client, and connects it.
 */
export async function listenBefore(
  connectionString: string,
  relay: (client: Socket, connect: () => Socket) => void,
): Promise<Listening> {
  const direct = new URL(connectionString);
  const connect = () => createConnection(`${direct.searchParams.get('host')}/.s.PGSQL.${direct.port}`);
  const server = createServer((client) => relay(client, connect)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const through = `postgres://${direct.username}@127.0.0.1:${port}${direct.pathname}?sslmode=disable`;
  return { server, connectionString: through };
}
