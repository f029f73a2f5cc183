/** What happens inside the engine, for logs and metrics. Holds no event data. */
export type ProjectionReport =
  | { readonly kind: 'applied'; readonly events: number; readonly durationMs: number }
  /** Something temporary failed; it is tried again after `delayMs`, for as long as it takes. */
  | {
      readonly kind: 'retrying';
      readonly activity: 'apply' | 'rebuild' | 'waitFor' | 'lease' | 'thread';
      readonly error: unknown;
      readonly failures: number;
      readonly delayMs: number;
    }
  /** This process follows the log from now on; `epoch` counts the turns of all projectors. */
  | { readonly kind: 'turnBegan'; readonly epoch: string }
  /** It stands by again, or stops. `isLost`: another has taken over, because this one was not heard of. */
  | { readonly kind: 'turnEnded'; readonly epoch: string; readonly isLost: boolean }
  /** An event could not be folded: its partition key is quarantined in this projection. */
  | {
      readonly kind: 'quarantined';
      readonly projection: string;
      readonly partitionKey: string;
      readonly position: string;
      readonly eventType: string;
      readonly error: string;
    }
  /** Projections were filled anew, and what they had held was replaced. */
  | {
      readonly kind: 'rebuilt';
      readonly projections: readonly string[];
      readonly events: number;
      readonly durationMs: number;
    }
  /** A rebuild failed, or was called off; what was live still is. */
  | { readonly kind: 'rebuildFailed'; readonly projections: readonly string[]; readonly error: unknown };

export type Reporter = (report: ProjectionReport) => void;
