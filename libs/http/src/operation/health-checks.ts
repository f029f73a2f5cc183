import type { Json } from '#libs/kernel';

export interface HealthReport {
  readonly ok: boolean;
  /** Shown to everyone who asks: no secrets, no addresses. */
  readonly detail?: Json;
}

export type HealthCheck = () => HealthReport | Promise<HealthReport>;

export interface Readiness {
  readonly status: 'ready' | 'not_ready' | 'draining';
  readonly checks: Readonly<Record<string, HealthReport>>;
}

/** What this process needs in order to answer; provided globally, parts add their checks when they start. */
export class HealthChecks {
  private readonly checks = new Map<string, HealthCheck>();
  private draining = false;
  private running: Promise<Readiness> | null = null;

  constructor(private readonly timeoutMs = 2_000) {}

  /** Adds a check. It may throw, and is waited for a bounded time: both are `ok: false`. */
  add(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready: the process is going down, and no new request should be sent here. */
  startDraining(): void {
    this.draining = true;
  }

  /** The state now. Questions that arrive while one is being answered share its answer, so that none can cause load. */
  readiness(): Promise<Readiness> {
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async run(): Promise<Readiness> {
    const names = [...this.checks.keys()].sort();
    const reports = await Promise.all(names.map((name) => reportOf(this.checks.get(name), this.timeoutMs)));
    const checks = Object.fromEntries(names.map((name, index) => [name, reports[index] ?? { ok: false }]));
    const ok = reports.every((report) => report.ok);
    return { status: this.draining ? 'draining' : ok ? 'ready' : 'not_ready', checks };
  }
}

async function reportOf(check: HealthCheck | undefined, timeoutMs: number): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthReport>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve(check?.() ?? { ok: false }), late]);
  } catch {
    // The reason may name hosts and users; it is for the log of the part that failed.
    return { ok: false, detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
