import 'reflect-metadata';
import { measureCatchUp } from './support/catch-up-part.js';
import { describeMachine, machineLine } from './support/machine.js';
import { readOptions, wholeNumber } from './support/options.js';
import { runBenchmark } from './support/run-benchmark.js';

/**
 * `npm run bench -- catch-up --events N`: how fast a long log is read and all read models are rebuilt from it, and how
 * long listings and audit queries take on what they hold then.
 */
await runBenchmark('catch-up', async (cleanUp, args) => {
  const given = readOptions(
    {
      events: { value: '200000', help: 'events of the log, at least; 10000000 takes minutes and 20 GB' },
      tokens: { value: '10000', help: 'tokens' },
      organizations: { value: '500', help: 'organizations that they belong to' },
      queries: { value: '100', help: 'how often each query is asked' },
    },
    args,
  );
  const number = (name: keyof typeof given): number => wholeNumber(name, given[name]);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const measured = await measureCatchUp(cleanUp, {
    events: number('events'),
    tokens: number('tokens'),
    organizations: number('organizations'),
    queries: number('queries'),
  });
  return { machine, ...measured };
});
