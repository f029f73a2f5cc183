import { createHmac } from 'node:crypto';
import { SecuritySnapshots, SecuritySnapshotTable } from '#libs/verification';
import type { Installation } from './installation.js';
import type { Services } from './services.js';
import type { Shutdown } from './shutdown.js';

/**
 * Brings verification to the head of the log before anything is asked: from the snapshot that an earlier run kept and
 * what came after it, or from the whole log. From then on snapshots are kept for the next start.
 */
export async function warmUpSecurity(services: Services, { uid }: Installation, shutdown: Shutdown): Promise<void> {
  const { store, verification, logger } = services;
  const { state, barrier } = verification;
  const snapshots = new SecuritySnapshots({
    state,
    barrier,
    log: store.log,
    store: new SecuritySnapshotTable(store.connectionString),
    installation: uid,
    // Not the pepper itself, so that a seal never is a verifier.
    key: createHmac('sha256', store.secrets.pepper).update('seal of security snapshots').digest(),
    onFailure: (error) => logger.warn({ err: error }, 'the snapshot of the security state could not be used or kept'),
  });
  const snapshot = await snapshots.load();
  await barrier.warmUp();
  const isUnfit = snapshot === 'otherLog' || snapshot === 'damaged';
  const facts = { snapshot, tokens: state.tokenCount, eventsRead: state.foldedCount };
  if (isUnfit)
    logger.warn(facts, 'the snapshot of the security state does not fit; the log was read from its beginning');
  else logger.info(facts, 'the security state is at the head of the log');
  snapshots.start();
  shutdown.add('security snapshot', () => snapshots.stop());
}
