import 'reflect-metadata';
import { describeMachine, machineLine } from './support/machine.js';
import { readOptions, wholeNumber } from './support/options.js';
import { runBenchmark } from './support/run-benchmark.js';
import { measureSpread } from './support/spread-part.js';

/** `npm run bench -- spread`: what it costs when the checks of one ledger are paid by very many accounts instead of one. */
await runBenchmark('spread', async (cleanUp, args) => {
  const given = readOptions(
    {
      organizations: { value: '10000', help: 'accounts of the load that is spread' },
      tokens: { value: '20000', help: 'tokens of either load' },
      rounds: { value: '5', help: 'rounds of load' },
      seconds: { value: '3', help: 'seconds of each measurement' },
      connections: { value: '64', help: 'connections' },
    },
    args,
  );
  const number = (name: keyof typeof given): number => wholeNumber(name, given[name]);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const measured = await measureSpread(cleanUp, {
    organizations: number('organizations'),
    tokens: number('tokens'),
    rounds: number('rounds'),
    seconds: number('seconds'),
    connections: number('connections'),
  });
  return { machine, ...measured };
});
