import type { Position } from '#libs/event-log';
import type { ProjectionReport } from './projection-report.js';

/** What the thread of the read models is told. */
export type ToThread = { readonly kind: 'expect'; readonly position: Position } | { readonly kind: 'stop' };

/** What it tells. Errors in reports are plain objects: cloning an error loses its code. */
export type FromThread =
  | { readonly kind: 'following' }
  | { readonly kind: 'reached'; readonly position: Position }
  | { readonly kind: 'report'; readonly report: ProjectionReport };
