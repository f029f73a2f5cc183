import { createServer } from 'node:net';

const TRIES = 50;

/** The port cannot be listened on; the message says so in a sentence. */
export class PortBusy extends Error {
  override name = 'PortBusy';
}

/**
 * The port to listen on. A chosen port that is busy is an error; the default one moves on to the next that is free.
 * Throws PortBusy.
 */
export async function findPort(host: string, wanted: number, isChosen: boolean): Promise<number> {
  if (wanted === 0 || (await isFree(host, wanted))) return wanted;
  if (isChosen)
    throw new PortBusy(`Port ${wanted} on ${host} is in use. Set PORT to a free one, or stop what uses it.`);
  for (let port = wanted + 1; port < wanted + TRIES; port += 1) {
    if (await isFree(host, port)) return port;
  }
  throw new PortBusy(`No free port from ${wanted} to ${wanted + TRIES - 1} on ${host}. Set PORT to a free one.`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
