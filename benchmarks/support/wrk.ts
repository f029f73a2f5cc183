import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CleanUp } from './clean-up.js';
import { BenchmarkFailed } from './run-benchmark.js';

/** One run of wrk against one address. */
export interface Load {
  /** Of what is loaded, for the message of a failure. */
  readonly name: string;
  /** Where the script that `writeLoadScript` made lies. */
  readonly script: string;
  readonly url: string;
  readonly path: string;
  readonly seconds: number;
  readonly connections: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A request that is sent over and over, with a bearer token and one of `bodies` after the other. */
export interface LoadRequests {
  readonly bearer: string;
  readonly bodies: readonly string[];
}

const LUA = `
local requests = {}
local next_request = 0

function init(args)
  for _, body in ipairs(bodies) do
    requests[#requests + 1] = wrk.format("POST", args[1], headers, body)
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"broken":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
`;

/** Throws BenchmarkFailed when wrk is not installed. */
export function requireWrk(): void {
  if (spawnSync('wrk', ['--version'], { stdio: 'ignore' }).error === undefined) return;
  throw new BenchmarkFailed('wrk is not installed. On Debian and Ubuntu: apt-get install wrk');
}

/** Writes the script for wrk; only this user can read it, because it holds token strings. Returns its path. */
export async function writeLoadScript(folder: string, { bearer, bodies }: LoadRequests): Promise<string> {
  const path = join(folder, 'verify.lua');
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
  const table = Object.entries(headers).map(([name, value]) => `[${quoted(name)}] = ${quoted(value)}`);
  const script = `local headers = { ${table.join(', ')} }\nlocal bodies = {\n${bodies.map(quoted).join(',\n')}\n}\n${LUA}`;
  await writeFile(path, script, { mode: 0o600 });
  return path;
}

/** Loads an address from one thread for some seconds. Throws BenchmarkFailed when an answer is not 2xx or does not come. */
export async function runLoad(
  cleanUp: CleanUp,
  { name, script, url, path, seconds, connections }: Load,
): Promise<LoadResult> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url, '--', path];
  const output = await outputOf(cleanUp, 'wrk', args);
  const result = /^RESULT (\{.*\})$/m.exec(output)?.[1];
  if (result === undefined) throw new BenchmarkFailed(`wrk did not report its result:\n${output}`);
  const { requests, durationUs, p50Us, p99Us, refused, broken } = JSON.parse(result) as Record<string, number>;
  // Broken: connections that failed, reads, writes and timeouts.
  if (refused !== 0 || broken !== 0) {
    throw new BenchmarkFailed(`${name}: ${refused} answers were not 2xx, ${broken} were not answered`);
  }
  const perSecond = Number(requests) / (Number(durationUs) / 1e6);
  const [p50Ms, p99Ms] = [Number(p50Us) / 1000, Number(p99Us) / 1000];
  return { requests: Number(requests), perSecond, p50Ms, p99Ms };
}

function outputOf(cleanUp: CleanUp, command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    cleanUp.add(() => void child.kill());
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new BenchmarkFailed(`${command} ended with ${code}:\n${output}`));
    });
  });
}

/** A string of Lua; what is quoted here is JSON and token strings, which hold no control characters. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
