import type { FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts';
import { comparePositions, type EventLog, parsePosition } from '#libs/event-log';
import { hasReachedHead, type ReadModelProgress } from './read-model-progress.js';

const WAIT_MS = 2_000;
/** For a read that names no position: longer than the read models are behind but under heavy load. */
const COURTESY_WAIT_MS = 300;

/**
 * Lets a read wait for the write that its caller has seen: `Ledger-Min-Position`. A read that names no position sees what
 * was acknowledged before it as well, as long as the read models are not far behind: a person who creates something and
 * then lists it expects to find it.
 */
export class ReadPosition {
  constructor(
    private readonly progress: ReadModelProgress,
    private readonly log: EventLog,
  ) {}

  /**
   * Resolves when the read models have reached the position that the request names; when it names none, after a short
   * wait for the head of the log, reached or not.
   * Refuses with `invalid_position` (not a position, or beyond the head) and, after 2 s, `not_ready`.
   */
  async reached(request: FastifyRequest): Promise<void> {
    const header = request.headers['ledger-min-position'];
    if (header === undefined) return this.recent();
    const position = parsePosition(String(header));
    if (await this.progress.waitFor(position, 0)) return;
    const { all } = await this.log.heads();
    if (comparePositions(position, all) > 0) throw refuse('invalid_position');
    if (await this.progress.waitFor(position, WAIT_MS)) return;
    throw refuse('not_ready', { detail: 'The read model has not reached Ledger-Min-Position yet.' });
  }

  private async recent(): Promise<void> {
    try {
      await hasReachedHead(this.progress, this.log, COURTESY_WAIT_MS);
    } catch {
      // Nobody asked for a position: while the log is away, reads answer what the read models hold.
    }
  }
}
