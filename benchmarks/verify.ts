import 'reflect-metadata';
import { measureBatch } from './support/batch-part.js';
import type { CleanUp } from './support/clean-up.js';
import { measureFlood } from './support/flood-part.js';
import { measureHttp } from './support/http-part.js';
import { describeMachine, machineLine } from './support/machine.js';
import { measureOpenLoop } from './support/open-part.js';
import { BadUsage, readOptions, wholeNumber } from './support/options.js';
import { measureInProcess } from './support/process-part.js';
import { runBenchmark } from './support/run-benchmark.js';

/**
 * `npm run bench -- verify`: how many uses a ledger can verify, charge and keep, with its read models live: over HTTP
 * as a ratio to a bare echo, one at a time and many, how long they take at half of that rate, and in one process as a
 * ratio to a bare insert of the same bytes.
 */
await runBenchmark('verify', async (cleanUp, args) => {
  const given = readOptions(
    {
      only: { value: 'http,open,batch,process', help: 'parts to measure; there is flood besides' },
      rounds: { value: '5', help: 'rounds over HTTP' },
      seconds: { value: '3', help: 'seconds of each measurement' },
      connections: { value: '64', help: 'connections over HTTP' },
      callers: { value: '1,16,64,256', help: 'callers in the process' },
      tokens: { value: '1000', help: 'tokens, used in turn' },
      organizations: { value: '20', help: 'organizations that they belong to' },
      items: { value: '100', help: 'uses in a batch' },
      'batch-connections': { value: '16', help: 'connections that send batches' },
      'event-store': {
        value: '',
        help: 'address of an EventStoreDB, on which the part http is measured as well; esdb://…',
      },
      profile: { value: '', help: 'folder for CPU profiles of the server; none when empty' },
    },
    args,
  );
  const number = (name: Exclude<keyof typeof given, 'only' | 'callers' | 'profile' | 'event-store'>): number =>
    wholeNumber(name, given[name]);
  const shared = {
    seconds: number('seconds'),
    tokens: number('tokens'),
    organizations: number('organizations'),
  };
  const http = {
    ...shared,
    rounds: number('rounds'),
    connections: number('connections'),
    profileDir: given.profile || null,
  };
  const callers = given.callers.split(',').map((text) => wholeNumber('callers', text));
  const batch = { ...http, connections: number('batch-connections'), items: number('items') };
  const parts: Readonly<Record<string, (cleanUp: CleanUp) => Promise<object>>> = {
    http: async (cleanUp) => {
      const postgres = await measureHttp(cleanUp, http);
      const eventStore = given['event-store'];
      return eventStore === ''
        ? postgres
        : { postgres, eventStore: await measureHttp(cleanUp, { ...http, eventStore }) };
    },
    open: (cleanUp) => measureOpenLoop(cleanUp, http),
    batch: (cleanUp) => measureBatch(cleanUp, batch),
    process: (cleanUp) => measureInProcess(cleanUp, { ...shared, callers }),
    flood: (cleanUp) => measureFlood(cleanUp, http),
  };
  const wanted = given.only.split(',');
  const unknown = wanted.find((name) => !(name in parts));
  if (unknown !== undefined) {
    throw new BadUsage(`--only: there is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}`);
  }
  const machine = describeMachine();
  console.log(machineLine(machine));
  const results: [string, object][] = [];
  for (const name of wanted) results.push([name, await parts[name]!(cleanUp)]);
  return { machine, ...Object.fromEntries(results) };
});
