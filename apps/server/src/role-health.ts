import type { Role } from '#libs/config';
import type { HealthChecks } from '#libs/http';

/** Says which part of the ledger this process is. */
export function addRoleHealth(health: HealthChecks, role: Role): void {
  health.add('role', () => ({ ok: true, detail: { role } }));
}
