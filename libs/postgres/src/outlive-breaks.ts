import type { ClientBase } from 'pg';

/**
 * `onConnect` of a pool whose connections are lent out. A connection may break in the very packet that makes it ready,
 * before whoever asked for it can listen, and an error that nobody listens to ends the process. What breaks is still
 * reported: by the next statement on that connection.
 */
export function outliveBreaks(client: ClientBase): void {
  client.on('error', () => undefined);
}
