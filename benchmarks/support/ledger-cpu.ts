import type { ChildLedger } from './child-server.js';

/** Microseconds of the processor for each request or use. */
export interface LedgerCpu {
  readonly node: number;
  readonly postgres: number;
}

/** Tells what a ledger has taken of the processor since this call, divided by so many. */
export async function watchCpu(ledger: ChildLedger): Promise<(count: number) => Promise<LedgerCpu>> {
  const read = async () => [await ledger.cpuSeconds(), await ledger.postgresCpuSeconds()] as const;
  const [nodeBefore, postgresBefore] = await read();
  return async (count) => {
    const [node, postgres] = await read();
    return { node: ((node - nodeBefore) * 1e6) / count, postgres: ((postgres - postgresBefore) * 1e6) / count };
  };
}
