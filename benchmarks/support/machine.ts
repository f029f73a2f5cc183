import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { rounded } from './statistics.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly platform: string;
  /** Average over the last minute: well above zero before the first measurement means that the machine was not quiet. */
  readonly loadAtStart: number;
}

/** What the figures were made on. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    loadAtStart: rounded(loadavg()[0] ?? 0, 2),
  };
}

/** One line for people. */
export function machineLine({ cpu, cores, memoryGib, node, platform, loadAtStart }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGib} GiB, ${platform}, Node ${node}; load before the run ${loadAtStart}`;
}
