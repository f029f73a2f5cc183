/**
 * What the work comes to; what `late` gives or throws when that takes longer than `timeoutMs`. What comes of the work
 * afterwards is not looked at.
 */
export async function within<Result, Late>(
  timeoutMs: number,
  work: Promise<Result>,
  late: () => Late,
): Promise<Result | Late> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  // The loser of the race must not surface as an unhandled rejection.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, bound.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
