import { spawnSync } from 'node:child_process';

/** A program that a test runs and that npm does not bring. */
export interface Program {
  readonly command: string;
  /** Makes it say its version and end. */
  readonly versionFlag: string;
  /** Of Debian, what `apt-get install` is given. */
  readonly package: string;
}

export const CURL: Program = { command: 'curl', versionFlag: '--version', package: 'curl' };
export const NGINX: Program = { command: 'nginx', versionFlag: '-v', package: 'nginx' };
export const REDIS: Program = { command: 'redis-server', versionFlag: '--version', package: 'redis-server' };
export const ZSH: Program = { command: 'zsh', versionFlag: '--version', package: 'zsh' };

/** The search path with the folder in which Debian keeps servers, where only root looks for commands. */
export const PROGRAM_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin`;

export function isInstalled({ command, versionFlag }: Program): boolean {
  return spawnSync(command, [versionFlag], { env: { ...process.env, PATH: PROGRAM_PATH } }).status === 0;
}

/**
 * Whether a test can run the program. Where it is missing, one line says which package brings it and `leftOut`, what is
 * not tested without it. A machine that has installed it names it in LEDGER_TEST_REQUIRES (commands, separated by blanks),
 * and there it throws: nothing is left out for want of what was to be there.
 */
export function canRun(program: Program, leftOut: string): boolean {
  if (isInstalled(program)) return true;
  const missing = `${program.command} is not installed (Debian: apt-get install ${program.package})`;
  const required = (process.env['LEDGER_TEST_REQUIRES'] ?? '').split(' ');
  if (required.includes(program.command)) throw new Error(`${missing}, and LEDGER_TEST_REQUIRES names it`);
  process.stderr.write(`SKIPPED ${leftOut}: ${missing}\n`);
  return false;
}

/** `it` or `describe` where the program is installed; elsewhere what counts them as skipped, said as `canRun` says it. */
export function whereInstalled<Block>(
  block: Block & { readonly skip: Block },
  program: Program,
  leftOut: string,
): Block {
  return canRun(program, leftOut) ? block : block.skip;
}
