import type { Role } from '#libs/config';
import type { HealthChecks } from '#libs/http';
import type { ProjectionEngine } from '#libs/projections';

/** Says which part of the ledger this process is; of a projector, whether it is the one that follows the log. */
export function addRoleHealth(health: HealthChecks, role: Role, projections: ProjectionEngine): void {
  health.add('role', () => {
    if (role !== 'projector') return { ok: true, detail: { role } };
    const { turn } = projections;
    return { ok: true, detail: turn === null ? { role, state: 'standby' } : { role, state: 'active', turn } };
  });
}
