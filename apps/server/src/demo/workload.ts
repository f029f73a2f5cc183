/** One thing that a token is used for. */
export interface Call {
  readonly operation: string;
  /** Credits. */
  readonly cost: number;
  readonly scope?: string;
  readonly resource?: string;
}

/** Something that uses a token again and again. */
export interface Workload {
  /** Key of the token. */
  readonly token: string;
  /** Handle of the organization that is named to pay; absent: whoever owns the token. */
  readonly requester?: string;
  readonly ips: readonly string[];
  readonly userAgent: string;
  readonly calls: readonly Call[];
  /** First and last day. */
  readonly days: readonly [number, number];
  /** Bursts a day, on average. */
  readonly rate: number;
  /** Fewest and most uses in a burst. */
  readonly burst: readonly [number, number];
  /** First and last hour in which a burst begins. */
  readonly hours: readonly [number, number];
  /** Share of the rate that is left at weekends; absent: half. */
  readonly weekend?: number;
  /** Sends an idempotency key with each use. */
  readonly keyed?: boolean;
}

/** Yesterday, when the history is told. */
export const LAST_DAY = 118;
export const OFFICE = [7, 17] as const;
export const ALL_DAY = [0, 22] as const;
export const PYTHON = 'python-requests/2.32.5';
export const GO = 'Go-http-client/2.0';
export const NODE = 'node';
export const JAVA = 'Java-http-client/21.0.5';
export const CURL = 'curl/8.14.1';

/** A model is run, on a resource where the token is bound to some. */
export function invoke(cost: number, resource?: string): Call {
  const call = { operation: 'models.invoke', cost, scope: 'models:invoke' };
  return resource === undefined ? call : { ...call, resource };
}

/** Something that costs nothing. */
export function free(operation: string, scope?: string): Call {
  return scope === undefined ? { operation, cost: 0 } : { operation, cost: 0, scope };
}
