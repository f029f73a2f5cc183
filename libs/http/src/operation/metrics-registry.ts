import { Registry } from 'prom-client';

/** Metrics of this process, shown by `/metrics`; provided globally. Names begin with `token_ledger_`. */
export class MetricsRegistry extends Registry {}
