import { fileURLToPath } from 'node:url';
import { runNode } from './child.mjs';

const JEST = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url));

/** Runs Jest with the flag that native ES modules need; resolves to its exit code. */
export function runJest(args, env = {}) {
  const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
  return runNode([...flags, JEST, ...args], { env: { ...process.env, ...env } });
}
