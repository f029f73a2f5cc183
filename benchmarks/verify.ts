import 'reflect-metadata';
import { measureFlood } from './support/flood-part.js';
import { measureHttp } from './support/http-part.js';
import { describeMachine, machineLine } from './support/machine.js';
import { readOptions, wholeNumber } from './support/options.js';
import { measureInProcess } from './support/process-part.js';
import { runBenchmark } from './support/run-benchmark.js';

/**
 * `npm run bench -- verify`: how many uses a ledger can verify, charge and keep, with its read models live: over HTTP
 * as a ratio to a bare echo, and in one process as a ratio to a bare insert of the same bytes.
 */
await runBenchmark('verify', async (cleanUp, args) => {
  const given = readOptions(
    {
      only: { value: 'both', help: 'http, process, both of them, or flood' },
      rounds: { value: '5', help: 'rounds over HTTP' },
      seconds: { value: '3', help: 'seconds of each measurement' },
      connections: { value: '64', help: 'connections over HTTP' },
      callers: { value: '1,16,64,256', help: 'callers in the process' },
      tokens: { value: '1000', help: 'tokens, used in turn' },
      organizations: { value: '20', help: 'organizations that they belong to' },
      profile: { value: '', help: 'folder for a CPU profile of the server; none when empty' },
    },
    args,
  );
  const number = (name: Exclude<keyof typeof given, 'only' | 'callers' | 'profile'>): number =>
    wholeNumber(name, given[name]);
  const shared = {
    seconds: number('seconds'),
    tokens: number('tokens'),
    organizations: number('organizations'),
  };
  const http = { ...shared, rounds: number('rounds'), connections: number('connections') };
  const callers = given.callers.split(',').map((text) => wholeNumber('callers', text));
  const machine = describeMachine();
  console.log(machineLine(machine));
  if (given.only === 'flood') return { machine, flood: await measureFlood(cleanUp, http) };
  return {
    machine,
    ...(given.only === 'process'
      ? {}
      : { http: await measureHttp(cleanUp, { ...http, profileDir: given.profile || null }) }),
    ...(given.only === 'http' ? {} : { process: await measureInProcess(cleanUp, { ...shared, callers }) }),
  };
});
