import { refuse } from '#libs/contracts';

/**
 * What the queue answers; refused with `not_ready` when it has not answered in time. The queue outlives a backend that
 * goes away by waiting for it, for ever: right for a worker, and not for a caller, whose request would hang. What was
 * asked for may still be done later.
 */
export async function answerWithin<Answer>(withinMs: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const detail = 'The queue of jobs does not answer now.';
    timer = setTimeout(() => reject(refuse('not_ready', { detail })), withinMs);
  });
  // Its failure is of no use to anybody once the caller has been answered.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
