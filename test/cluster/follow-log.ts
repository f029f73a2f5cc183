import { type EventLog, type Position, START } from '#libs/event-log';
import { type LogEvent, logEventOf } from '../chaos/checker/log-event.js';

export interface Following {
  readonly take: (event: LogEvent) => void;
  readonly isDone: () => boolean;
  readonly withinMs: number;
  /** What to do at the end of the log, before it is looked at again. */
  readonly between: () => Promise<unknown>;
}

/** Reads a log from its beginning on, until it is done at the end of it, or the time is up. */
export async function followLog(log: EventLog, { take, isDone, withinMs, between }: Following): Promise<void> {
  const until = performance.now() + withinMs;
  for (let after: Position = START; ;) {
    const { events, next } = await log.readAll({ after, limit: 1_000 });
    for (const event of events) take(logEventOf(event));
    after = next;
    if (events.length > 0) continue;
    if (isDone() || performance.now() > until) return;
    await between();
  }
}
