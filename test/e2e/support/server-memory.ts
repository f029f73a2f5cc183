import { readFile } from 'node:fs/promises';

/** Resident memory of a process in MB; Linux only. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`the memory of process ${pid} is not told`);
  return Number(kilobytes) / 1024;
}

/** Watches the memory of a process while `work` runs; the highest that was seen, in MB. */
export async function peakMbDuring<T>(pid: number, work: () => Promise<T>): Promise<{ peakMb: number; result: T }> {
  let peakMb = await residentMb(pid);
  const timer = setInterval(() => {
    residentMb(pid).then(
      (mb) => (peakMb = Math.max(peakMb, mb)),
      () => undefined,
    );
  }, 20);
  try {
    const result = await work();
    return { peakMb: Math.max(peakMb, await residentMb(pid)), result };
  } finally {
    clearInterval(timer);
  }
}
