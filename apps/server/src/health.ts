import type { HealthChecks } from '#libs/http';
import { AppendHealth } from './append-health.js';
import type { Services } from './services.js';
import { probeWriting } from './write-probe.js';

const LAG_SECONDS_MAX = 60;

/** What has to hold for this server to be sent requests. */
export function addHealthChecks(health: HealthChecks, { store, verification }: Services): void {
  const appends = new AppendHealth({
    activity: store.metrics.appends.activity,
    probe: () => probeWriting(store.dataSource),
  });
  health.add('log', async () => {
    await store.log.heads();
    const reason = await appends.refusal();
    // A log that can be read and not written confirms refusals only: no use, no charge, no revocation can be recorded.
    return reason === null ? { ok: true } : { ok: false, detail: { reason } };
  });
  health.add('verification', async () => {
    await verification.barrier.confirm();
    const detail = { ...store.revocation, tokens: verification.state.tokenCount };
    return { ok: true, detail };
  });
  health.add('readModels', async () => {
    const statuses = await store.projections.status();
    const lagSeconds = Math.max(0, ...statuses.map((status) => status.lagSeconds));
    const deadLetters = statuses.reduce((sum, status) => sum + status.deadLetters, 0);
    // Lag is shown and does not take the server out: verification needs no read model.
    return { ok: true, detail: { lagSeconds, deadLetters, isLate: lagSeconds > LAG_SECONDS_MAX } };
  });
  health.add('clock', () => ({ ok: true, detail: { offsetMs: store.clock.offsetMs } }));
}
