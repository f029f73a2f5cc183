import { EventStoreDBClient } from '@eventstore/db-client';

interface Shared {
  readonly client: EventStoreDBClient;
  users: number;
}

const clients = new Map<string, Shared>();

/** A client that the whole process shares, and how to give it back. */
export interface SharedClient {
  readonly client: EventStoreDBClient;
  release(): Promise<void>;
}

/**
 * The one client of this process for a server: connections, discovery of the leader and reconnecting are its work.
 * Throws on anything but `esdb://` and `esdb+discover://`, without saying what it was: it may hold a password.
 */
export function shareClient(connectionString: string): SharedClient {
  const shared = clients.get(connectionString) ?? { client: connect(connectionString), users: 0 };
  clients.set(connectionString, shared);
  shared.users += 1;
  let isReleased = false;
  const release = async () => {
    if (isReleased) return;
    isReleased = true;
    shared.users -= 1;
    if (shared.users > 0) return;
    clients.delete(connectionString);
    await shared.client.dispose();
  };
  return { client: shared.client, release };
}

/** How the client begins when it cannot read the file that `tlsCAFile` names. */
const NO_CERTIFICATE = 'Failed to load certificate file';
const NO_CERTIFICATE_FILE = 'the certificate file that tlsCAFile names cannot be read';

function connect(connectionString: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(connectionString);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith(NO_CERTIFICATE)) throw new Error(NO_CERTIFICATE_FILE);
    // Not what the client says: it quotes the string, which holds a password.
    throw new Error('not a connection string of EventStoreDB: it begins with esdb:// or esdb+discover://');
  }
}
