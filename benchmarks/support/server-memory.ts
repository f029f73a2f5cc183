import { readFile } from 'node:fs/promises';
import type { ChildLedger } from './child-server.js';

/** Memory of a server in MB (10⁶ bytes); NaN where the system does not tell. */
export interface ServerMemory {
  /** Resident: what the process really takes. */
  readonly rssMb: number;
  /** The highest that `rssMb` has been so far. */
  readonly peakMb: number;
  /** Objects of JavaScript. */
  readonly heapMb: number;
  /** Buffers and what else lies outside the heap. */
  readonly externalMb: number;
}

/** Reads what a server takes at the moment, from the system and from its own metrics. */
export async function readServerMemory({ pid, admin }: ChildLedger): Promise<ServerMemory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const response = await fetch(`${admin.url}/metrics`, { headers: { authorization: `Bearer ${admin.token}` } });
  const metrics = await response.text();
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  const bytes = (metric: string): number =>
    Number(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(metrics)?.[1]);
  return {
    rssMb: (kilobytes('VmRSS') * 1024) / 1e6,
    peakMb: (kilobytes('VmHWM') * 1024) / 1e6,
    heapMb: bytes('nodejs_heap_size_used_bytes') / 1e6,
    externalMb: bytes('nodejs_external_memory_bytes') / 1e6,
  };
}
