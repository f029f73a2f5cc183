const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** How long to wait before the next try, after so many failures in a row (at least 1). */
export function backOffMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
}

/** Waits; at once over when the signal is aborted, or when what `interrupt` was given is called. Never rejects. */
export function pause(
  durationMs: number,
  signal: AbortSignal,
  interrupt: (end: () => void) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener('abort', end);
    interrupt(end);
  });
}
