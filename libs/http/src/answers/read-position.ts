import type { FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts';
import { comparePositions, type EventLog, parsePosition } from '#libs/event-log';
import type { ReadModelProgress } from './read-model-progress.js';

const WAIT_MS = 2_000;

/** Lets a read wait for the write that its caller has seen: `Ledger-Min-Position`. */
export class ReadPosition {
  constructor(
    private readonly progress: ReadModelProgress,
    private readonly log: EventLog,
  ) {}

  /**
   * Resolves when the read models have reached the position that the request names, at once when it names none.
   * Refuses with `invalid_position` (not a position, or beyond the head) and, after 2 s, `not_ready`.
   */
  async reached(request: FastifyRequest): Promise<void> {
    const header = request.headers['ledger-min-position'];
    if (header === undefined) return;
    const position = parsePosition(String(header));
    if (await this.progress.waitFor(position, 0)) return;
    const { all } = await this.log.heads();
    if (comparePositions(position, all) > 0) throw refuse('invalid_position');
    if (await this.progress.waitFor(position, WAIT_MS)) return;
    throw refuse('not_ready', { detail: 'The read model has not reached Ledger-Min-Position yet.' });
  }
}
