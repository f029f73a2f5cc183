import 'reflect-metadata';
import { describeMachine, machineLine } from './support/machine.js';
import { readOptions, wholeNumber } from './support/options.js';
import { runBenchmark } from './support/run-benchmark.js';
import { measureScale } from './support/scale-part.js';

/**
 * `npm run bench -- scale`: what a ledger with very many live tokens costs beside one with few, in one run: start-up,
 * memory, and the rate and latency of verified, charged uses.
 */
await runBenchmark('scale', async (cleanUp, args) => {
  const given = readOptions(
    {
      tokens: { value: '1000000', help: 'live tokens of the large ledger' },
      organizations: { value: '10000', help: 'organizations that they belong to' },
      rounds: { value: '5', help: 'rounds of load' },
      seconds: { value: '3', help: 'seconds of each measurement' },
      connections: { value: '64', help: 'connections' },
      starts: { value: '3', help: 'starts of the large ledger' },
    },
    args,
  );
  const number = (name: keyof typeof given): number => wholeNumber(name, given[name]);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const scale = await measureScale(cleanUp, {
    tokens: number('tokens'),
    organizations: number('organizations'),
    rounds: number('rounds'),
    seconds: number('seconds'),
    connections: number('connections'),
    starts: number('starts'),
  });
  return { machine, ...scale };
});
