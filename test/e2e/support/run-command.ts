import { execFile } from 'node:child_process';

const ROOT = new URL('../../..', import.meta.url).pathname;
const KEPT = ['PATH', 'HOME', 'TMPDIR'];
/** Says that the sources are newer than the build, and are built first. */
const LAUNCHER = /^token-ledger: .*\n/gm;

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** Without the lines of the launcher. */
  readonly stderr: string;
}

/** Runs a command of the product as `npm run <command> -- <arguments>` does, with no more environment than is given. */
export function runCommand(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const program = ['scripts/run.mjs', 'dist/apps/cli/src/main.js', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, program, { cwd: ROOT, env: { ...kept, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr: stderr.replaceAll(LAUNCHER, '') });
    });
  });
}
