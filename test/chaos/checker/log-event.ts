import type { RecordedEvent } from '#libs/event-log';

/** An event as the checker reads it: by names alone, so that it shares no code with what it checks. */
export interface LogEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: Readonly<Record<string, any>>;
}

export function logEventOf(event: RecordedEvent): LogEvent {
  const { id, type, stream, revision, position, data } = event;
  return { id, type, stream, revision, position, data: data as LogEvent['data'] };
}
